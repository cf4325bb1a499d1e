"""Held-out answers come from classifiers that never saw the exposure, and every scored exposure is answered once."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.held_out import common_fps, held_out_probabilities, score
from selfee_rt.workbench.transitions import count_transitions

NAMES = ("a", "b")


def recording(index, exposures, fps=30.0, name="a.mp4"):
    """Embeddings that say which exposure they are of."""
    index = np.asarray(index, np.int64)
    embedding = np.stack((index, np.ones(len(index))), axis=1).astype(np.float16)
    return Embedded(name, None, "5" * 64, fps, exposures, index, embedding)


def reference_of(training):
    """A reference that neither centres nor projects."""
    rows = np.concatenate([each.recording.embedding for each in training])
    label_of = np.concatenate([each.label_of for each in training])
    return Reference("5" * 64, NAMES, label_of, rows, np.zeros(2, np.float32), np.eye(2, dtype=np.float32))


class Witness:
    """Says at which exposure it was asked, and notes what it was trained with and when it was reset."""

    labels = NAMES

    def __init__(self, training, asked):
        self.seen = {int(index) for each in training for index in each.recording.frame_index}
        self.asked, self.window = asked, []

    def probabilities(self, point):
        index = int(point[0])
        self.asked.append((index, min(abs(index - other) for other in self.seen), tuple(self.window)))
        return np.array([index, 0.0])

    def observe(self, point):
        self.window.append(int(point[0]))

    def reset(self, why):
        self.window = []


def asked_about(scored, guard, jump=4):
    asked = []
    said, truth = held_out_probabilities(
        scored,
        NAMES,
        reference_of,
        lambda reference, training: Witness(training, asked),
        guard_exposures=guard,
        longest_bridged_jump=jump,
    )
    return asked, said, truth


@settings(max_examples=40, deadline=None)
@given(exposures=st.integers(60, 200), guard=st.integers(1, 8), missing=st.sets(st.integers(2, 190), max_size=20))
def test_every_scored_exposure_is_answered_once_by_one_that_never_came_near_it(exposures, guard, missing):
    index = [each for each in range(2, exposures - 2) if each not in missing]
    given_labels = tuple(("a", "b", "unlabel")[each % 3] for each in range(exposures))
    scored = score([recording(index, exposures)], [given_labels], NAMES, [])
    asked, said, truth = asked_about(scored, guard)
    wanted = [each for each in index if each % 3 != 2]
    assert said[:, 0].astype(int).tolist() == wanted
    assert truth.tolist() == [each % 3 for each in wanted]
    held_out = {each: distance for each, distance, _ in sorted(asked)}  # the largest, where it was asked about twice
    assert min(held_out.values()) > guard
    assert all(before < each for each, _, window in asked for before in window)


@given(guard=st.integers(1, 8))
def test_training_keeps_its_distance_from_what_is_held_out(guard):
    scored = score([recording(range(120), 120)], [("a", "b") * 60], NAMES, [])
    asked = []

    def make(reference, training):
        witness = Witness(training, asked)
        held_out = set(range(120)) - witness.seen
        assert len(held_out) in (20 + guard, 20 + 2 * guard)
        return witness

    held_out_probabilities(scored, NAMES, reference_of, make, guard_exposures=guard, longest_bridged_jump=4)


def test_a_window_is_emptied_where_exposures_are_missing():
    index = [each for each in range(120) if not 30 <= each < 36]
    scored = score([recording(index, 120)], [("a", "b") * 60], NAMES, [])
    asked, _, _ = asked_about(scored, guard=2)
    windows = {each: window for each, _, window in reversed(asked)}  # asked again to fill the next block's window
    assert windows[29] == tuple(range(18, 29))
    assert windows[36] == ()
    assert windows[38] == (36, 37)


def test_what_is_not_known_is_not_counted():
    class Silent(Witness):
        def probabilities(self, point):
            return None if int(point[0]) % 2 else super().probabilities(point)

    scored = score([recording(range(120), 120)], [("a",) * 60 + ("b", "a") * 30], NAMES, [])
    said, truth = held_out_probabilities(
        scored,
        NAMES,
        reference_of,
        lambda reference, training: Silent(training, []),
        guard_exposures=1,
        longest_bridged_jump=4,
    )
    assert said[:, 0].tolist() == list(range(0, 120, 2))
    assert len(truth) == 60


def test_a_label_that_lies_in_one_block_cannot_be_held_out():
    given_labels = ("a",) * 100 + ("b",) * 20
    scored = score([recording(range(120), 120)], [given_labels], NAMES, [])
    with pytest.raises(ConfigError, match=r"the label 'b' lies within one of 6 blocks .* leave --calibrate out"):
        asked_about(scored, guard=2)


def test_what_is_skipped_or_of_no_name_is_not_scored():
    first, second = recording(range(10), 10), recording(range(5), 5)
    scored = score([first, second], [("a", "b") * 4 + ("unlabel",) * 2, None], NAMES, [(0, 1), (6, 6)])
    assert scored[0].label_of.tolist() == [-1, -1, 0, 1, 0, 1, -1, 1, -1, -1]
    assert scored[1].label_of.tolist() == [-1] * 5


@given(
    labels=st.lists(st.sampled_from(["a", "b", "unlabel"]), min_size=2, max_size=40),
    missing=st.sets(st.integers(0, 39)),
)
def test_transitions_are_those_between_scored_neighbours(labels, missing):
    index = [each for each in range(len(labels)) if each not in missing]
    if not any(labels[each] != "unlabel" for each in index):
        return
    scored = score([recording(index, len(labels))] * 2, [tuple(labels)] * 2, NAMES, [])
    counted = count_transitions(scored, 2)
    expected = np.zeros((2, 2), int)
    for each in index:
        if each + 1 in index and "unlabel" not in (labels[each], labels[each + 1]):
            expected[NAMES.index(labels[each]), NAMES.index(labels[each + 1])] += 2
    assert counted.counts == tuple(map(tuple, expected.tolist()))
    assert counted.exposures == tuple(2 * sum(labels[each] == name for each in index) for name in NAMES)


def test_recordings_of_different_frame_rates_have_no_common_transitions():
    slow, fast = recording(range(9), 9), recording(range(9), 9, fps=60.0)
    labels = ("a", "b", "a") * 3
    assert count_transitions(score([slow, fast], [labels, labels], NAMES, []), 2) is None
    assert count_transitions(score([slow, fast], [labels, None], NAMES, []), 2).fps == 30.0
    assert count_transitions(score([slow], [None], NAMES, []), 2) is None
    near = dataclasses.replace(slow, fps=29.97)
    assert common_fps(score([slow, near], [labels, labels], NAMES, [])) == 30.0
