"""What is special about a digital line of NI-DAQ. NI's own package runs, on a driver of the tests' own."""

import pytest

from selfee_rt.config import NidaqConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Train
from tests.support import need_module
from tests.trigger.orders import limits, order, pulse

need_module("nidaqmx")
from selfee_rt.trigger.nidaq import Nidaq  # noqa: E402
from tests.trigger.daq import Driver, installed  # noqa: E402


@pytest.fixture
def driver():
    with installed(Driver()) as made:
        yield made


def device(line="Dev1/port0/line0"):
    return Nidaq(NidaqConfig(name="laser", line=line))


@pytest.fixture
def armed(driver):
    made = device()
    made.open()
    made.arm(limits())
    driver.levels.clear()
    yield made
    made.close()


def test_one_task_is_open_from_open_to_close(driver):
    made = device()
    assert driver.open_tasks == 0
    made.open()
    made.arm(limits())
    made.fire(order(pulse(1)))
    made.fire(order(pulse(1)))
    assert driver.open_tasks == 1
    made.close()
    assert driver.open_tasks == 0


def test_each_pulse_of_a_train_is_written(driver, armed):
    armed.fire(order(Train(5_000, 40_000, 3)))
    for _ in range(20):
        armed.keep_alive(100)
    assert driver.levels[:1] == [True]
    while len(driver.levels) < 6:
        armed.keep_alive(100)
    assert driver.levels == [True, False] * 3


def test_a_train_that_the_computer_cannot_time_is_refused(driver, armed):
    acknowledgement = armed.fire(order(Train(5_000, 25_000, 20)))
    assert acknowledgement.outcome == "refused"
    assert "at least 30 ms" in acknowledgement.why
    assert driver.levels == []


def test_a_line_that_does_not_exist_leaves_no_task_open(driver):
    with pytest.raises(DeviceError, match="Physical channel specified does not exist"):
        device("Dev1/port7/line0").open()
    assert driver.open_tasks == 0


def test_a_removed_device_is_lost_and_its_task_is_closed(driver, armed):
    driver.gone = True
    with pytest.raises(DeviceLost, match="was removed"):
        armed.fire(order(pulse(1)))
    armed.close()
    assert driver.open_tasks == 0


def test_without_nis_driver_it_says_what_to_install():
    with pytest.raises(DeviceError, match="install NI-DAQmx"):
        device().open()


def test_a_sham_writes_the_level_that_the_line_has_which_takes_as_long(driver, armed):
    armed.fire(order(pulse(5), withheld=True))
    for _ in range(20):
        armed.keep_alive(100)
    assert driver.levels == [False]
