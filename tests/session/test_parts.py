"""The small parts of a session: meters, commands between exposures, stages, recording's way in."""

import threading

import numpy as np
import pytest

from selfee_rt.accounting import Ledger
from selfee_rt.decide import Decision
from selfee_rt.errors import ChannelClosed, ControlError, RecordingFailed
from selfee_rt.session.commands import MOST_WAITING, Commands
from selfee_rt.session.line import Line
from selfee_rt.session.meter import WINDOW, Meter
from selfee_rt.session.progress import MOST_BOUTS, Progress, Rate
from selfee_rt.session.recording import Recording
from selfee_rt.session.stage import Stage
from selfee_rt.session.stages import Decided
from selfee_rt.types import Loss, SourceInfo
from tests.publish.samples import observation
from tests.session.rig import configure


def test_a_meter_says_nothing_before_there_is_something():
    status = Meter("x").status()
    assert (status.p50_ms, status.p99_ms, status.max_ms) == (None, None, None)


def test_a_meter_keeps_the_latest_latencies_and_the_largest_of_all():
    meter = Meter("x")
    meter.took(9_000_000_000)
    for each in range(WINDOW):
        meter.took(each * 1_000_000)
    status = meter.status(n_lost=3)
    p50, p95, p99 = np.percentile(np.arange(WINDOW), (50, 95, 99))
    assert (status.p50_ms, status.p95_ms, status.p99_ms) == pytest.approx((p50, p95, p99))
    assert status.max_ms == 9000
    assert status.n_lost == 3


def test_commands_run_in_the_thread_that_applies_them_in_order():
    woken = threading.Event()
    commands, ran, replies = Commands(woken.set), [], []

    def ask():
        replies.extend(commands.run(lambda n=n: ran.append((n, threading.current_thread())) or n, 10) for n in range(3))

    client = threading.Thread(target=ask)
    client.start()
    while len(replies) < 3:
        woken.wait(0.01)
        commands.apply()
    client.join()
    assert replies == [0, 1, 2]
    assert {thread for _, thread in ran} == {threading.current_thread()}


def test_a_command_that_nobody_comes_to_changes_nothing_later():
    commands, ran = Commands(lambda: None), []
    with pytest.raises(ControlError, match="did not come to it"):
        commands.run(lambda: ran.append(1), timeout_s=0.01)
    commands.apply()
    assert not ran


def test_a_refusal_reaches_the_one_who_asked_and_nobody_else():
    commands = Commands(lambda: commands.apply())

    def refuse():
        raise ControlError("no")

    with pytest.raises(ControlError, match="no"):
        commands.run(refuse, 1)


def test_a_fault_ends_the_deciding_thread_and_leaves_nobody_waiting_for_an_answer():
    errors = []

    def wake():
        with pytest.raises(ChannelClosed):
            commands.apply()

    def fault():
        raise ChannelClosed("the publisher is gone")

    commands = Commands(wake)
    try:
        commands.run(fault, 1)
    except ControlError as error:
        errors.append(str(error))
    assert errors == ["the session failed at this (the publisher is gone), and ends"]


def test_waiting_commands_are_bounded_and_refused_at_the_end():
    commands = Commands(lambda: None)
    outcomes = []

    def ask():
        try:
            commands.run(lambda: None, 10)
        except ControlError as error:
            outcomes.append(str(error))

    clients = [threading.Thread(target=ask) for _ in range(MOST_WAITING)]
    for client in clients:
        client.start()
    while len(commands._waiting) < MOST_WAITING:
        threading.Event().wait(0.01)
    with pytest.raises(ControlError, match="are waiting already"):
        commands.run(lambda: None, 1)
    commands.close()
    for client in clients:
        client.join()
    assert len(outcomes) == MOST_WAITING
    with pytest.raises(ControlError, match="ending"):
        commands.run(lambda: None, 1)


def test_a_stage_that_cannot_open_says_so_to_the_one_who_starts_it():
    def body(ready):
        raise RecordingFailed("no disk")

    failures = []
    stage = Stage("x", body, lambda name, error: failures.append((name, error)))
    with pytest.raises(RecordingFailed, match="no disk"):
        stage.start()
    assert failures == [("x", stage.error)]


def test_a_stage_that_fails_later_keeps_its_error():
    go = threading.Event()

    def body(ready):
        ready()
        go.wait(10)
        raise RecordingFailed("disk gone")

    failures = []
    stage = Stage("x", body, lambda name, error: failures.append(name))
    stage.start()
    assert stage.error is None
    go.set()
    assert stage.join(10)
    assert failures == ["x"]
    assert "disk gone" in str(stage.error)


def recording(on_failure, stopped, when_full="fail"):
    return Recording(items=2, frames=2, when_full=when_full, on_failure=on_failure, stop=stopped.append)


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_an_overrun_is_a_failed_recording_and_takes_nothing_more(on_failure):
    stopped = []
    way_in = recording(on_failure, stopped)
    for item in range(5):
        way_in.log(item)
    assert isinstance(way_in.failure, RecordingFailed)
    assert stopped == ([way_in.failure] if on_failure == "stop" else [])
    assert [way_in.log_channel.get(0), way_in.log_channel.get(0)] == [0, 1]
    with pytest.raises(ChannelClosed):
        way_in.log_channel.get(0)


def test_a_log_that_was_closed_without_a_failure_is_a_fault():
    way_in = recording("stop", [])
    way_in.log_channel.close()
    with pytest.raises(ChannelClosed):
        way_in.log(1)


def test_what_a_session_remembers_is_bounded():
    progress = Progress()
    progress.lost((Loss("gap", 0, 4), Loss("gap", 7, 7), Loss("edge", 9, 9)))
    assert progress.losses == {"gap": 6, "edge": 1}
    assert progress.bouts.maxlen == MOST_BOUTS


def test_alarms_close_in_time_are_one_alarm_of_their_arena():
    progress = Progress(alarm_merge_s=1.0)
    for index, left, right in ((0, True, None), (10, True, False), (25, None, True), (60, True, False)):  # 33 ms each
        said = (observation(index, "left", alarm=left), observation(index, "right", alarm=right))
        progress.observed(Decision(None, said, ()))
    assert (progress.n_alarms, progress.n_merged_alarms) == (4, 3)


def test_encoders_are_told_while_a_decision_is_made_behind_a_camera_and_never_behind_a_file(rig, tmp_path):
    for speed, quiet in ((1.0, False), ("max", True)):
        config = configure(rig, tmp_path / "s", source={"speed": speed}, publish={"observations": None})
        info = SourceInfo("x", 160, 120, False, 30.0, None, "due", speed != "max", speed == "max")
        line = Line(config, info, Ledger(), records_video=True, on_failure=lambda error: None)
        assert line.quiet.is_set()
        line.composed(None)
        assert line.quiet.is_set() == quiet
        line.live.get(0)
        line.decided(Decided((Loss("gap", 0, 1),), None))  # the losses before the exposure, which is still to come
        assert line.quiet.is_set() == quiet
        line.decided(Decided((), Decision(None, (), ())))
        assert line.quiet.is_set()


def test_a_rate_is_between_two_looks():
    rate = Rate(0)
    rate.update(10, 500_000_000)
    assert rate.per_s == 20
    rate.update(10, 1_000_000_000)
    assert rate.per_s == 0
