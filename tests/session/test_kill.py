"""SIGKILL at a random moment costs at most the last second, video included."""

import json
import random
import subprocess
import sys

import av
import pytest
import zmq

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import SessionFolder
from tests.session.rig import assert_verified, configure, fates


def _start(config, folder):
    """Run a session in a process of its own, as a user would."""
    script = (
        "import sys\n"
        "from selfee_rt.config import SessionConfig\n"
        "from selfee_rt.session import Session\n"
        "session = Session(SessionConfig.model_validate_json(sys.stdin.read()))\n"
        "session.start()\n"
        "print(session.observations_address, flush=True)\n"
        "session.wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    )
    process.stdin.write(config.model_dump_json())
    process.stdin.close()
    return process, process.stdout.readline().strip()


def _published_until_killed(process, address, seconds):
    """Observations that a subscriber received before the process was killed, `seconds` after the first."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.linger = 0
    socket.subscribe(b"observation.arena")
    socket.rcvtimeo = 20_000
    socket.connect(address)
    received = [json.loads(socket.recv_multipart()[1])]
    while received[-1]["decided_ns"] - received[0]["decided_ns"] < seconds * NS_PER_S:
        received.append(json.loads(socket.recv_multipart()[1]))
    process.kill()
    process.wait()
    process.stdout.close()
    socket.close()
    context.term()
    return received


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_session_keeps_all_but_its_last_second(rig, tmp_path, seed):
    seconds = random.Random(seed).uniform(0.6, 3.5)
    video = ("h264", "ffv1")[seed % 2]
    config = configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None}, record={"video": video})
    process, address = _start(config, tmp_path)
    published = _published_until_killed(process, address, seconds)
    with SessionFolder(tmp_path / "s") as folder:
        assert folder.ended is None
        kept = {row.exposure.index: row for row in folder.observations("arena")}
        last = folder.last_index
        pictures = {row.frame_index: row.position for row in folder.exposures() if row.segment is not None}
        frames = sum(_decodable(path) for path in folder.segments)
    lost = [each for each in published if each["index"] > last]
    assert all(published[-1]["decided_ns"] - each["decided_ns"] <= NS_PER_S for each in lost)
    for each in published:
        if each["index"] <= last:
            assert kept[each["index"]].label == each["label"]
            assert kept[each["index"]].scores == each["scores"]
    newest = published[-1]["newest_index"]
    assert newest - frames <= 30, f"{frames} of {newest + 1} pictures decode"
    assert len(pictures) >= frames - 30
    fates(tmp_path / "s")
    assert_verified(tmp_path / "s")


def _decodable(path):
    with av.open(str(path)) as container:
        try:
            return sum(1 for _ in container.decode(video=0))
        except av.FFmpegError:
            return 0
