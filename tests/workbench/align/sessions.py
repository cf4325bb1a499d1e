"""Sessions whose devices report their clocks and sync pulses, written through the real log."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import ClockSample, DeviceClock, DeviceSync, SyncEdge
from selfee_rt.types import Bout
from tests import stimuli
from tests.record.history import exposure_row, make_folder
from tests.trigger.clocks import START_NS, Board, asked

BOARD = Board(120.0)
SECONDS = 60
TRIAL_AT_NS = START_NS + 20_000_000_000


def session(
    path: Path,
    pulses_s: NDArray[np.float64],
    samples: Iterable[ClockSample] = (),
    *,
    device: str = "led",
    verdict: str = "fired",
) -> Path:
    """One whose device reports these pulses and samples, with exposures at 10 fps, two trials and a bout.

    Trial 1 is that device's, at `TRIAL_AT_NS`; trial 2 is of a device without a clock, sent 1 s and confirmed 1.002 s
    later; trial 3 never left. The bout is from exposure 100 to 149.
    """
    made = make_folder(path)
    log = SessionLog(made)
    for sample in samples:
        log.write(DeviceClock(device, sample))
    for number, pulse_s in enumerate(pulses_s):
        log.write(DeviceSync(device, SyncEdge(number, round(pulse_s * 1e6))))
    for index in range(10 * SECONDS):
        log.write(exposure_row(index, START_NS + 90_000_000 * index))
    for number in (1, 2, 3):
        log.write(stimuli.trigger(number, trial=number, verdict=verdict))
    log.write(stimuli.trigger(4, trial=None, verdict="refractory"))
    sent_ns = TRIAL_AT_NS + 1_000_000_000
    log.write(stimuli.delivery(1, device=device, device_us=round(BOARD.device_us(TRIAL_AT_NS))))
    log.write(stimuli.delivery(2, device="other", device_us=None, sent_ns=sent_ns, acknowledged_ns=sent_ns + 2_000_000))
    log.write(stimuli.delivery(3, device=device, outcome="late", device_us=None, sent_ns=None, acknowledged_ns=None))
    log.write(Bout("left", "chasing", 100, 149, 10_000_000_000, 14_900_000_000))
    log.end("stopped", 10 * SECONDS - 1)
    log.close()
    return made


def samples() -> list[ClockSample]:
    """Of `BOARD`, ten a second."""
    return list(asked(BOARD.device_us, SECONDS, per_second=10))
