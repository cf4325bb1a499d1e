"""With the model that ships: a dimmed lamp is drift and no alarm, a third animal an alarm and no drift.

The alarm is the Mahalanobis distance from the reference. Selfee's own score is for what lasts: a visitor of seconds
becomes part of the own past within the exposures that it leaves out. The threshold is a quarter above the highest score
of another pair that does all there is to do once, which is short for a control: so a few alarms of a quiet pair are
forgiven, and a visitor must raise many. Nothing here knows the model's numbers.
"""

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.clock import NS_PER_S
from selfee_rt.config import (
    AnomalyEvent,
    ArenaConfig,
    DriftConfig,
    LampConfig,
    MahalanobisConfig,
    ModelConfig,
    ObserveConfig,
    SessionConfig,
    SyntheticConfig,
)
from selfee_rt.decide import Decider
from selfee_rt.embed.model import sha256_of
from selfee_rt.observe.mahalanobis import Mahalanobis
from selfee_rt.types import Embeddings
from selfee_rt.workbench.embedding import OpenRecording

FPS, SECONDS, EVENT_S = 15, 70, 40
EVERY = 3
"""Only every third exposure is embedded, as if the others had been lost on the way: it saves a minute."""
MARGIN = 1.25
FEW, MANY = 0.02, 0.1
"""Fractions of the exposures after the event."""
MODEL = ModelConfig(threads=1)
ARENA = ArenaConfig(name="arena")
DRIFT = DriftConfig(warm_up_s=26, persist_s=13)
VISIT_S = 10
"""Shorter than `persist_s`."""

pytestmark = pytest.mark.slow


def arena(seed, **what):
    return SyntheticConfig(seed=seed, seconds=SECONDS, fps=FPS, speed="max", **what)


def embedded(config, known_before=()):
    """The embeddings of a synthetic recording; those of exposures that are in another one already are taken from it."""
    before = {each.exposure.index: each for each in known_before if each.exposure.newest_media_ns < EVENT_S * NS_PER_S}
    with OpenRecording(config, MODEL, ARENA) as recording:
        embedder = build.embedder(MODEL, batch=1)
        decider = Decider(embedder, (), None, frame_interval=recording.interval, align="current")
        chosen = (live for live in recording.live_frames() if live.exposure.index % EVERY == 0)
        found = [before.get(live.exposure.index) or decider.embed(live) for live in chosen]
        embedder.close()
    return found


@pytest.fixture(scope="module")
def known():
    config = SessionConfig(source=arena(0))
    return build.reference(config, sha256_of(build.model_path(MODEL)))


@pytest.fixture(scope="module")
def threshold(known):
    """The alarm's threshold, from a pair that nothing happens to."""
    detector = Mahalanobis(known, MahalanobisConfig(), FPS / EVERY)
    return MARGIN * max(detector.score(known.project(each.vector[0])) for each in embedded(arena(61)))


@pytest.fixture(scope="module")
def quiet():
    """Another pair that nothing happens to."""
    return embedded(arena(62))


def watched(known, threshold, embeddings: list[Embeddings], until_s=SECONDS):
    """Fraction of the exposures from the event on that alarm, and what has drifted at any time."""
    observe = ObserveConfig(detector=(MahalanobisConfig(threshold=threshold),), drift=DRIFT)
    observers = build.observers(SessionConfig(source=arena(62), observe=observe), known, FPS / EVERY, 4)
    decider = Decider(None, observers, known.project, frame_interval=1, align="current")
    alarms, drifted = [], set()
    for each in embeddings:
        said = decider.observe(each).observations[0]
        if EVENT_S <= said.exposure.media_ns / NS_PER_S < until_s:
            alarms.append(said.alarm)
        drifted |= {drift.statistic for state in decider.drifts.values() for drift in state}
    return np.mean(alarms), drifted


def test_a_quiet_pair_is_neither(known, threshold, quiet):
    alarms, drifted = watched(known, threshold, quiet)
    assert drifted == set()
    assert alarms <= FEW


def test_a_dimmed_lamp_is_drift_and_no_alarm(known, threshold, quiet):
    dimmed = arena(62, lamp=LampConfig(dim_to=0.7, dim_at_s=EVENT_S))
    alarms, drifted = watched(known, threshold, embedded(dimmed, quiet))
    assert "grey" in drifted
    assert alarms <= FEW


def test_a_third_animal_is_an_alarm_and_no_drift(known, threshold, quiet):
    visit = AnomalyEvent(what="third_object", start_s=EVENT_S, seconds=VISIT_S)
    strange = embedded(arena(62, anomalies=(visit,)), quiet)
    alarms, drifted = watched(known, threshold, strange, until_s=EVENT_S + VISIT_S)
    assert drifted == set()
    assert alarms >= MANY
