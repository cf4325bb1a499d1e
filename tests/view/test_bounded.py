"""Nothing in the window grows with time, nor with whatever anybody says on the wire."""

import gc
import random
import subprocess
import sys

import msgspec
import numpy as np
import pytest

from selfee_rt import wire
from selfee_rt.types import StageStatus
from selfee_rt.view import bouts, journal, missed, strangest, vitals
from selfee_rt.view.link import Link, Where
from selfee_rt.view.model import Model
from tests.session.rig import wait_until
from tests.support import ROOT

WORDS = ("alarm", "winging", "chasing")


@pytest.fixture
def small(monkeypatch):
    """Bounds that a test reaches."""
    monkeypatch.setattr(journal, "KEPT", 40)
    monkeypatch.setattr(bouts, "KEPT", 30)
    monkeypatch.setattr(strangest, "KEPT", 10)
    monkeypatch.setattr(missed, "MOST_TOPICS", 20)
    monkeypatch.setattr(vitals, "KEPT", 20)


def say_much(stage, model, rng, count):
    """A busy session: everything that it can say, again and again, with names that nobody has heard before."""
    for _ in range(count):
        strange = rng.random() < 0.1
        scores = {"selfee": 0.9 if strange else 0.1, f"unheard {stage.index}": 1.0}
        model.apply("observation.left", stage.observation("left", scores=scores, alarm=strange))
        stage.index += 1
        if stage.index % 20 == 0:
            name = f"{rng.choice(WORDS)} {stage.index}"
            told = (StageStatus(name, 1, 1, 0, 1.0, 1.0, 1.0, 1.0, f"broken {name}"),)
            model.apply("status", stage.status(stages=told, losses={name: stage.index}, at_ns=stage.index * 10**9))
            start_ns = round(stage.index / stage.fps * 1e9)
            message = wire.BoutMessage(
                session_id=stage.session.session_id, index=stage.index, arena="left", label=name, source="predicted",
                start_index=stage.index, stop_index=stage.index, start_media_ns=start_ns, stop_media_ns=start_ns,
            )  # fmt: skip
            model.apply(f"bout.{name}", message)


def size_of(thing, seen):
    """Bytes of an object of ours and of all that it holds."""
    if id(thing) in seen or isinstance(thing, type(sys) | type):
        return 0
    seen.add(id(thing))
    size = thing.nbytes if isinstance(thing, np.ndarray) else sys.getsizeof(thing)
    return size + sum(size_of(each, seen) for each in gc.get_referents(thing))


def test_a_model_is_as_large_after_a_long_time_as_after_a_short_one(stage, small):
    stage.session = msgspec.structs.replace(stage.session, arenas=stage.session.arenas[:1])
    model, rng = Model(stage.session, most_rows=500), random.Random(0)
    say_much(stage, model, rng, 3000)
    before = size_of(model, set())
    say_much(stage, model, rng, 6000)
    assert size_of(model, set()) < 1.02 * before


@pytest.mark.skipif(sys.platform != "linux", reason="what is resident is read from /proc")
def test_memory_of_the_past_is_taken_at_the_beginning():
    """In a process of its own: what this one has freed may be taken again."""
    looks = """
import os
from pathlib import Path
import numpy as np
from selfee_rt.view.ring import Ring
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
ring = Ring(8_000_000, [("value", np.int64)])
print(resident() - before, ring.start, ring.stop)
"""
    result = subprocess.run([sys.executable, "-c", looks], cwd=ROOT, capture_output=True, text=True, check=True)
    taken, *edges = map(int, result.stdout.split())
    assert taken > 60e6
    assert edges == [0, 0]


def test_a_bout_that_is_told_twice_is_kept_once(stage):
    kept = bouts.Bouts()
    message = wire.BoutMessage(
        session_id="s", index=9, arena="left", label="x", start_index=3, stop_index=9, start_media_ns=3,
        stop_media_ns=9, source="predicted",
    )  # fmt: skip
    assert [len(kept.prepend([message, message])), kept.add(message), len(kept.prepend([message]))] == [1, False, 0]


def test_embeddings_of_arenas_that_the_session_does_not_have_are_not_kept(stage):
    link = Link(Where(stage.address))
    link.wants_embeddings = True
    link.start()
    try:

        def heard():
            stage.introduce()
            for name in ("left", "nobody", "right"):
                stage.say_raw(f"embedding.{name}".encode(), b"x")
            return len(link.embeddings) > 1

        wait_until(heard)
        assert set(link.embeddings) == {"left", "right"}
    finally:
        link.close()
