"""How long the disk will do, how full the queues are, what a threshold promises: on the wire for whoever watches."""

import shutil
from collections import namedtuple

import numpy as np
import pytest

from selfee_rt.observe.reference import Reference
from selfee_rt.observe.threshold import FalseAlarmRate, Threshold
from selfee_rt.session import disk
from selfee_rt.session.disk import DiskWatch
from tests.session.rig import Client, configure, running, wait_until

Usage = namedtuple("Usage", "total used free")


def test_hours_are_what_is_free_over_how_fast_the_folder_grew(tmp_path, monkeypatch):
    now_s = [0.0]
    monkeypatch.setattr(disk, "now_ns", lambda: round(now_s[0] * 1e9))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, 72 * 10**9))
    (tmp_path / "log").write_bytes(bytes(500))
    watch = DiskWatch(tmp_path)
    assert watch.state is None
    watch.look()
    assert (watch.state.free_gb, watch.state.hours_left) == (72, None)
    now_s[0] = 10.0
    (tmp_path / "log").write_bytes(bytes(5500))
    watch.look()
    assert watch.state.hours_left is None, "too early to know"
    now_s[0] = 100.0
    (tmp_path / "log").write_bytes(bytes(1_000_500))
    watch.look()
    assert watch.state.hours_left == pytest.approx(72e9 / (1e6 / 100) / 3600)


def test_a_folder_that_is_gone_has_no_state(tmp_path):
    watch = DiskWatch(tmp_path / "nowhere")
    watch.look()
    assert watch.state is None


def test_status_has_queues_and_disk_and_session_what_the_threshold_promises(rig, tmp_path):
    known = Reference.load(rig / "reference.npz")
    rate = FalseAlarmRate(0.5, 0.1, 1.5, 0.5, 10.0, 60.0, 600, 5)
    settings = {"fps": 30.0, "past_s": 600.0, "skip_exposures": 50, "warm_up_exposures": 500}
    promised = Reference(
        model_id=known.model_id,
        labels=known.labels,
        label_of=np.array(known.label_of),
        embedding=np.array(known.embedding),
        mean=np.array(known.mean),
        projection=np.array(known.projection),
        thresholds={"selfee": Threshold(0.25, "by hand", settings, rate)},
    )
    promised.save(tmp_path / "promising.npz")
    config = configure(
        rig,
        tmp_path / "s",
        source={"speed": 1.0, "seconds": None},
        observe={"reference": str(tmp_path / "promising.npz"), "detector": [{"kind": "selfee"}]},
    )
    with running(config) as session:
        client = Client(session)
        wait_until(lambda: session.snapshot().n_observed > 40)
        state = client.ask("status")["result"]
        client.close()
    (detector,) = state["session"]["detectors"]
    assert detector["threshold"] == 0.25
    assert detector["false_alarms"] == {"per_hour": 0.5, "low_per_hour": 0.1, "high_per_hour": 1.5}
    assert set(state["status"]["queues"]) == {"embed", "publish", "record", "video"}
    assert all(0 <= each["waiting"] <= each["capacity"] for each in state["status"]["queues"].values())
    assert state["status"]["disk"]["free_gb"] > 0
    with running(configure(rig, tmp_path / "t", source={"speed": 1.0, "seconds": None})) as session:
        client = Client(session)
        (detector,) = client.ask("status")["result"]["session"]["detectors"]
        client.close()
    assert detector["false_alarms"] is None, "a threshold of one's own promises nothing"
