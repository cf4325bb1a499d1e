"""A small rig for tests of whole sessions: a tiny model, a reference made with it, and free ports."""

import json
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import zmq

from selfee_rt import build
from selfee_rt.config import ArenaConfig, ModelConfig, SyntheticConfig, parse
from selfee_rt.embed.model import sha256_of
from selfee_rt.folder import SessionFolder
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.session import Session
from selfee_rt.workbench.embedding import OpenRecording
from selfee_rt.workbench.verify import verify
from tests.tiny_model import write_tiny_model

LABELS = ("chasing", "copulation", "nothing", "winging")
LOCAL = {
    "observations": "tcp://127.0.0.1:*",
    "control": "tcp://127.0.0.1:*",
    "preview": "tcp://127.0.0.1:*",
}


def make_rig(folder: Path) -> Path:
    """Write model.onnx and reference.npz; the reference holds 20 s of the synthetic arena with its true labels."""
    model = folder / "model.onnx"
    write_tiny_model(model)
    config = SyntheticConfig(width_px=160, height_px=120, seconds=20, speed="max")
    truth = build.source(config)
    embeddings, labels = [], []
    with OpenRecording(config, ModelConfig(file=model, threads=1), ArenaConfig(name="arena")) as recording:
        embedder = build.embedder(ModelConfig(file=model, threads=1), batch=1)
        for live in recording.live_frames():
            embeddings.append(embedder.embed(live.image)[0])
            labels.append(LABELS.index(truth.truth(live.exposure.index)))
    label_of = np.array(labels)
    label_of = np.searchsorted(np.unique(label_of), label_of)
    present = tuple(LABELS[each] for each in np.unique(labels))
    vectors = np.array(embeddings, np.float16)
    reference = Reference(
        model_id=sha256_of(model),
        labels=present,
        label_of=label_of,
        embedding=vectors,
        mean=vectors.astype(np.float32).mean(axis=0),
        projection=random_projection(16, 8, 0),
    )
    reference.save(folder / "reference.npz")
    return folder


def configure(rig: Path, out: Path, **sections):
    """A session on a small, fast synthetic arena, unless `sections` say otherwise."""
    document = {
        "source": {"kind": "synthetic", "width_px": 160, "height_px": 120, "speed": "max", "seconds": 5},
        "model": {"file": str(rig / "model.onnx"), "threads": 1},
        "observe": {
            "reference": str(rig / "reference.npz"),
            "smoothing": {"kind": "mode", "exposures": 5},
            "detector": [{"kind": "selfee", "warm_up_exposures": 20, "skip_exposures": 10, "threshold": -0.02}],
        },
        "publish": LOCAL,
        "record": {"folder": str(out)},
    }
    for name, values in sections.items():
        document[name] = {**document[name], **values} if isinstance(document.get(name), dict) else values
    return parse(document, where="test", base=Path.cwd())


def run(config, timeout_s=60):
    """Run a session to its own end; return it and its last snapshot."""
    session = Session(config)
    session.start()
    assert session.wait(timeout_s), "the session did not end"
    return session, session.finish()


@contextmanager
def running(config, timeout_s=60):
    """A session that runs inside the context, and is stopped at its end."""
    session = Session(config)
    session.start()
    try:
        yield session
    finally:
        session.stop("the test is over")
        assert session.wait(timeout_s), "the session did not end"
        session.finish()


def fates(folder: Path) -> Counter:
    """Exposures by fate, per arena, counted from the log by a few lines of our own."""
    counts = Counter()
    with SessionFolder(folder) as session:
        for arena in session.record.arenas:
            seen = Counter(row.exposure.index for row in session.observations(arena))
            for loss in session.losses(arena):
                seen.update(range(loss.first_index, loss.last_index + 1))
                counts[arena, loss.hop] += loss.count
            last = session.last_index
            assert sorted(seen) == list(range(last + 1)), "an exposure has no fate"
            assert not seen or max(seen.values()) == 1, "an exposure has two fates"
            counts[arena, "observed"] = sum(1 for _ in session.observations(arena))
    return counts


def assert_verified(folder: Path) -> None:
    """Every check of `selfee-rt verify` passes."""
    report = verify(folder)
    assert report.passed, "\n".join(str(check) for check in report.checks)


def told(folder: Path, arena="arena"):
    """What a session said about an arena, without the host's times."""
    with SessionFolder(folder) as session:
        return [
            (
                row.exposure.index,
                row.exposure.media_ns,
                row.label_index,
                row.label,
                row.probabilities,
                dict(row.scores),
                row.alarm,
                row.revision,
            )
            for row in session.observations(arena)
        ]


class Client:
    """A plain pyzmq client of a running session's control socket."""

    def __init__(self, session: Session) -> None:
        record_dir = session.folder
        self._token = (record_dir / "control_token").read_text().strip()
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REQ)
        self._socket.linger = 0
        self._socket.rcvtimeo = 20_000
        self._socket.connect(session.control_address)
        self._n = 0

    def ask(self, verb, **arguments):
        self._n += 1
        request = {"request_id": f"test-{self._n}", "token": self._token, "verb": verb, "arguments": arguments}
        self._socket.send(json.dumps(request).encode())
        return json.loads(self._socket.recv())

    def close(self):
        self._socket.close()
        self._context.term()


def wait_until(condition, timeout_s=20):
    """Wait until `condition()` is true."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
