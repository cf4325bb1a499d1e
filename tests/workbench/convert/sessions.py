"""Sessions with trials, as they could have been, written through the real log."""

from pathlib import Path

import msgspec

from selfee_rt import folder
from selfee_rt.folder import Anchor, DeviceRecord, RuleRecord, StimulationRecord
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import DeviceInfo, Train, Trigger
from selfee_rt.trigger.shams import Shams
from selfee_rt.types import Action, Bout
from tests import stimuli
from tests.record.history import exposure, observation, record, write

START_NS = 5_000_000_000
ANCHOR = Anchor(
    utc="2026-03-01T08:00:00+00:00", local="2026-03-01T09:00:00+01:00", time_zone="CET", host_ns=START_NS - 250_000_000
)
TRAIN = Train(5_000, 25_000, 20)
LAST_INDEX = 39
RULE = {
    "name": "song",
    "device": "led",
    "when": "chasing > 0.8",
    "pulse": {"on_ms": 500.0, "frequency_hz": 40.0, "width_ms": 5.0},
    "sham_fraction": 0.5,
    "sham_block": 4,
}


def trial(number: int, verdict: str, **changes) -> Trigger:
    """Trial `number` of the rule, decided about exposure `number` + 10."""
    e = exposure(number + 10, START_NS)
    about = {
        "trial": number,
        "verdict": verdict,
        "frame_index": e.index,
        "newest_index": e.newest_index,
        "media_ns": e.newest_media_ns,
        "newest_captured_ns": e.newest_captured_ns,
        "decided_ns": observation("left", e.index, START_NS).decided_ns,
    }
    return stimuli.trigger(number, **(about | changes))


def session(path: Path, *, blind: bool, seed: int = 7, trials: int = 12, ended: bool = True, first: int = 1) -> Path:
    """A session of 40 exposures with so many trials, the last of which never came to its device."""
    order = Shams(0.5, block=4, seed=seed)
    made = folder.create(path)
    sha256 = folder.write_blinding(made, {"song": seed}) if blind else None
    folder.write_record(made, described(None if blind else seed, sha256))
    log = SessionLog(made)
    write(log, ["edge", "edge", *["observed"] * (LAST_INDEX - 1)])
    for number in range(first, first + trials):
        verdict = "blinded" if blind else "sham" if order.withheld(number - 1) else "fired"
        decided = trial(number, verdict)
        log.write(decided)
        if number < first + trials - 1:
            sent_ns = decided.decided_ns + 1_000_000
            times = {"sent_ns": sent_ns, "acknowledged_ns": sent_ns + 1_500_000, "at_ns": sent_ns + 1_500_000}
            log.write(stimuli.delivery(number, device_us=4_000_000 + number, **times))
    late = trial(99, "late", trial=None, why="60 ms old", frame_index=30)
    log.write(late)
    log.write(Bout("left", "chasing", 12, 20, 120_000_000, 200_000_000))
    log.write(Action(START_NS, 3, "arm", {"rules": ["song"]}, "armed for 600 s"))
    if ended:
        log.end("stopped", LAST_INDEX)
    log.close()
    return made


def described(seed: int | None, sha256: str | None) -> folder.SessionRecord:
    """A record that is the same for every session, but for its seed."""
    info = DeviceInfo("rehearsal", True, False, True, 200)
    rule = RuleRecord(name="song", arena="left", device="led", subject="mouse 3", train=TRAIN, seed=seed)
    stimulation = StimulationRecord(
        devices=(DeviceRecord(name="led", info=info),), rules=(rule,), blind=sha256 is not None, blinding_sha256=sha256
    )
    return msgspec.structs.replace(
        record(), session_id="0" * 32, config={"trigger": [RULE]}, stimulation=stimulation, started=ANCHOR
    )
