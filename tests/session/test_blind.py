"""Two blinded sessions that differ in which trials are shams, and in nothing else that anybody can see."""

import csv
import json
import sqlite3
import threading
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import zmq

from selfee_rt.cli.terminal import plain, view
from selfee_rt.session import Session
from selfee_rt.session.parts import Parts
from selfee_rt.trigger.shams import Shams
from tests.cli.test_live import done
from tests.session.rig import assert_verified
from tests.session.test_stimulation import client_of, stimulating

SEEDS = (1, 2)
FRACTION = {"sham_fraction": 0.5, "sham_block": 4}
OF_THE_HOST = {"at_ns", "captured_ns", "received_ns", "newest_captured_ns", "newest_received_ns", "composed_ns"} | {
    "embedded_ns", "observed_ns", "decided_ns", "sent_ns", "acknowledged_ns", "session_id", "started", "versions"
}  # fmt: skip

CLOCKED = {"wall_clock", "decided_s", "sent_s", "acknowledged_s", "decision_to_acknowledged_ms", "age_ms"}


class Held(Parts):
    """The source gives nothing before it is let go, so that both sessions are armed at the same exposure."""

    def __init__(self, config):
        super().__init__(config)
        self.go = threading.Event()

    def source(self):
        held = super().source()
        read = held.read
        held.read = lambda timeout_s: read(timeout_s) if self.go.wait(timeout_s) else None
        return held


class Listener(threading.Thread):
    """Keeps what is published until the session says that it has ended."""

    def __init__(self, address):
        super().__init__()
        self._address = address
        self.listens = threading.Event()
        self.heard = defaultdict(list)

    def run(self):
        with zmq.Context() as context, context.socket(zmq.SUB) as socket:
            socket.linger, socket.rcvhwm, socket.rcvtimeo = 0, 0, 30_000
            socket.subscribe("")
            socket.connect(self._address)
            while True:
                topic, payload = (part for part in socket.recv_multipart())
                self.listens.set()
                if topic == b"status" and json.loads(payload)["state"] == "ended":
                    return
                if not topic.startswith((b"embedding", b"status", b"session")):
                    said = without_times(json.loads(payload))
                    if topic.startswith(b"delivery"):
                        del said["index"]  # the newest exposure when it came, which is a time too
                    self.heard[topic.decode()].append(said)


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items() if key not in OF_THE_HOST}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def rows(folder):
    """Every row of the log without the host's times; how long stages took is left out."""
    with sqlite3.connect(folder / "log.sqlite") as log:
        log.row_factory = sqlite3.Row
        tables = [name for (name,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [without_times(dict(row)) for row in log.execute(f"SELECT * FROM {table}")]
            for table in tables
            if table not in ("status", "hop_times")
        }


def trials(folder):
    """The table of trials, as `convert` makes it, without the columns that hold the host's times."""
    out = folder.parent / f"{folder.name}_tables"
    done("convert", folder, "--out", out)
    with (out / "trials.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key not in CLOCKED} for row in csv.DictReader(file)]


def seen(rig, out, monkeypatch, seed):
    """Run a session whose shams follow `seed`: what the wire, the terminal, the log and the tables show of it."""
    monkeypatch.setattr("selfee_rt.session.opening.drawn_seeds", lambda rules: {each.name: seed for each in rules})
    often = {"schedule": {"start_s": 0.2, "every_s": 0.5, "count": 40}, "pulse": {"on_ms": 1}, "blank_ms": 20}
    rule = {"name": "probe", "device": "led", **often, **FRACTION}
    source = {"speed": "max", "seconds": 12, "fps": 60}
    config = stimulating(rig, out, rule, source=source, stimulation={"blind": True}, record={"folder": str(out)})
    parts = Held(config)
    session = Session(config, parts=parts)
    session.start()
    listener = Listener(session.observations_address)
    listener.start()
    try:
        assert listener.listens.wait(20)
        with client_of(session) as client:
            assert client.ask("arm")["ok"]
        parts.go.set()
        assert session.wait(60)
    finally:
        parts.go.set()
        session.stop("the test is over")
        snapshot = session.finish()
        listener.join()
    still = replace(snapshot, folder=Path("s"), elapsed_s=0, fps_in=0, fps_out=0, stages=())
    record = json.loads((out / "session.json").read_text().replace(out.as_posix(), "OUT"))
    record["stimulation"].pop("blinding_sha256")
    return {
        "wire": dict(listener.heard),
        "terminal": plain(view(still, 100), 100),
        "log": rows(out),
        "trials": trials(out),
        "record": without_times(record),
        "files": sorted(path.name for path in out.iterdir()),
    }


def seen_undisturbed(rig, folder, monkeypatch, seed):
    """As `seen`; again where the machine stood still for so long that the device tripped, which no seed makes it do."""
    for attempt in range(4):
        found = seen(rig, folder / f"s{seed}", monkeypatch, seed)
        if len(found["log"]["actions"]) == 1 and {each["outcome"] for each in found["log"]["deliveries"]} == {"sent"}:
            return found
        (folder / f"s{seed}").rename(folder / f"disturbed{seed}.{attempt}")
    raise AssertionError("the device tripped in four sessions one after the other")


def test_nothing_but_the_sealed_seeds_tells_which_trials_are_shams(rig, tmp_path, monkeypatch):
    first, second = (seen_undisturbed(rig, tmp_path, monkeypatch, seed) for seed in SEEDS)
    n_trials = len(first["log"]["deliveries"])
    assert n_trials >= 20
    shams = [Shams(0.5, block=4, seed=seed) for seed in SEEDS]
    assert len({tuple(each.withheld(n) for n in range(n_trials)) for each in shams}) == 2, "the sessions are the same"
    assert len(first["wire"]["trigger.arena"]) >= n_trials
    for what in first:
        assert first[what] == second[what], what
    assert_verified(tmp_path / "s1")
