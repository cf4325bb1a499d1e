"""Held-out parts are scored once and never taught; labels with which nothing can be measured are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate.holdout import check_labels, folds
from tests.workbench.evaluate.material import NAMES, labelled, turns


@settings(max_examples=30, deadline=None)
@given(exposures=st.integers(60, 300), blocks=st.integers(2, 6), gap=st.integers(4, 8), shift=st.sampled_from([0, 2]))
def test_every_exposure_is_scored_in_one_block_and_taught_in_none_that_is_near(exposures, blocks, gap, shift):
    recording = labelled(turns(exposures))
    exposure = recording.frame_index + shift
    parts = folds([recording], blocks, gap)
    scored = np.array([part.scored(0, exposure) for part in parts])
    assert (scored.sum(axis=0) == 1).all()
    for part, mask in zip(parts, scored, strict=True):
        taught = exposure[~part.streamed(0, exposure)]
        assert np.abs(taught[:, None] - exposure[mask]).min(initial=10_000) > gap


def test_several_recordings_are_held_out_whole_one_after_the_other():
    recordings = [labelled(turns(60), name=name) for name in "abc"]
    parts = folds(recordings, 6, 25)
    assert [part.name for part in parts] == ["a", "b", "c"]
    index = recordings[0].frame_index
    for number, part in enumerate(parts):
        for other in range(3):
            assert part.streamed(other, index).all() == part.scored(other, index).all() == (other == number)
            assert part.streamed(other, index).any() == (other == number)


@pytest.mark.parametrize(
    ("blocks", "gap", "says"),
    [(1, 25, "at least 2"), (6, 3, "neighbours share pictures"), (6, 40, "a gap is longer than a block")],
)
def test_blocks_and_gaps_that_hold_nothing_apart_are_refused(blocks, gap, says):
    with pytest.raises(ConfigError, match=says):
        folds([labelled(turns(200))], blocks, gap)


def test_one_label_only_is_refused():
    recording = labelled(np.zeros(200))
    with pytest.raises(ConfigError, match="only 'still' as label, expected at least two"):
        check_labels([recording], ("still",), folds([recording], 4, 4))


def test_a_label_that_occurs_in_one_fold_only_is_refused_by_name():
    label_of = turns(200, labels=2)
    label_of[60:70] = 2
    recording = labelled(label_of)
    with pytest.raises(ConfigError, match=r"'wing' occurs in block 2 of 4 only.*--leave-out wing"):
        check_labels([recording], NAMES, folds([recording], 4, 4))


def test_a_label_that_occurs_in_one_video_only_is_refused_by_name():
    recordings = [labelled(turns(60, labels=2), name="a"), labelled(turns(60, labels=3), name="b")]
    with pytest.raises(ConfigError, match="'wing' occurs in b only"):
        check_labels(recordings, NAMES, folds(recordings, 6, 4))
