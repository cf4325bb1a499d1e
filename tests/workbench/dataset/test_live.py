"""Live frames never span a gap, and each recording has the frame interval that its frame rate gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset import live_frame_sets, live_frames, spread
from tests.workbench.dataset.small import numbered


@given(st.sets(st.integers(0, 120)), st.integers(1, 5))
def test_live_frames_are_exactly_those_whose_past_and_future_arrived(lost: set[int], k: int) -> None:
    index = [i for i in range(150) if i not in lost]
    live = live_frames(numbered(index, fps=1000.0 * k / 70), 70.0)
    assert live.interval == k
    arrived = set(index)
    expected = [i for i in index if all(i + d in arrived for d in range(-k, k + 1))]
    images = live.images(np.arange(len(live)))
    assert images.shape == (len(expected), 3, 4, 6)
    assert images[:, 0, 0, 0].tolist() == [i - k for i in expected]
    assert images[:, 1, 0, 0].tolist() == expected
    assert images[:, 2, 0, 0].tolist() == [i + k for i in expected]


def test_raw_frames_are_the_current_exposure_three_times() -> None:
    live = live_frames(numbered(list(range(20))), 70.0)
    assert live.raw(np.array([0, 5]))[:, :, 0, 0].tolist() == [[2, 2, 2], [7, 7, 7]]


def test_recordings_of_different_frame_rates_get_different_frame_intervals() -> None:
    recordings = [numbered(list(range(40)), fps=fps) for fps in (15.0, 30.0, 120.0)]
    sets = live_frame_sets(recordings, 66.7)
    assert [each.interval for each in sets] == [1, 2, 8]
    assert [round(each.interval_ms, 1) for each in sets] == [66.7, 66.7, 66.7]


def test_every_recording_that_does_not_fit_is_named_at_once() -> None:
    slow, short = numbered(list(range(40)), fps=10.0, name="slow"), numbered([0, 1, 2], name="short")
    with pytest.raises(ConfigError) as caught:
        live_frame_sets([slow, numbered(list(range(40))), short], 66.7)
    assert len(caught.value.problems) == 2
    assert "slow has 10 frames/s, so that its nearest interval is 100.0 ms (+50%)" in caught.value.problems[0]
    assert "short gives no live frame: got 3 exposures, expected at least 5" in caught.value.problems[1]


def test_an_interval_that_is_far_off_can_be_allowed() -> None:
    assert live_frame_sets([numbered(list(range(40)), fps=10.0)], 66.7, allow_mismatch=True)[0].interval == 1


def test_spread_takes_as_many_from_each_recording_in_the_size_asked_for() -> None:
    sets = [live_frames(numbered(list(range(100))), 70), live_frames(numbered([0, 1, 2, 3, 4]), 70)]
    images = spread(sets, (8, 10), each=5)
    assert (images.shape, images.dtype) == ((6, 3, 8, 10), np.uint8)
    assert images[:, 1, 0, 0].tolist() == [2, 25, 49, 73, 97, 2]
