"""The process that runs one runtime does what it is told, and says nothing else."""

import gc
import io
import json
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from selfee_rt import __version__
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.signals import peak_memory_bytes
from selfee_rt.workbench.bench import worker
from selfee_rt.workbench.bench.messages import Block, Task


@pytest.fixture
def told(model, images, tmp_path):
    """What is answered to a task and these blocks."""

    def serve(*blocks, batch=4, **settings):
        np.save(tmp_path / "images.npy", images)
        config = {"file": str(model), "threads": 1, **settings}
        task = Task(config, batch, str(tmp_path / "images.npy"), str(tmp_path / "embeddings.npy"))
        out = io.BytesIO()
        try:
            worker.serve(io.BytesIO(b"".join(msgspec.json.encode(each) + b"\n" for each in (task, *blocks))), out)
        finally:
            gc.unfreeze()
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return serve


def test_only_what_is_to_be_timed_is_timed(told, monkeypatch):
    batches = []
    embed = OnnxEmbedder.embed
    monkeypatch.setattr(OnnxEmbedder, "embed", lambda self, images: batches.append(len(images)) or embed(self, images))
    ready, first, second = told(Block(5, 2), Block(3, 0))
    warm_up, cut = 5, 3
    assert batches == [4] * (warm_up + cut + 2 + 5 + 3)
    assert (ready["type"], first["type"], second["type"]) == ("ready", "times", "times")
    assert (len(first["durations_ns"]), len(second["durations_ns"])) == (5, 3)
    assert min(first["durations_ns"]) > 0


def test_every_live_frame_is_embedded_once_though_the_last_batch_wraps_round(told, images, model, tmp_path):
    told(batch=4)
    expected = OnnxEmbedder(model, threads=1, batch=10).embed(images)
    np.testing.assert_allclose(np.load(tmp_path / "embeddings.npy"), expected, atol=1e-5)


def test_what_cannot_be_done_is_a_reply(told):
    (failed,) = told(Block(1, 0), providers=["dml"])
    assert failed["type"] == "failed"
    assert "provider 'dml' was asked for" in failed["reason"]


def test_it_says_what_its_python_offers_and_nothing_else():
    command = [sys.executable, "-m", "selfee_rt.workbench.bench.worker", "offer"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    offer = json.loads(answer.stdout)
    assert offer["version"] == __version__
    assert "cpu" in offer["providers"]


def test_what_a_library_prints_is_no_reply():
    script = (
        "import os, sys; from selfee_rt.workbench.bench import worker; offer = worker.offer\n"
        "worker.offer = lambda: (os.write(1, b'noise'), print('noise', flush=True), offer())[2]\n"
        "sys.argv = ['worker', 'offer']; worker.main()"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)["version"] == __version__
    assert answer.stderr.count("noise") == 2


def test_the_memory_of_a_process_is_its_own_and_not_that_of_the_one_that_started_it():
    if peak_memory_bytes() is None:
        pytest.skip("absent: a system that tells a process how much memory it has held")
    held = np.ones(400 * 2**20, np.uint8)
    command = [sys.executable, "-c", "from selfee_rt.signals import peak_memory_bytes; print(peak_memory_bytes())"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert peak_memory_bytes() >= held.nbytes
    assert 2**20 < int(answer.stdout) < 300 * 2**20
