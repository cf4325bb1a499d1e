"""Percentiles, against numpy's and against flattery."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.latency.probes import ProbePlan
from selfee_rt.workbench.latency.statistics import fewest, percentile, summarise

values = st.lists(st.floats(0, 1e4), min_size=1, max_size=300)


@given(values, st.sampled_from([50, 95, 99]))
def test_a_percentile_is_a_value_that_was_measured_by_the_inverted_distribution(measured, percent):
    found = percentile(sorted(measured), len(measured), percent)
    if len(measured) < fewest(percent):
        assert found is None
    else:
        assert found == np.percentile(measured, percent, method="inverted_cdf")


@given(values, st.integers(0, 300), st.sampled_from([50, 95, 99]))
def test_an_unanswered_probe_counts_as_slower_than_all_others(measured, missing, percent):
    n = len(measured) + missing
    found = percentile(sorted(measured), n, percent)
    worst = np.percentile([*measured, *[np.inf] * missing], percent, method="inverted_cdf")
    assert found == (None if n < fewest(percent) or worst == np.inf else worst)


def test_one_unanswered_probe_in_a_hundred_leaves_p99_and_two_do_not():
    assert summarise([1.0] * 99, unanswered=1).p99_ms == 1.0
    assert summarise([1.0] * 98, unanswered=2).p99_ms is None


def test_without_an_answer_nothing_is_known():
    found = summarise([], unanswered=200)
    assert (found.n, found.answered) == (200, 0)
    assert {found.p50_ms, found.p95_ms, found.p99_ms, found.min_ms, found.max_ms, found.jitter_ms} == {None}


@given(st.integers(1, 50), st.integers(0, 9), st.floats(1, 100), st.floats(100, 500), st.floats(0, 500))
def test_probes_keep_their_pauses_and_the_plan_lasts_until_the_last_is_over(count, seed, on_ms, least_ms, more_ms):
    plan = ProbePlan(count, on_ms, (least_ms, least_ms + more_ms), 2.0, seed)
    at_s = plan.at_s()
    assert len(at_s) == count and at_s[0] == 2.0
    pauses = np.diff(at_s) * 1000 - on_ms
    assert ((pauses >= least_ms - 0.002) & (pauses <= least_ms + more_ms + 0.002)).all()
    assert plan.seconds() == pytest.approx(at_s[-1] + (on_ms + least_ms) / 1000)
    assert plan.at_s() == at_s


def test_probes_fall_at_every_phase_of_the_frame():
    at_s = np.array(ProbePlan(500, 50.0, (400.0, 800.0), 2.0, 0).at_s())
    phases = np.histogram(at_s % (1 / 30), bins=10, range=(0, 1 / 30))[0]
    assert phases.min() > 25
