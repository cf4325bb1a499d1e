"""The real firmware's sync output, as its pin was recorded, against what it reported: simulated by simavr."""

import csv
import json
import time

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.config.device import MicrocontrollerConfig
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import ClockSample, DeviceClock, DeviceLimits, DeviceSync, Order, SyncEdge, Train
from tests import stimuli
from tests.record.history import make_folder
from tests.support import need_module
from tests.trigger.simulated_board import SimulatedBoard
from tests.workbench.align.pulses import Recorder

need_module("serial")
from selfee_rt.trigger.microcontroller import Microcontroller  # noqa: E402

PULSES = 14
RECORDER = Recorder(offset_s=431.7, drift_ppm=650.0, jitter_s=15e-6)


def events(device, wanted):
    """What the device reports until so many edges of its sync output are among it."""
    found, deadline = [], time.monotonic() + 120
    while sum(isinstance(each, SyncEdge) for each in found) < wanted and time.monotonic() < deadline:
        found += device.keep_alive(100)
        time.sleep(0.02)
    return found


def fired(device):
    """Let it make one pulse, however often this process is kept from keeping it alive."""
    order = Order(stimuli.trigger(), Train(5000, 5000, 1), withheld=False, expires_ns=None)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        device.keep_alive(100)
        acknowledged = device.fire(order)
        if acknowledged.outcome == "acknowledged":
            return acknowledged
    raise AssertionError(acknowledged)


@pytest.mark.slow
def test_what_the_pins_did_is_found_in_a_recording_of_them_that_drifts(tmp_path):
    with SimulatedBoard() as board:
        device = Microcontroller(MicrocontrollerConfig(name="led", port=board.port, answer_within_ms=1000))
        device.open()
        try:
            reported = events(device, PULSES // 2)
            device.arm(DeviceLimits(arm_for_ms=60_000, light_budget_us=1_000_000, refractory_us=0))
            acknowledged = fired(device)
            reported += events(device, PULSES // 2)
        finally:
            device.close()
        sync_us = [at_us for at_us, level in board.edges("sync") if level]
        (light_us,) = [at_us for at_us, level in board.edges("light") if level]

    made = make_folder(tmp_path / "session")
    log = SessionLog(made)
    for event in reported:
        if isinstance(event, ClockSample):
            log.write(DeviceClock("led", event))
        elif isinstance(event, SyncEdge):
            log.write(DeviceSync("led", event))
    log.write(stimuli.trigger())
    log.write(stimuli.delivery(device_us=acknowledged.device_us))
    log.end("stopped", -1)
    log.close()
    edges = tmp_path / "edges.csv"
    seen_s = np.delete(RECORDER.edges(np.array(sync_us) / 1e6), 7)
    seen_s = np.insert(seen_s, 3, seen_s[3] - 0.2)
    edges.write_text("\n".join(f"{each:.6f}" for each in seen_s))

    out, trials = tmp_path / "alignment.json", tmp_path / "trials.csv"
    arguments = ["align", made, "--ttl", edges, "--out", out, "--trials", trials]
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    (stretch,) = json.loads(out.read_bytes())["stretches"]
    assert len(stretch["number"]) >= 10
    assert stretch["drift_ppm"] == pytest.approx(-650, abs=10)
    assert stretch["residual_us"]["max_us"] < 120
    matched_s = RECORDER.time_s(np.array([sync_us[number] for number in stretch["number"]]) / 1e6)
    np.testing.assert_allclose(stretch["other_s"], matched_s, rtol=0, atol=120e-6)
    with trials.open(newline="") as file:
        (trial,) = csv.DictReader(file)
    assert trial["by"] == "device"
    assert float(trial["other_s"]) == pytest.approx(RECORDER.time_s(light_us / 1e6), abs=150e-6)
