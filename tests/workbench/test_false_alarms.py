"""Rates of false alarms: blocks, ranks, intervals, and what is refused."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.false_alarms import (
    FEWEST_EXPECTED,
    alarm_starts,
    all_maxima,
    block_maxima,
    count_alarms,
    media_ns_of,
    rate_of_count,
    rate_of_highest,
    threshold_at_rate,
)

MINUTE = 60.0


def maxima(blocks, seed=0):
    return np.random.default_rng(seed).standard_normal(blocks)


@given(scores=st.lists(st.integers(-5, 5), max_size=50), block=st.integers(1, 9))
def test_each_whole_block_gives_its_highest_score(scores, block):
    expected = [max(scores[i : i + block]) for i in range(0, len(scores) - block + 1, block)]
    assert block_maxima(np.array(scores, float), block).tolist() == expected


def test_blocks_do_not_reach_from_one_control_into_the_next():
    assert all_maxima([np.array([1.0, 2, 9]), np.array([3.0, 1, 5, 7])], 2).tolist() == [2, 3, 7]


def test_a_score_that_is_not_known_is_no_part_of_a_block():
    with pytest.raises(ValueError, match="may not be finite"):
        block_maxima(np.array([1.0, np.nan]), 1)


@given(
    scores=st.lists(st.integers(0, 6), min_size=1, max_size=120),
    block=st.integers(1, 12),
    threshold=st.integers(0, 5),
    offset=st.integers(0, 11),
)
def test_no_more_alarms_begin_than_blocks_have_a_score_above_the_threshold(scores, block, threshold, offset):
    """What the promise rests on, for blocks that begin anywhere."""
    scores = np.array([0] * (offset % block) + scores + [0] * block, float)
    alarms = count_alarms(scores, media_ns_of(np.arange(len(scores)), 1.0), threshold, merge_s=block)
    assert alarms <= (block_maxima(scores, block) > threshold).sum()


def test_alarms_begin_where_the_live_session_says_so_and_the_unknown_is_no_alarm():
    scores = np.array([np.nan, 2, 0, 0, 2, 0, 0, 0, 0, 2])
    starts = alarm_starts(scores, media_ns_of(np.arange(10), 2.0), 1.0, merge_s=2)
    assert starts.tolist() == [500_000_000, 4_500_000_000]


@pytest.mark.parametrize(("blocks", "per_hour", "rank"), [(179, 1.0, 3), (599, 1.0, 10), (600, 1.0, 10), (99, 6.0, 10)])
def test_the_threshold_is_the_block_maximum_whose_rank_predicts_the_rate(blocks, per_hour, rank):
    scores = maxima(blocks)
    value, rate = threshold_at_rate(scores, per_hour, MINUTE)
    assert rate.rank == rank
    assert (scores > value).sum() == rank - 1
    assert value in scores
    assert rate.per_hour == pytest.approx(rank / (blocks + 1) * 60)
    assert rate.per_hour <= per_hour * (1 + 1e-9)
    assert rate.low_per_hour < rate.per_hour < rate.high_per_hour
    assert (rate.blocks, rate.asked_per_hour, rate.control_hours) == (blocks, per_hour, pytest.approx(blocks / 60))


def test_a_new_block_exceeds_the_threshold_as_often_as_promised_even_with_few_controls():
    """Exact for any distribution: 10 of 100 draws, by simulation."""
    rng = np.random.default_rng(1)
    exceeded, promised = [], 0.0
    for _ in range(4000):
        scores = rng.exponential(size=35)
        value, rate = threshold_at_rate(scores, 6.0, MINUTE)
        exceeded.append(np.exp(-value))  # the chance of a new one
        promised = rate.per_hour / 60
    assert promised == 3 / 36
    assert np.mean(exceeded) == pytest.approx(promised, abs=4 * np.std(exceeded) / np.sqrt(len(exceeded)))


def test_the_interval_of_the_rate_holds_it_in_19_of_20_fits():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(3000):
        value, rate = threshold_at_rate(rng.exponential(size=200), 2.0, MINUTE)
        held.append(rate.low_per_hour <= np.exp(-value) * 60 <= rate.high_per_hour)
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_controls_too_short_for_the_rate_are_refused_with_what_is_needed():
    words = (
        "the controls are too short for 1 false alarms per hour: got 2.97 hours (178 blocks) with a full past, "
        "expected at least 2.98 (179 blocks), in which 3 such alarms would come; add controls, or ask for at least "
        "1.01 per hour; nothing is extrapolated"
    )
    with pytest.raises(ConfigError, match=re.escape(words)):
        threshold_at_rate(maxima(178), 1.0, MINUTE)


def test_controls_too_short_for_any_rate_name_no_rate_to_ask_for():
    with pytest.raises(ConfigError, match="add controls; nothing is extrapolated"):
        threshold_at_rate(maxima(5), 1.0, MINUTE)
    with pytest.raises(ConfigError, match="got 0 hours"):
        threshold_at_rate(maxima(0), 1.0, MINUTE)


@settings(deadline=None)  # the first call imports scipy
@given(blocks=st.integers(29, 3000))
def test_the_rarest_rate_that_is_named_can_be_asked_for(blocks):
    with pytest.raises(ConfigError) as refused:
        threshold_at_rate(maxima(blocks), 1e-3, MINUTE)
    named = re.search(r"at least (\S+) per hour", str(refused.value))
    lowest = FEWEST_EXPECTED / (blocks + 1) * 60
    assert named is not None
    assert float(named[1]) == pytest.approx(lowest, rel=0.01)
    assert threshold_at_rate(maxima(blocks), lowest, MINUTE)[1].rank == FEWEST_EXPECTED


@pytest.mark.parametrize("per_hour", [0, -1, 6.1, 60])
def test_a_rate_that_blocks_cannot_tell_is_refused(per_hour):
    with pytest.raises(ConfigError, match="more than 0 and at most 6 with blocks of 60 s"):
        threshold_at_rate(maxima(1000), per_hour, MINUTE)


def test_the_highest_score_has_a_rate_too_unless_there_is_no_block():
    rate = rate_of_highest(59, MINUTE)
    assert rate.per_hour == pytest.approx(1.0)
    assert rate.asked_per_hour is None
    # A first order statistic: 1 - (1 - p)^59 = 0.025, 0.975.
    assert rate.low_per_hour == pytest.approx((1 - 0.975 ** (1 / 59)) * 60)
    assert rate.high_per_hour == pytest.approx((1 - 0.025 ** (1 / 59)) * 60)
    assert rate_of_highest(0, MINUTE) is None


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.391)])
def test_the_interval_of_a_count_is_garwoods(count, low, high):
    """Against published tables of the Poisson mean."""
    counted = rate_of_count(count, 2.0)
    assert counted.per_hour == count / 2
    assert counted.low_per_hour == pytest.approx(low / 2, abs=1e-3)
    assert counted.high_per_hour == pytest.approx(high / 2, abs=1e-3)


def test_a_rate_over_no_time_is_refused():
    with pytest.raises(ValueError, match="expected some time"):
        rate_of_count(0, 0)
