"""Looking back: what `history` and `clip` return is what was published, and no more than fits into a reply."""

import base64
import dataclasses
import time

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.errors import ControlError
from selfee_rt.publish.stills import MOST_BYTES, Still, Stills
from selfee_rt.session import history as history_module
from selfee_rt.session.history import history
from selfee_rt.session.past import Past
from selfee_rt.session.progress import Progress
from selfee_rt.types import Frame
from selfee_rt.wire import make
from tests.publish import samples
from tests.session.rig import configure, running

LABELS = ("chasing", "nothing")
EVERYTHING = {"arena": None, "observations": 10_000, "bouts": 0, "before_index": None, "every": 1}


def seen(index: int, arena: str = "ab", **changes):
    """An observation of one exposure."""
    made = samples.observation()
    exposure = dataclasses.replace(made.exposure, index=index, media_ns=index * 10)
    plain = {"label": None, "probabilities": None, "scores": {"selfee": None}, "alarm": None}
    return dataclasses.replace(made, arena=arena, exposure=exposure, label_index=index, **(plain | changes))


def past_of(*indices: int, capacity: int = 50) -> Past:
    past = Past(("ab",), LABELS, ("selfee",), fps=10, seconds=capacity / 10)
    for index in indices:
        past.push((seen(index),))
    return past


def ask(past: Past, **changes):
    progress = Progress()
    progress.past = past
    return msgspec.json.decode(wire.encode(history(progress, "s", **(EVERYTHING | changes))))


@given(
    label=st.sampled_from([None, *LABELS]),
    probabilities=st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    alarm=st.sampled_from([None, False, True]),
    stimulus=st.sampled_from(["off", "on", "after"]),
)
def test_what_is_unpacked_is_what_was_packed(label, probabilities, score, alarm, stimulus):
    first = seen(3, label=label, probabilities=probabilities, scores={"selfee": score}, alarm=alarm, stimulus=stimulus)
    second = seen(3, "cd", label="nothing", alarm=True)
    past = Past(("ab", "cd"), LABELS, ("selfee",), fps=10, seconds=1)
    past.push((first, second))
    for kept, given_ in zip(past.at(0), (first, second), strict=True):
        assert make.observation(kept, "s") == make.observation(given_, "s")


@given(
    steps=st.lists(st.integers(1, 5), max_size=40),
    capacity=st.integers(2, 30),
    before=st.none() | st.integers(0, 200),
    every=st.integers(1, 7),
    most=st.integers(0, 12),
)
def test_the_exposures_chosen_are_the_last_that_are_held_and_wanted(steps, capacity, before, every, most):
    indices = np.cumsum(steps).tolist()
    past = past_of(*indices, capacity=capacity)
    held = indices[-(capacity - 1) :]
    wanted = [each for each in held if each % every == 0 and (before is None or each < before)]
    found = ask(past, before_index=before, every=every, observations=most)
    assert [each["index"] for each in found["observations"]] == (wanted[-most:] if most else [])
    assert found["oldest_index"] == (held[0] if held else None)


def test_rows_are_looked_through_in_parts_without_losing_any(monkeypatch):
    monkeypatch.setattr("selfee_rt.session.past.AT_ONCE", 7)
    assert past_of(*range(40)).chosen(None, 3, 100) == list(range(39, -1, -3))


