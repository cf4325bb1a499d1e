"""What is said live is what is said offline, bit for bit."""

import sqlite3

from selfee_rt import build
from selfee_rt.config import ModelConfig
from selfee_rt.decide import Decider
from selfee_rt.workbench.embedding import OpenRecording
from selfee_rt.workbench.rescore import rescore
from tests.session.rig import Client, configure, run, running, told, wait_until


def test_two_replays_at_max_say_the_same(rig, tmp_path):
    for name in ("a", "b"):
        run(configure(rig, tmp_path / name))
    assert told(tmp_path / "a") == told(tmp_path / "b")
    assert len(told(tmp_path / "a")) == 146


def test_a_replay_at_max_says_what_the_workbench_says(rig, tmp_path):
    config = configure(rig, tmp_path / "s")
    run(config)
    model = ModelConfig(file=rig / "model.onnx", threads=1)
    with OpenRecording(config.source, model, config.arena[0]) as recording:
        embedder = build.embedder(model, batch=1)
        known = build.reference(config, embedder.model_id)
        observers = build.observers(config, known, recording.info.fps, 4 * recording.interval)
        decider = Decider(embedder, observers, known.project, frame_interval=recording.interval, align="current")
        offline = [decider.step(live).observations[0] for live in recording.live_frames()]
    assert told(tmp_path / "s") == [
        (o.exposure.index, o.exposure.media_ns, o.label_index, o.label, o.probabilities, o.scores, o.alarm, o.revision)
        for o in offline
    ]
    assert any(o.alarm for o in offline)
    assert any(o.label for o in offline)


def test_stored_embeddings_and_logged_actions_rescore_to_the_same_observations(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None})
    with running(config) as session:
        client = Client(session)
        wait_until(lambda: session.snapshot().n_observed > 60)
        assert client.ask("set_threshold", detector="selfee", threshold=-1.0)["ok"]
        at = session.snapshot().n_observed
        wait_until(lambda: session.snapshot().n_observed > at + 20)
        client.close()
    rescored = [
        (o.exposure.index, o.exposure.media_ns, o.label_index, o.label, o.probabilities, o.scores, o.alarm, o.revision)
        for decision in rescore(tmp_path / "s")
        for o in decision.observations
    ]
    assert rescored == told(tmp_path / "s")
    assert {row[-1] for row in rescored} == {0, 1}, "the threshold was not changed in between"
    assert any(row[-2] for row in rescored if row[-1] == 1)


def test_smoothing_changes_what_is_said(rig, tmp_path):
    run(configure(rig, tmp_path / "a", observe={"smoothing": {"kind": "none"}}))
    run(configure(rig, tmp_path / "b", observe={"smoothing": {"kind": "mode", "exposures": 31}}))
    assert [row[3] for row in told(tmp_path / "a")] != [row[3] for row in told(tmp_path / "b")]
    with sqlite3.connect(tmp_path / "a" / "log.sqlite") as a, sqlite3.connect(tmp_path / "b" / "log.sqlite") as b:
        count = "SELECT count(*) FROM bouts"
        assert a.execute(count).fetchone() > b.execute(count).fetchone()
    a.close()
    b.close()
