"""Bouts are matched once each, by overlap, and onsets are late by what the labels say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.evaluate.bouts import Match, Run, matched, onset, runs


def of(text, scored=None):
    """Runs of a text with one letter per exposure; '.' says nothing."""
    label_of = np.array([-1 if letter == "." else ord(letter) - ord("a") for letter in text])
    scored = np.ones(len(text), bool) if scored is None else np.array([letter == "x" for letter in scored])
    return runs(label_of, np.arange(len(text)), scored, bridged=8)


def test_runs_are_cut_where_nobody_scored_and_where_nothing_was_said():
    assert of("aab.bb") == [Run(0, 0, 1, True), Run(1, 2, 2, False), Run(1, 4, 5, False)]
    assert of("aaaaaa", scored="xx..xx") == [Run(0, 0, 1, True), Run(0, 4, 5, True)]


def test_runs_bridge_missing_exposures_as_a_session_does():
    label_of, scored = np.zeros(4, np.int64), np.ones(4, bool)
    assert len(runs(label_of, np.array([0, 1, 9, 10]), scored, bridged=8)) == 1
    assert len(runs(label_of, np.array([0, 1, 10, 11]), scored, bridged=8)) == 2


def test_a_bout_is_found_at_exactly_the_overlap_and_not_below():
    true = [Run(0, 0, 9, False)]
    half, less = [Run(0, 5, 9, False)], [Run(0, 6, 9, False)]
    assert matched(true, half, 0.5) == [Match(true[0], half[0])]
    assert matched(true, less, 0.5) == [Match(true[0], None), Match(None, less[0])]


def test_another_label_is_no_match_however_it_overlaps():
    assert matched([Run(0, 0, 9, False)], [Run(1, 0, 9, False)], 0.1) == [
        Match(Run(0, 0, 9, False), None),
        Match(None, Run(1, 0, 9, False)),
    ]


def test_one_long_prediction_counts_for_one_of_two_bouts_the_better_one():
    true = [Run(0, 0, 9, False), Run(0, 12, 30, False)]
    found = matched(true, [Run(0, 0, 30, False)], 0.3)
    assert found == [Match(true[1], Run(0, 0, 30, False)), Match(true[0], None)]


@given(text=st.text("ab.", max_size=40), other=st.text("ab.", max_size=40))
def test_every_bout_is_in_exactly_one_match(text, other):
    true, predicted = of(text), of(other)
    found = matched(true, predicted, 0.2)
    assert sorted((m.true for m in found if m.true), key=lambda run: run.start) == true
    assert sorted((m.predicted for m in found if m.predicted), key=lambda run: run.start) == predicted


def test_onset_is_signed_and_leaves_out_what_scoring_cut():
    matches = [
        Match(Run(0, 10, 19, False), Run(0, 12, 19, False)),
        Match(Run(0, 30, 39, False), Run(0, 29, 39, False)),
        Match(Run(0, 50, 59, True), Run(0, 55, 59, False)),
        Match(Run(0, 70, 79, False), None),
    ]
    late = onset(matches, 40)
    assert (late.median_ms, late.quartile_1_ms, late.quartile_3_ms, late.bouts) == (20, -10, 50, 2)
    assert onset(matches[2:], 40) is None


@pytest.mark.parametrize("delay", [0, 3])
def test_a_label_that_is_late_by_so_many_exposures_has_that_onset_error(delay):
    truth = "a" * 20 + "b" * 20 + "a" * 20
    said = "." * delay + truth[: len(truth) - delay]
    assert onset(matched(of(truth), of(said), 0.5), 40).median_ms == 40 * delay
