"""Recordings become live frames that never span a gap, and batches that depend on seed and step alone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError, EndOfStream, SourceError
from selfee_rt.types import Frame, SourceInfo
from selfee_rt.workbench.dataset import (
    BatchSampler,
    Recording,
    live_frames,
    load_recording,
    read_recording,
    save_recording,
    spread,
)


class Pictures:
    """A source of given pictures, numbered by `index`."""

    def __init__(self, images: list[NDArray[np.uint8]], index: list[int] | None = None, stalls: bool = False) -> None:
        self._left = list(zip(index or range(len(images)), images, strict=True))
        self._stalls = stalls
        self.closed = 0

    def open(self) -> SourceInfo:
        return SourceInfo("pictures", 64, 48, False, 30.0, len(self._left), "due", False, True)

    def read(self, timeout_s: float) -> Frame | None:
        if self._left:
            index, image = self._left.pop(0)
            return Frame(index, index, index, index, image)
        if self._stalls:
            return None
        raise EndOfStream("done")

    def close(self) -> None:
        self.closed += 1


def numbered(index: list[int], fps: float = 30.0) -> Recording:
    """A recording whose pictures hold their exposure number (below 256)."""
    grey = np.stack([np.full((4, 4), i % 256, np.uint8) for i in index])
    return Recording("numbered", fps, np.array(index, np.int64), grey)


@given(st.sets(st.integers(0, 120)), st.integers(1, 5))
def test_live_frames_are_exactly_those_whose_past_and_future_arrived(lost: set[int], k: int) -> None:
    index = [i for i in range(150) if i not in lost]
    live = live_frames(numbered(index, fps=1000.0 * k / 70), 70.0)
    assert live.interval == k
    arrived = set(index)
    expected = [i for i in index if all(i + d in arrived for d in range(-k, k + 1))]
    images = live.images(np.arange(len(live)))
    assert images.shape == (len(expected), 3, 4, 4)
    assert images[:, 0, 0, 0].tolist() == [i - k for i in expected]
    assert images[:, 1, 0, 0].tolist() == expected
    assert images[:, 2, 0, 0].tolist() == [i + k for i in expected]


def test_a_source_is_read_to_its_end_as_small_grey_squares_and_closed() -> None:
    grey = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    source = Pictures([grey, colour])
    recording = read_recording(source, "ramp", 32)
    assert (recording.fps, recording.index.tolist(), recording.grey.shape) == (30.0, [0, 1], (2, 32, 32))
    assert np.abs(recording.grey[0, 16].astype(int) - (np.arange(32) * 6 + 1.5)).max() <= 4
    assert np.abs(recording.grey[0].astype(int) - recording.grey[1]).max() <= 1
    assert source.closed == 1


def test_reading_stops_at_the_number_asked_for() -> None:
    source = Pictures([np.zeros((48, 64), np.uint8)] * 9)
    assert len(read_recording(source, "short", 32, most=4).grey) == 4
    assert source.closed == 1


def test_dropped_exposures_keep_their_place() -> None:
    source = Pictures([np.zeros((48, 64), np.uint8)] * 3, index=[0, 1, 5])
    assert read_recording(source, "gap", 32).index.tolist() == [0, 1, 5]


@pytest.mark.parametrize(("stalls", "message"), [(True, "no frame for"), (False, "holds no frames")])
def test_a_source_without_frames_is_an_error_and_closed(stalls: bool, message: str) -> None:
    source = Pictures([], stalls=stalls)
    with pytest.raises(SourceError, match=message):
        read_recording(source, "empty", 32)
    assert source.closed == 1


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    save_recording(numbered([0, 1, 4], fps=25.0), tmp_path / "new" / "a.npz")
    loaded = load_recording(tmp_path / "new" / "a.npz")
    assert (loaded.name, loaded.fps, loaded.index.tolist()) == ("numbered", 25.0, [0, 1, 4])
    assert (loaded.grey == numbered([0, 1, 4]).grey).all()
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["a.npz"]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_broken_prepared_recording_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="delete it and prepare it again"):
        load_recording(path)


def test_a_batch_comes_from_one_recording_and_holds_nothing_twice() -> None:
    dark, bright = numbered(list(range(100))), numbered(list(range(120, 220)))
    sampler = BatchSampler([live_frames(dark, 70), live_frames(bright, 70)], [1, 1], 20, seed=3)
    seen = set()
    for step in range(12):
        middle = sampler.draw(step)[:, 1, 0, 0]
        assert len(set(middle.tolist())) == 20
        seen.add(bool(middle[0] >= 120))
        assert (middle >= 120).all() or (middle < 120).all()
    assert seen == {True, False}


def test_recordings_are_drawn_by_weight() -> None:
    often, rarely = numbered(list(range(100))), numbered(list(range(120, 220)))
    sampler = BatchSampler([live_frames(often, 70), live_frames(rarely, 70)], [9, 1], 2, seed=0)
    share = np.mean([sampler.draw(step)[0, 1, 0, 0] < 120 for step in range(500)])
    assert 0.85 < share < 0.95


def test_a_draw_depends_on_seed_and_step_only() -> None:
    sets = [live_frames(numbered(list(range(100))), 70)]
    one, two, other = (BatchSampler(sets, [1], 8, seed) for seed in (5, 5, 6))
    two.draw(0)
    assert (one.draw(7) == two.draw(7)).all()
    assert not (one.draw(7) == other.draw(7)).all()
    assert not (one.draw(7) == one.draw(8)).all()


def test_every_problem_of_a_sampler_is_named_at_once() -> None:
    short = live_frames(numbered([0, 1, 2, 3, 4, 5]), 70)
    with pytest.raises(ConfigError) as caught:
        BatchSampler([short, short], [1.0], 96, seed=0)
    assert len(caught.value.problems) == 3
    assert "holds 2 live frames, a batch needs 96" in caught.value.problems[0]


def test_spread_takes_as_many_from_each_recording_in_the_size_asked_for() -> None:
    sets = [live_frames(numbered(list(range(100))), 70), live_frames(numbered([0, 1, 2, 3, 4]), 70)]
    images = spread(sets, 8, each=5)
    assert images.shape == (6, 3, 8, 8)
    assert images.dtype == np.uint8
    assert images[:5, 1, 0, 0].tolist() == [2, 25, 50, 73, 97] or images[[0, 4], 1, 0, 0].tolist() == [2, 97]
