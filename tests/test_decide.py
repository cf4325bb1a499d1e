"""The deciding step calls every plug once per exposure, in order, and says what they gave."""

import numpy as np
import pytest

from selfee_rt.decide import ArenaObserver, Decider
from selfee_rt.errors import ModelError
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.smooth import ModeFilter
from selfee_rt.types import Bout, Embeddings, Exposure, Guess, ImageStats

LABELS = ("still", "chasing")


class NoEmbedder:
    """The embeddings are given."""

    model_id = "m"

    def embed(self, images):
        raise ModelError("not here")

    def close(self):
        """Nothing is open."""


class FirstCoordinate:
    """Chasing is as probable as the first coordinate says; keeps what it was told."""

    labels = LABELS

    def __init__(self):
        self.told = []

    def probabilities(self, point):
        self.told.append("asked")
        return np.array([1 - point[0], point[0]], dtype=np.float64)

    def observe(self, point):
        self.told.append("observed")

    def reset(self, why):
        self.told.append(why)


class Lagging:
    """Judges the guess two pushes ago again: always `chasing`."""

    lag = 2

    def __init__(self):
        self.waiting = 0

    def push(self, guess):
        self.waiting += 1
        return guess

    def revised(self):
        if self.waiting <= self.lag:
            return None
        self.waiting -= 1
        return self.lag, Guess("chasing", np.array([0.0, 1.0]))

    def finish(self):
        return tuple((ago, Guess("still", None)) for ago in reversed(range(self.waiting)))

    def reset(self):
        self.waiting = 0


class Every:
    """A template that matches at every exposure; a drift watch that keeps what it was given."""

    name = "every"

    def __init__(self):
        self.given = []

    def push(self, point, index, media_ns):
        return Bout("a", "template:every", index, index, media_ns, media_ns, source="template")

    def observe(self, stats, vector, index):
        self.given.append((stats.tolist(), vector.tolist(), index))

    def state(self):
        return ()

    def reset(self, why):
        self.given.append(why)

    def finish(self):
        return Bout("a", "template:every", 99, 99, 0, 0, source="template")


def observer(classifier=None, smoother=None, **plugs):
    return ArenaObserver("a", classifier, (), {}, smoother or ModeFilter(1), BoutTracker("a", min_exposures=1), **plugs)


def decider(observed):
    return Decider(NoEmbedder(), (observed,), lambda vector: vector, frame_interval=1, align="current")


def embeddings(index, value=0.0):
    exposure = Exposure(index, 40 * index, 0, 0, index + 1, 40 * index + 40, 0, 0)
    stats = np.full((1, ImageStats.COUNT), index, np.float32)
    return Embeddings(exposure, np.array([[value, 1.0]], np.float32), "m", 0, 0, stats)


def test_a_classifier_is_asked_before_its_windows_move_on_and_told_of_a_break():
    classifier = FirstCoordinate()
    step = decider(observer(classifier))
    for index in (1, 2, 9):
        step.observe(embeddings(index))
    assert classifier.told == ["asked", "observed"] * 2 + ["exposures 3 to 8 are missing", "asked", "observed"]


def test_revisions_name_the_exposure_that_is_judged_again_and_what_was_needed():
    step = decider(observer(FirstCoordinate(), Lagging()))
    said = [step.observe(embeddings(index)).revisions for index in (1, 2, 3, 5)]
    assert [len(each) for each in said] == [0, 0, 1, 1]
    first, second = said[2][0], said[3][0]
    assert (first.label_index, first.newest_index, first.media_ns) == (1, 3, 40)
    assert (second.label_index, second.newest_index, second.media_ns) == (2, 5, 80)
    assert (first.label, first.probabilities) == ("chasing", (0.0, 1.0))


def test_what_waits_for_its_future_is_said_at_a_break_and_at_the_end():
    step = decider(observer(FirstCoordinate(), Lagging()))
    for index in (1, 2, 3):
        step.observe(embeddings(index))
    at_break = step.observe(embeddings(50)).revisions
    assert [(each.label_index, each.newest_index, each.label) for each in at_break] == [
        (2, 3, "still"),
        (3, 3, "still"),
    ]
    assert [each.label_index for each in step.finish().revisions] == [50]


def test_an_abstaining_arena_keeps_its_probabilities_and_loses_its_label_and_bout():
    unsure = observer(FirstCoordinate(), abstain=lambda point, probabilities: bool(probabilities.max() < 0.8))
    step = decider(unsure)
    said = [step.observe(embeddings(index, value)).observations[0] for index, value in ((1, 0.9), (2, 0.6), (3, 0.9))]
    assert [each.label for each in said] == ["chasing", None, "chasing"]
    assert said[1].probabilities == pytest.approx((0.4, 0.6))
    assert [bout.start_index for bout in step.finish().bouts] == [3]


def test_templates_and_drift_watches_see_every_exposure():
    every = Every()
    step = decider(observer(templates=(every,), drift=every))
    decision = step.observe(embeddings(7, 0.5))
    assert [(bout.label, bout.start_index, bout.start_media_ns) for bout in decision.bouts] == [
        ("template:every", 7, 280)
    ]
    assert every.given == [([7.0] * ImageStats.COUNT, [0.5, 1.0], 7)]
    assert [bout.start_index for bout in step.finish().bouts] == [99]


def test_a_taught_classifier_answers_from_the_next_exposure_and_the_revision_says_so():
    class Sure(FirstCoordinate):
        def probabilities(self, point):
            return np.array([1.0, 0.0])

    step = decider(observer(FirstCoordinate()))
    before = step.observe(embeddings(1, 1.0)).observations[0]
    step.teach({"a": Sure(), "elsewhere": Sure()})
    after = step.observe(embeddings(2, 1.0)).observations[0]
    assert (before.label, before.revision, after.label, after.revision) == ("chasing", 0, "still", 1)
