"""What a stored calibration does to probabilities, and when it may be used."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig, LightGbmConfig, ProbeConfig, RiverClassifierConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.calibrate import (
    Calibrated,
    Isotonic,
    Temperature,
    assumed_prior,
    calibration_for,
    calibration_settings,
)
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference_parts import Calibration, Curve, Transitions
from tests.observe.support import make_reference, points

SHARES = st.lists(st.floats(0.001, 1), min_size=2, max_size=4).map(lambda parts: np.array(parts) / sum(parts))
KNN = calibration_settings(KnnConfig())
RIVER = RiverClassifierConfig(model="river.naive_bayes.GaussianNB")


def cooled(settings=KNN):
    return Calibration("temperature", "by hand", settings, temperature=2.0)


def curved():
    return Calibration("isotonic", "by hand", KNN, curves=(Curve((0.0, 1.0), (0.1, 0.9)),) * 3)


def reference_with(**parts):
    return dataclasses.replace(make_reference(), **parts)


@given(given_shares=SHARES, temperature=st.floats(0.2, 20))
def test_a_temperature_raises_probabilities_to_its_inverse(given_shares, temperature):
    expected = given_shares ** (1 / temperature)
    np.testing.assert_allclose(Temperature(temperature)(given_shares), expected / expected.sum())


@given(given_shares=SHARES, temperature=st.floats(0.2, 20))
def test_a_temperature_keeps_the_order(given_shares, temperature):
    calibrated = Temperature(temperature)(given_shares)
    assert np.all(np.diff(calibrated[np.argsort(given_shares)]) > -1e-12)  # shares below NO_VOTE become equal


def test_a_label_without_a_vote_is_unlikely_and_not_impossible():
    calibrated = Temperature(2.0)(np.array([1.0, 0.0]))
    np.testing.assert_allclose(calibrated, [1 / 1.001, 0.001 / 1.001])


def test_curves_are_straight_between_knots_and_level_beyond():
    curve = (np.array([0.2, 0.4]), np.array([0.1, 0.5]))
    level = (np.array([0.5]), np.array([0.3]))
    correct = Isotonic((curve, level))
    for given_first, found in ((0.1, 0.1), (0.3, 0.3), (0.4, 0.5), (0.9, 0.5)):
        calibrated = correct(np.array([given_first, 1 - given_first]))
        np.testing.assert_allclose(calibrated, np.array([found, 0.3]) / (found + 0.3))


def test_a_calibrated_classifier_corrects_what_the_one_within_says():
    reference = make_reference()
    knn = Knn(reference, KnnConfig())
    calibrated = Calibrated(Knn(reference, KnnConfig()), cooled())
    for point in points(5):
        expected = Temperature(2.0)(knn.probabilities(point))
        np.testing.assert_array_equal(calibrated.probabilities(point), expected)


def test_what_is_unknown_stays_unknown():
    class Silent:
        labels = ("a", "b")

        def probabilities(self, point):
            return None

    assert Calibrated(Silent(), cooled()).probabilities(points(1)[0]) is None


def test_the_references_calibration_is_used_unless_it_is_not_wanted():
    reference = reference_with(calibrations={"knn": cooled()})
    assert calibration_for(reference, KnnConfig(), None) == cooled()
    assert calibration_for(reference, KnnConfig(), True) == cooled()
    assert calibration_for(reference, KnnConfig(), False) is None
    assert calibration_for(reference, ProbeConfig(), None) is None
    assert calibration_for(reference, KnnConfig(k=7), False) is None


def test_a_calibration_that_is_wanted_and_missing_is_named():
    with pytest.raises(ConfigError, match=r"no calibration of the classifier 'probe'; make one with `selfee-rt fit"):
        calibration_for(make_reference(), ProbeConfig(), True)


@pytest.mark.parametrize("config", [KnnConfig(k=7), KnnConfig(tau=0.1), KnnConfig(balance=False)])
def test_a_calibration_for_other_settings_is_refused(config):
    reference = reference_with(calibrations={"knn": cooled()})
    with pytest.raises(ConfigError, match=r"the reference's calibration is for other settings: got .*expected"):
        calibration_for(reference, config, None)


def test_the_prior_is_what_the_probabilities_take_for_granted():
    reference = reference_with(transitions=Transitions(((9, 1, 0),) * 3, (10, 30, 60), 30.0))
    counts = np.bincount(reference.label_of[reference.label_of >= 0])
    level, scored, bank = np.full(3, 1 / 3), np.array([0.1, 0.3, 0.6]), counts / counts.sum()
    for config, calibration, expected in (
        (KnnConfig(), None, level),
        (KnnConfig(), cooled(), level),
        (KnnConfig(), curved(), scored),
        (KnnConfig(balance=False), None, bank),
        (KnnConfig(balance=False), cooled(), bank),
        (ProbeConfig(), None, level),
        (ProbeConfig(balance=False), None, bank),
        (LightGbmConfig(), None, level),
        (RIVER, None, bank),
    ):
        np.testing.assert_allclose(assumed_prior(reference, config, calibration), expected)