def test_an_answer_is_bounded_in_bytes_and_asking_again_brings_the_rest(monkeypatch):
    past = past_of(*range(40))
    one = len(wire.encode(make.observation(past.at(0)[0], "s")))
    monkeypatch.setattr(history_module, "MOST_BYTES", 10 * one + one // 2)
    found, before = [], None
    while before != 0:
        page = ask(past, before_index=before)
        assert len(page["observations"]) == 10
        found = page["observations"] + found
        before = found[0]["index"]
    assert [each["index"] for each in found] == list(range(40))


def test_bouts_are_those_that_were_over_before():
    progress = Progress()
    progress.bouts.extend(dataclasses.replace(samples.bout(), stop_index=stop) for stop in (10, 20, 30))
    found = history(progress, "s", **(EVERYTHING | {"bouts": 5, "before_index": 30}))
    assert [msgspec.json.decode(each)["stop_index"] for each in found["bouts"]] == [10, 20]
    assert found["oldest_index"] is None


# --- clip ----------------------------------------------------------------------------------------------------------


def still(index: int, size: int = 100) -> Still:
    return Still(index, index * 10**8, index, index * 10**8, 320, 240, 0.5, bytes(size))


def kept(*indices: int, seconds: float = 60, mib: float = 16, size: int = 100) -> Stills:
    stills = Stills(seconds, mib)
    for index in indices:
        stills.keep(still(index, size))
    return stills


def test_a_clip_is_the_seconds_around_an_exposure():
    found = kept(*range(0, 600, 1)).around(300, 2.0, 60)
    assert [each.index for each in found] == list(range(290, 311))


@given(index=st.integers(0, 99), seconds=st.floats(0.1, 30), most=st.integers(1, 60))
def test_a_clip_has_at_most_so_many_pictures_in_order(index, seconds, most):
    found = [each.index for each in kept(*range(100)).around(index, seconds, most)]
    assert 1 <= len(found) <= most
    assert found == sorted(set(found))


def test_only_the_last_seconds_are_held_and_the_refusal_says_which():
    stills = kept(*range(1000), seconds=60)
    with pytest.raises(ControlError, match=r"exposure 398 are no longer held; those of exposures 399 to 999 are"):
        stills.around(398, 2, 10)
    with pytest.raises(ControlError, match=r"exposure 1000 have not been kept yet"):
        stills.around(1000, 2, 10)
    assert stills.around(399, 0.1, 10)[0].index == 399


def test_memory_is_bounded_too():
    stills = kept(*range(100), mib=1, size=2**17)
    assert stills.around(99, 30, 60)[0].index == 92
    assert kept(0, 1, mib=0.01, size=2**20).around(1, 30, 60) == (still(1, 2**20),), "the newest is always held"


def test_an_answer_with_large_pictures_has_fewer():
    found = kept(*range(60), size=MOST_BYTES // 10).around(30, 30, 60)
    assert 1 < len(found) <= 10


def test_before_the_first_picture_there_is_none():
    with pytest.raises(ControlError, match="no picture has been kept yet"):
        Stills(60, 16).around(0, 1, 1)


def test_at_most_ten_pictures_a_second_are_kept(monkeypatch):
    stills, image = Stills(60, 16), np.zeros((480, 640), np.uint8)
    for index in range(90):
        monkeypatch.setattr("selfee_rt.publish.stills.clock.now_ns", lambda index=index: 10**9 + index * 10**9 // 30)
        stills.write(Frame(index, index * 10**9 // 30, 0, 0, image))
    found = stills.around(45, 30, 60)
    assert len(found) == 30
    assert (found[0].width_px, found[0].height_px, found[0].scale) == (320, 240, 0.5)


# --- a session -----------------------------------------------------------------------------------------------------


def test_a_session_shows_its_last_seconds_and_all_that_it_observed(rig, tmp_path):
    with running(configure(rig, tmp_path / "s", source={"speed": 1.0, "seconds": None})) as session:
        deadline = time.monotonic() + 30
        while session.snapshot().n_observed < 45 and time.monotonic() < deadline:
            time.sleep(0.05)
        newest = msgspec.json.decode(wire.encode(session._running.verbs.execute("history", EVERYTHING)))["observations"]
        clip = session._running.verbs.execute("clip", {"index": newest[20]["index"], "seconds": 1.0, "pictures": 5})
    indices = [each["index"] for each in newest]
    assert len(indices) >= 45
    assert indices == sorted(set(indices))
    assert 1 <= len(clip["pictures"]) <= 5
    assert base64.b64decode(clip["pictures"][0]["jpeg"])[:2] == b"\xff\xd8"
    assert abs(clip["pictures"][0]["media_ns"] - newest[20]["media_ns"]) <= 6e8


@pytest.mark.parametrize("off", [{"clip_s": 0}, {"preview": None}])
def test_a_session_that_keeps_no_pictures_says_so(rig, tmp_path, off):
    with (
        running(configure(rig, tmp_path / "s", publish=off)) as session,
        pytest.raises(ControlError, match="keeps no pictures"),
    ):
        session._running.verbs.execute("clip", {"index": 0, "seconds": 1.0, "pictures": 5})
