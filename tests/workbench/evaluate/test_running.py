"""What is evaluated is what a session says: the same classifier, smoother and breaks."""

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ObserveConfig, SessionConfig, SyntheticConfig
from selfee_rt.decide import Decider
from selfee_rt.types import Embeddings, Exposure, Guess, read_only
from selfee_rt.workbench.evaluate.asking import Material, ask
from selfee_rt.workbench.evaluate.centred_windows import centred_mean, centred_mode
from selfee_rt.workbench.evaluate.running import UNKNOWN, smoothed
from selfee_rt.workbench.evaluate.training import Preparation
from selfee_rt.workbench.evaluate.variants import classifier_of, smoothing_of
from tests.support import need_module
from tests.workbench.evaluate.material import INTERVAL, NAMES, block, labelled, turns


class Stored:
    """Stands where the embedder would."""

    model_id = "m" * 64


def session(reference, classifier, smoothing, recording, rows):
    """Labels by exposure of a decider that is built from a configuration; revisions replace what was said first."""
    observe = ObserveConfig(classifier=classifier_of(classifier), smoothing=smoothing_of(smoothing).config, detector=())
    config = SessionConfig(source=SyntheticConfig(), observe=observe)
    arenas = build.observers(config, reference, recording.fps, 4 * INTERVAL)
    decider = Decider(Stored(), arenas, reference.project, frame_interval=INTERVAL, align="current")
    said, revisions = {}, []
    for index, vector in zip(recording.frame_index[rows].tolist(), recording.embedding[rows], strict=True):
        exposure = Exposure(index, index, index, index, index + INTERVAL, index, index, index)
        whole = Embeddings(exposure, read_only(vector.astype(np.float32)[None]), "m" * 64, 0, 0, None)
        decision = decider.observe(whole)
        said[index] = decision.observations[0].label
        revisions += decision.revisions
    for revision in [*revisions, *decider.finish().revisions]:
        said[revision.label_index] = revision.label
    return said


@pytest.mark.parametrize("classifier", ["knn:5", "probe", "lightgbm", "river:naive_bayes.GaussianNB"])
@pytest.mark.parametrize("smoothing", ["none", "mode:5", "mean:5", "hmm", "hmm:3"])
def test_the_labels_are_those_of_a_session_with_the_folds_reference(classifier, smoothing):
    if classifier == "lightgbm":
        need_module("lightgbm")
    recording = labelled(turns(260, bout=25), missing=[*range(120, 124), *range(140, 160)])
    part = block(100, 200, gap=12)
    preparation = Preparation(project=6, window_exposures=6)
    material = Material([recording], NAMES, 0, preparation)
    taught = material.without(part)
    rows = part.streamed(0, recording.frame_index)
    config = classifier_of(classifier)
    probabilities = ask(config, taught, part, material, rows)
    reference = taught.reference
    live = build.smoother(smoothing_of(smoothing).config, config, None, reference, recording.fps)
    exposure = recording.frame_index[rows]
    got = smoothed(live, probabilities, exposure, NAMES, reference.labels, material.bridged)
    if classifier == "lightgbm":
        from selfee_rt.workbench.boosting import train_boosted

        reference = train_boosted(reference, taught.scored, 6, material.bridged)
    expected = session(reference, classifier, smoothing, recording, rows)
    names = [None if label == UNKNOWN else NAMES[label] for label in got.label_of]
    assert names == [expected[index] for index in exposure.tolist()]
    assert len(set(names) - {None}) == 3


class Later:
    """A smoother that says 'still' at first and, two pushes later, what was really there."""

    lag = 2

    def __init__(self):
        self.held = []

    def push(self, guess):
        self.held.append(guess)
        return Guess("still", None)

    def revised(self):
        return (2, self.held[-3]) if len(self.held) > 2 else None

    def finish(self):
        newest = len(self.held) - 1
        return tuple((newest - at, guess) for at, guess in enumerate(self.held) if at > newest - 2)

    def reset(self):
        self.held = []


def test_the_last_word_on_each_exposure_counts_also_at_a_break_and_at_the_end():
    truth = turns(30, bout=4)
    exposure = np.where(np.arange(30) < 13, np.arange(30), np.arange(30) + 50)
    said = smoothed(Later(), np.eye(3)[truth], exposure, NAMES, NAMES, bridged=8)
    np.testing.assert_array_equal(said.label_of, truth)
    np.testing.assert_array_equal(said.probabilities, np.eye(3)[truth])


def test_a_smoother_that_knows_fewer_labels_gives_the_others_no_probability():
    given = np.eye(3)[[0, 2, 2]]
    live = build.smoother(smoothing_of("mean:3").config, classifier_of("knn"), None, None, 25.0)
    live._labels = ("chase", "wing")
    said = smoothed(live, given, np.arange(3), NAMES, ("chase", "wing"), bridged=8)
    np.testing.assert_array_equal(said.label_of, [0, 0, 2])
    np.testing.assert_allclose(said.probabilities, [[1, 0, 0], [0.5, 0, 0.5], [1 / 3, 0, 2 / 3]])


def test_centred_windows_reach_half_back_and_half_on_and_shrink_at_the_ends():
    truth = np.array([0, 1, 1, 2, 2, 2, 2, 0])
    said = centred_mode(np.eye(3)[truth], 5)
    np.testing.assert_array_equal(said.label_of, [1, 1, 1, 2, 2, 2, 2, 2])
    means = centred_mean(np.eye(3)[truth], 3).probabilities
    np.testing.assert_allclose(means[[0, 3, 7]], [[0.5, 0.5, 0], [0, 1 / 3, 2 / 3], [0.5, 0, 0.5]])


def test_unknown_exposures_have_no_part_in_a_centred_window():
    given = np.eye(3)[[0, 1, 1, 1, 2]]
    given[1:4] = np.nan
    np.testing.assert_array_equal(centred_mode(given, 3).label_of, [0, 0, UNKNOWN, 2, 2])
    np.testing.assert_array_equal(centred_mean(given, 3).label_of, [0, 0, UNKNOWN, 2, 2])
