"""A threshold that promises a rate keeps it: simulated controls, the real detector, the real fit, new sessions.

The animals' points wander over a sphere and resemble themselves for about ten seconds (an autoregressive process), at
one exposure in two seconds, so that a hundred hours take seconds. Every session lasts three hours.
"""

import numpy as np
import pytest

from selfee_rt.config import MahalanobisConfig, SelfeeAnomalyConfig
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.false_alarms import alarm_starts, media_ns_of
from selfee_rt.workbench.fit import choose_examples, make_reference
from selfee_rt.workbench.thresholds import ThresholdSettings, control_thresholds, score_recording, settled

FPS = 0.5
SESSION_H = 3
SESSIONS = 8
SEEDS = range(5)
DIM = 8
CORRELATED_S = 10
BLOCK_S = 60.0
PER_HOUR = 1.0
PAST_S = 300
NS_PER_H = 3600 * 10**9

SELFEE = SelfeeAnomalyConfig(past_s=PAST_S, skip_exposures=10, warm_up_exposures=20)
DETECTORS = {"selfee": SELFEE, "mahalanobis": MahalanobisConfig()}


def wandering(hours, rng, name="control"):
    """One recording of an animal that does nothing strange."""
    from scipy.signal import lfilter

    count = round(hours * 3600 * FPS)
    keep = np.exp(-1 / (CORRELATED_S * FPS))
    steps = rng.standard_normal((count, DIM)) * np.sqrt(1 - keep**2)
    steps[0] = rng.standard_normal(DIM)
    walk = lfilter([1], [1, -keep], steps, axis=0)
    return Embedded(
        name=name,
        sha256=None,
        model_id="5" * 64,
        fps=FPS,
        exposures=count,
        frame_index=np.arange(count),
        embedding=walk.astype(np.float16),
    )


def watched(config, seed):
    """Fit on one set of sessions; the promise, and when alarms began in another set, past the filling of the past."""
    rng = np.random.default_rng(seed)
    reference = make_reference(choose_examples([wandering(0.2, rng)], [None], []), "5" * 64, DIM, 300)
    controls = [wandering(SESSION_H, rng) for _ in range(SESSIONS)]
    asked = ThresholdSettings(detectors=(config,), false_alarms_per_hour=PER_HOUR, block_s=BLOCK_S)
    threshold = control_thresholds(reference, controls, asked)[config.name]
    starts, hours = [], 0.0
    for _ in range(SESSIONS):
        session = wandering(SESSION_H, rng)
        scores = settled(score_recording(reference, session, config), config, FPS)
        starts.append(alarm_starts(scores, media_ns_of(np.arange(len(scores)), FPS), threshold.value, BLOCK_S))
        hours += len(scores) / FPS / 3600
    return threshold.rate, starts, hours


@pytest.fixture(scope="module", params=DETECTORS)
def outcome(request):
    return [watched(DETECTORS[request.param], seed) for seed in SEEDS]


def predicted(outcome):
    """Draws of the total count: the rate behind a fitted threshold is uncertain, and so is the count at that rate."""
    rng = np.random.default_rng(0)
    total = np.zeros(20_000)
    for rate, _, hours in outcome:
        a_block = rng.beta(rate.rank, rate.blocks + 1 - rate.rank, len(total))
        total += rng.binomial(round(hours * 3600 / rate.block_s), a_block)
    return total


def test_over_a_hundred_hours_false_alarms_come_as_often_as_promised(outcome):
    assert sum(rate.control_hours for rate, _, _ in outcome) > 100
    assert sum(hours for _, _, hours in outcome) > 100
    low, high = np.percentile(predicted(outcome), (2.5, 97.5))
    count = sum(len(each) for _, starts, _ in outcome for each in starts)
    expected = sum(rate.per_hour * hours for rate, _, hours in outcome)
    assert 0.9 * PER_HOUR < outcome[0][0].per_hour <= PER_HOUR
    assert low <= count <= high, f"{count} alarms, promised {expected:.0f} ({low:.0f} to {high:.0f})"


def test_three_hours_of_a_session_show_no_trend(outcome):
    """Laplace's test: if alarms come at a constant rate, the times of N of them are uniform over the session.

    Source: Cox and Lewis 1966, The Statistical Analysis of Series of Events, section 3.3.
    """
    times = np.concatenate([each for _, starts, _ in outcome for each in starts]) / NS_PER_H
    length = SESSION_H - (PAST_S / 3600 if outcome[0][2] < SESSIONS * SESSION_H else 0)
    z = (times.mean() - length / 2) / (length / np.sqrt(12 * len(times)))
    assert len(times) > 50
    assert abs(z) < 1.96, f"z = {z:.2f}"
