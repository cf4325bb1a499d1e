"""Bouts agree with splitting the whole list of labels at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.observe.bouts import BoutTracker

STREAM = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(1, 6)), max_size=40)


def indexed(stream):
    """(label, index) with the given steps between."""
    index, labelled = -1, []
    for label, step in stream:
        index += step
        labelled.append((label, index))
    return labelled


def by_definition(labelled, min_exposures, max_gap):
    """Split before every change and every long step; keep the runs of known labels that are long enough."""
    runs = [[labelled[0]]] if labelled else []
    for before, after in pairwise(labelled):
        if before[0] != after[0] or after[1] - before[1] > max_gap:
            runs.append([])
        runs[-1].append(after)
    ends = [(run[0][0], run[0][1], run[-1][1]) for run in runs]
    return [end for end in ends if end[0] is not None and end[2] - end[1] + 1 >= min_exposures]


def tracked(labelled, min_exposures, max_gap):
    tracker = BoutTracker("left", min_exposures=min_exposures, max_gap_exposures=max_gap)
    bouts = [tracker.push(label, index, 40 * index) for label, index in labelled]
    return [bout for bout in [*bouts, tracker.finish()] if bout is not None]


@given(stream=STREAM, min_exposures=st.integers(1, 5), max_gap=st.integers(1, 6))
def test_bouts_are_the_runs_of_the_whole_list(stream, min_exposures, max_gap):
    labelled = indexed(stream)
    bouts = tracked(labelled, min_exposures, max_gap)
    assert [(b.label, b.start_index, b.stop_index) for b in bouts] == by_definition(labelled, min_exposures, max_gap)


@given(stream=STREAM)
def test_bouts_do_not_overlap_and_their_times_are_those_of_their_ends(stream):
    bouts = tracked(indexed(stream), 1, 3)
    for bout in bouts:
        assert (bout.start_media_ns, bout.stop_media_ns) == (40 * bout.start_index, 40 * bout.stop_index)
        assert (bout.arena, bout.source) == ("left", "predicted")
    for before, after in pairwise(bouts):
        assert before.stop_index < after.start_index


@given(stream=STREAM)
def test_every_known_label_lies_in_exactly_one_bout_of_its_own(stream):
    labelled = indexed(stream)
    bouts = tracked(labelled, 1, 3)
    for label, index in labelled:
        around = [bout.label for bout in bouts if bout.start_index <= index <= bout.stop_index]
        assert around == ([] if label is None else [label])


def test_a_bout_is_returned_with_the_label_that_ends_it():
    tracker = BoutTracker("left", min_exposures=1)
    assert tracker.push("a", 5, 0) is None
    assert tracker.push("a", 6, 1) is None
    ended = tracker.push("b", 7, 2)
    assert ended is not None
    assert (ended.label, ended.start_index, ended.stop_index) == ("a", 5, 6)


def test_nothing_is_open_after_the_end():
    tracker = BoutTracker("left", min_exposures=1)
    tracker.push("a", 0, 0)
    assert tracker.finish() is not None
    assert tracker.finish() is None


def test_an_index_that_does_not_rise_is_refused():
    tracker = BoutTracker("left", min_exposures=1)
    tracker.push(None, 3, 0)
    with pytest.raises(ValueError, match="exposure 3 after 3; indices must rise"):
        tracker.push("a", 3, 0)


@pytest.mark.parametrize("wrong", [{"min_exposures": 0}, {"min_exposures": 1, "max_gap_exposures": 0}])
def test_lengths_below_one_are_refused(wrong):
    with pytest.raises(ValueError, match="expected at least 1"):
        BoutTracker("left", **wrong)
