"""What [[device]] says becomes the device that it names, or an error that says why not."""

import builtins

import pytest
from pydantic import TypeAdapter

from selfee_rt import build
from selfee_rt.config import DeviceConfig
from selfee_rt.errors import MissingExtra
from selfee_rt.stimuli import Train
from tests.support import need_module

FORTY_HZ = Train(5_000, 25_000, 20)
HALF_MS = Train(500, 500, 1)


def config(**settings):
    return TypeAdapter(DeviceConfig).validate_python({"name": "led", **settings})


@pytest.mark.parametrize(
    ("settings", "module", "name"),
    [
        ({"kind": "dlclive_serial", "port": "COM3"}, "serial", "DlcLiveSerial"),
        ({"kind": "open_ephys"}, "zmq", "OpenEphys"),
        ({"kind": "lsl"}, "pylsl", "LslMarkers"),
        ({"kind": "osc", "port": 9000}, "pythonosc", "Osc"),
        ({"kind": "nidaq", "line": "Dev1/port0/line0"}, "nidaqmx", "Nidaq"),
        ({"kind": "null"}, "selfee_rt", "Null"),
    ],
)
def test_each_kind_of_device_is_built_and_not_yet_open(settings, module, name):
    need_module(module)
    assert type(build.actuator(config(**settings))).__name__ == name


@pytest.mark.parametrize(
    ("settings", "module"),
    [
        ({"kind": "dlclive_serial", "port": "COM3"}, "serial"),
        ({"kind": "lsl"}, "pylsl"),
        ({"kind": "osc", "port": 9000}, "pythonosc"),
        ({"kind": "nidaq", "line": "Dev1/port0/line0"}, "nidaqmx"),
    ],
)
@pytest.mark.parametrize("problem", [ImportError, RuntimeError])
def test_a_device_whose_package_is_not_installed_names_the_extra(monkeypatch, settings, module, problem):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == module or name.startswith("selfee_rt.trigger."):
            raise problem(f"No module named {module!r}")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=rf"device 'led' .*{module}.*pip install 'selfee-rt\[devices\]'"):
        build.actuator(config(**settings))


def test_a_train_that_a_device_can_never_make_is_known_beforehand():
    serial = config(kind="dlclive_serial", port="COM3")
    assert build.misfit(serial, FORTY_HZ) is None
    assert "whole ms" in build.misfit(serial, HALF_MS)
    line = config(kind="nidaq", line="Dev1/port0/line0")
    assert "at least 30 ms" in build.misfit(line, FORTY_HZ)
    assert build.misfit(line, HALF_MS) is None
    for each in ({"kind": "null"}, {"kind": "lsl"}, {"kind": "open_ephys"}, {"kind": "osc", "port": 9000}):
        assert build.misfit(config(**each), FORTY_HZ) is None
        assert build.misfit(config(**each), HALF_MS) is None
