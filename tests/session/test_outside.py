"""What other programs see and can do, and that none of them can hold the session up."""

import json
import time

import zmq

from selfee_rt.folder import SessionFolder
from tests.session.rig import Client, assert_verified, configure, fates, running, wait_until

ENDLESS = {"speed": 1.0, "seconds": None}


def subscribe(context, address, topic=b"", **options):
    socket = context.socket(zmq.SUB)
    socket.linger = 0
    socket.rcvtimeo = 20_000
    for name, value in options.items():
        setattr(socket, name, value)
    socket.subscribe(topic)
    socket.connect(address)
    return socket


def test_a_late_joiner_learns_what_the_session_is_and_sees_observations_without_a_gap(rig, tmp_path):
    context = zmq.Context()
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        wait_until(lambda: session.snapshot().n_observed > 10)
        socket = subscribe(context, session.observations_address)
        messages = []
        wanted = {b"session", b"status", b"observation.arena", b"embedding.arena"}
        while not wanted <= {topic for topic, _ in messages} or len(messages) < 30:
            messages.append(tuple(socket.recv_multipart()))
        socket.close()
    context.term()
    told = {topic: json.loads(payload) for topic, payload in messages if topic in (b"session", b"status")}
    assert told[b"session"]["session_id"] == told[b"status"]["session_id"] == session.session_id
    assert told[b"session"]["labels"]
    observations = [json.loads(payload) for topic, payload in messages if topic == b"observation.arena"]
    seq = [each["seq"] for each in observations]
    assert seq == list(range(seq[0], seq[0] + len(seq)))
    assert {stage["name"] for stage in told[b"status"]["stages"]} >= {"acquire", "embed", "total"}


def test_a_subscriber_that_never_reads_costs_no_exposure(rig, tmp_path):
    context = zmq.Context()
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        dead = subscribe(context, session.observations_address, rcvhwm=1)
        preview = subscribe(context, session.preview_address, rcvhwm=1)
        wait_until(lambda: session.snapshot().n_observed > 90, timeout_s=60)
        dead.close()
        preview.close()
    context.term()
    found = fates(tmp_path / "s")
    assert set(found) <= {("arena", hop) for hop in ("observed", "edge", "channel:embed", "source", "gap")}
    with SessionFolder(tmp_path / "s") as folder:
        published = sum(row.hop == "published" for row in folder.hop_times())
    assert published == found["arena", "observed"]


def test_a_threshold_set_from_outside_holds_from_the_exposure_that_the_reply_names(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        client = Client(session)
        wait_until(lambda: session.snapshot().n_observed > 45)
        reply = client.ask("set_threshold", detector="selfee", threshold=-2.5)
        assert reply["ok"], reply
        refused = client.ask("set_threshold", detector="nobody", threshold=0.0)
        at = session.snapshot().n_observed
        wait_until(lambda: session.snapshot().n_observed > at + 5)
        assert session.snapshot().thresholds == {"selfee": -2.5}
        client.close()
    assert not refused["ok"]
    assert "selfee" in refused["error"]
    index = reply["result"]["index"]
    with SessionFolder(tmp_path / "s") as folder:
        rows = list(folder.observations("arena"))
        (action,) = [each for each in folder.actions() if each.action == "set_threshold"]
    assert action.frame_index == index
    assert all(row.revision == (row.exposure.index >= index) for row in rows)
    assert all(row.alarm for row in rows if row.exposure.index >= index)


def test_marks_history_status_and_stop(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        client = Client(session)
        wait_until(lambda: session.snapshot().n_observed > 20)
        mark = client.ask("mark", text="the door was opened")
        wrong = client.ask("mark", text="where?", arena="nowhere")
        history = client.ask("history", observations=7)
        status = client.ask("status")
        stop = client.ask("stop")
        assert session.wait(20)
        client.close()
    assert mark["ok"]
    assert stop["ok"]
    assert not wrong["ok"]
    assert "arena" in wrong["error"]
    assert len(history["result"]["observations"]) == 7
    assert status["result"]["status"]["n_observed"] > 20
    with SessionFolder(tmp_path / "s") as folder:
        texts = [each.arguments.get("text") for each in folder.actions() if each.action == "mark"]
        assert texts == ["the door was opened"]
        assert "control socket" in str(folder.ended)
    assert_verified(tmp_path / "s")


def test_recording_can_be_stopped_and_started_and_the_log_says_where_every_picture_is(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        client = Client(session)
        for verb in ("stop_recording", "start_recording"):
            at = session.snapshot().n_observed
            wait_until(lambda at=at: session.snapshot().n_observed > at + 15)
            assert client.ask(verb)["ok"]
        at = session.snapshot().n_observed
        wait_until(lambda: session.snapshot().n_observed > at + 15)
        client.close()
    with SessionFolder(tmp_path / "s") as folder:
        segments = [row.segment for row in folder.exposures()]
    assert segments[0] == "video_000.mkv"
    assert segments[-1] == "video_001.mkv"
    assert None in segments
    assert_verified(tmp_path / "s")


def test_a_replayed_recording_is_not_recorded_again_and_says_so(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)):
        time.sleep(1)
    source = {"kind": "recorded", "folder": str(tmp_path / "s"), "speed": 1.0}
    config = configure(rig, tmp_path / "r").model_copy(update={"source": _recorded(source)})
    with running(config) as session:
        client = Client(session)
        refused = client.ask("start_recording")
        client.close()
    assert not refused["ok"]
    assert "records no video" in refused["error"]
    assert not list((tmp_path / "r").glob("*.mkv"))


def _recorded(document):
    from selfee_rt.config import RecordedConfig

    return RecordedConfig.model_validate(document)


def test_the_password_of_a_camera_is_not_kept(rig, tmp_path):
    from selfee_rt.config import StreamConfig
    from selfee_rt.session.describe import _without_passwords

    source = StreamConfig(address="rtsp://user:secret@10.0.0.2/stream")
    config = configure(rig, tmp_path / "s").model_copy(update={"source": source})
    assert "secret" not in json.dumps(_without_passwords(config))
    assert "10.0.0.2" in _without_passwords(config)["source"]["address"]
