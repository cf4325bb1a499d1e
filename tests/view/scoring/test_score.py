"""Scoring by keys against a plain model: a list with one label per exposure, and copies of it to go back to."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from selfee_rt.types import UNLABELLED
from selfee_rt.view.scoring.score import Running, Score, Scored, wrong_name
from selfee_rt.view.scoring.spans import Span, edges_of, labels_of, painted, span_at, spans_of

N = 24
NAMES = ("nothing", "chasing", "winging")
LABELS = st.sampled_from((*NAMES, UNLABELLED))
INDEX = st.integers(0, N - 1)


class AgainstAPlainModel(RuleBasedStateMachine):
    """Every verb, undo and redo, in two arenas."""

    def __init__(self):
        super().__init__()
        self.score = Score(NAMES, (Scored(), Scored()))
        self.plain = {"labels": [[UNLABELLED] * N, [UNLABELLED] * N], "running": [None, None], "names": list(NAMES)}
        self.past, self.future = [], []
        self.arena = 0

    def changed(self, before):
        if self.plain != before[0]:
            self.past.append((before[0], before[1]))
            self.future.clear()

    def now(self):
        return copy.deepcopy(self.plain), self.arena

    def put(self, first, last, label):
        self.plain["labels"][self.arena][first : last + 1] = [label] * (last + 1 - first)

    def run_of(self, index):
        """First and last exposure of the run around one, and its label."""
        labels = self.plain["labels"][self.arena]
        first = last = index
        while first > 0 and labels[first - 1] == labels[index]:
            first -= 1
        while last < N - 1 and labels[last + 1] == labels[index]:
            last += 1
        return first, last, labels[index]

    @rule(label=LABELS, index=INDEX)
    def press(self, label, index):
        before = self.now()
        self.score.press(label, index)
        running = self.plain["running"][self.arena]
        if running is None:
            self.plain["running"][self.arena] = (label, index)
        elif running[0] == label:
            self.put(min(running[1], index), max(running[1], index), label)
            self.plain["running"][self.arena] = None
        else:
            for each in range(min(running[1], index), max(running[1], index) + 1):
                if each != index:
                    self.put(each, each, running[0])
            self.plain["running"][self.arena] = (label, index)
        self.changed(before)

    @rule()
    def drop(self):
        before = self.now()
        self.score.drop()
        self.plain["running"][self.arena] = None
        self.changed(before)

    @rule(index=INDEX, label=st.sampled_from(NAMES))
    def relabel(self, index, label):
        span = span_at(self.score.spans, index)
        if span is not None:
            before = self.now()
            first, last, _ = self.run_of(index)
            assert (span.first, span.last) == (first, last)
            self.score.relabel(span, label)
            self.put(first, last, label)
            self.changed(before)

    @rule(index=INDEX)
    def delete(self, index):
        span = span_at(self.score.spans, index)
        if span is not None:
            before = self.now()
            self.score.delete(span)
            first, last, _ = self.run_of(index)
            self.put(first, last, UNLABELLED)
            self.changed(before)

    @rule(index=INDEX, one=INDEX, other=INDEX)
    def move(self, index, one, other):
        span = span_at(self.score.spans, index)
        if span is not None:
            before = self.now()
            self.score.move(span, one, other)
            first, last, label = self.run_of(index)
            self.put(first, last, UNLABELLED)
            self.put(min(one, other), max(one, other), label)
            self.changed(before)

    @precondition(lambda self: len(self.plain["names"]) < 6)
    @rule()
    def add_name(self):
        before = self.now()
        name = f"label {len(self.plain['names'])}"
        self.score.add_name(name)
        self.plain["names"].append(name)
        self.changed(before)

    @rule()
    def other_arena(self):
        self.arena = self.score.arena = 1 - self.arena

    @rule()
    def undo(self):
        change = self.score.undo()
        assert (change is None) == (not self.past)
        if self.past:
            plain, arena = self.past.pop()
            self.future.append((self.plain, arena))
            self.plain, self.arena = plain, arena

    @rule()
    def redo(self):
        change = self.score.redo()
        assert (change is None) == (not self.future)
        if self.future:
            plain, arena = self.future.pop()
            self.past.append((self.plain, arena))
            self.plain, self.arena = plain, arena

    @invariant()
    def it_is_the_same(self):
        state = self.score.state
        assert [list(labels_of(each.spans, N)) for each in state.arenas] == self.plain["labels"]
        assert [each.running and (each.running.label, each.running.since) for each in state.arenas] == self.plain[
            "running"
        ]
        assert list(state.names) == self.plain["names"]
        assert self.score.arena == self.arena
        for each in state.arenas:
            assert spans_of(labels_of(each.spans, N)) == each.spans, "one form only"


TestAgainstAPlainModel = AgainstAPlainModel.TestCase
TestAgainstAPlainModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(st.lists(st.tuples(INDEX, INDEX, LABELS), max_size=8))
def test_painting_is_painting_exposure_by_exposure(strokes):
    spans, plain = (), [UNLABELLED] * N
    for one, other, label in strokes:
        first, last = min(one, other), max(one, other)
        spans = painted(spans, first, last, label)
        plain[first : last + 1] = [label] * (last + 1 - first)
    assert list(labels_of(spans, N)) == plain
    assert edges_of(spans) == [
        index for index in range(N + 1)
        if (plain[index] if index < N else UNLABELLED) != (plain[index - 1] if index else UNLABELLED)
    ]  # fmt: skip


def test_a_state_includes_the_exposures_of_both_key_presses():
    score = Score(NAMES)
    score.press("chasing", 5)
    assert score.running == Running("chasing", 5)
    score.press("chasing", 9)
    assert score.spans == (Span("chasing", 5, 9),)
    assert score.running is None


def test_another_key_ends_a_state_with_the_exposure_before():
    score = Score(NAMES)
    score.press("chasing", 5)
    score.press("winging", 9)
    assert score.spans == (Span("chasing", 5, 8),)
    assert score.running == Running("winging", 9)


def test_a_state_that_is_ended_before_it_began_has_the_exposures_between():
    score = Score(NAMES)
    score.press("chasing", 9)
    score.press("chasing", 5)
    assert score.spans == (Span("chasing", 5, 9),)


def test_what_changes_nothing_is_no_step_of_the_history():
    score = Score(NAMES)
    assert score.drop() is None
    assert score.undo() is None
    score.press(UNLABELLED, 3)
    score.press(UNLABELLED, 4)
    assert score.spans == ()
    span = Span("chasing", 1, 2)
    score.press("chasing", 1)
    score.press("chasing", 2)
    assert score.relabel(span, "chasing") is None
    assert score.move(span, 1, 2) is None


def test_a_span_beyond_the_recording_is_never_cut_off_silently():
    with pytest.raises(IndexError):
        labels_of((Span("a", 3, 10),), 10)


@pytest.mark.parametrize("name", ["", " wing", "a\nb", "unlabel", "chasing", "x" * 61])
def test_a_name_that_a_file_could_not_hold_is_refused_with_its_reason(name):
    assert wrong_name(name, NAMES)


def test_any_other_name_is_fine():
    assert wrong_name("courtship song, sine", NAMES) is None
