"""Calibrations are found where the truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.observe.calibrate import Isotonic, Temperature, correction
from selfee_rt.workbench.calibration import fit_calibration, fit_curve, fit_temperature, log_loss
from tests.support import need_module


def drawn(count, seed, sharpness):
    """Honest probabilities, labels drawn by them, and the same probabilities overstated by `sharpness`."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.ones(3), count)
    label_of = np.array([rng.choice(3, p=row) for row in honest])
    return honest, label_of, Temperature(1 / sharpness)(honest)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_the_temperature_found_is_the_one_that_overstated(sharpness):
    _, label_of, overstated = drawn(8000, 0, sharpness)
    assert fit_temperature(overstated, label_of) == pytest.approx(sharpness, rel=0.08)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), count=st.integers(3, 60))
def test_no_other_temperature_makes_the_labels_more_probable(seed, count):
    _, label_of, overstated = drawn(count, seed, 2.0)
    found = fit_temperature(overstated, label_of)
    least = log_loss(Temperature(found)(overstated), label_of)
    for other in np.geomspace(0.02, 50, 60):
        assert least <= log_loss(Temperature(float(other))(overstated), label_of) + 1e-6


def by_definition(given_shares, truth):
    """Pool neighbours that fall until none do, one example at a time."""
    pools = [[value, float(hit), 1] for value, hit in sorted(zip(given_shares, truth, strict=True))]
    merged = []
    for value, hits, count in pools:
        if merged and merged[-1][0][-1] == value:
            merged[-1][1] += hits
            merged[-1][2] += count
        else:
            merged.append([[value], hits, count])
    at = 0
    while at + 1 < len(merged):
        if merged[at][1] / merged[at][2] > merged[at + 1][1] / merged[at + 1][2]:
            first, second = merged[at], merged.pop(at + 1)
            merged[at] = [first[0] + second[0], first[1] + second[1], first[2] + second[2]]
            at = max(at - 1, 0)
        else:
            at += 1
    return {value: hits / count for values, hits, count in merged for value in values}


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=40))
def test_a_curve_is_that_of_pooling_neighbours_that_fall(pairs):
    given_shares, truth = np.array([value / 10 for value, _ in pairs]), np.array([hit for _, hit in pairs])
    curve = fit_curve(given_shares, truth)
    for value, share in by_definition(given_shares, truth).items():
        at = np.interp(value, curve.given, curve.found)
        assert at == pytest.approx(max(share, 0.5 / len(pairs)))


def test_a_curve_is_that_of_scikit_learn():
    isotonic = need_module("sklearn.isotonic")
    _, label_of, overstated = drawn(300, 4, 3.0)
    other = isotonic.IsotonicRegression(out_of_bounds="clip").fit(overstated[:, 0], label_of == 0)
    curve = fit_curve(overstated[:, 0], label_of == 0)
    at = np.linspace(0, 1, 50)
    np.testing.assert_allclose(
        np.interp(at, curve.given, curve.found), np.maximum(other.predict(at), 0.5 / 300), atol=5e-3
    )


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_calibrating_makes_other_exposures_more_probable(method):
    _, label_of, overstated = drawn(6000, 1, 4.0)
    found = fit_calibration(method, overstated[:3000], label_of[:3000], settings={"k": 3.0}, how="drawn")
    before = log_loss(overstated[3000:], label_of[3000:])
    assert log_loss(correction(found)(overstated[3000:]), label_of[3000:]) < before - 0.2
    assert (found.method, found.settings, found.how) == (method, {"k": 3.0}, "drawn")


def test_isotonic_curves_bring_confidence_near_to_accuracy():
    _, label_of, overstated = drawn(12_000, 2, 4.0)
    found = fit_calibration("isotonic", overstated[:6000], label_of[:6000], settings={}, how="")
    calibrated = correction(found)(overstated[6000:])
    for confidence in ((0.4, 0.6), (0.6, 0.8), (0.8, 1.0)):
        within = (calibrated.max(axis=1) >= confidence[0]) & (calibrated.max(axis=1) < confidence[1])
        right = (calibrated.argmax(axis=1) == label_of[6000:])[within].mean()
        assert right == pytest.approx(calibrated.max(axis=1)[within].mean(), abs=0.06)


def test_a_label_that_never_was_does_not_become_impossible():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    found = fit_calibration("isotonic", probabilities, np.zeros(3, np.int64), settings={}, how="")
    assert isinstance(correction(found), Isotonic)
    assert (correction(found)(probabilities) > 0).all()


def test_nothing_to_calibrate_on_is_refused():
    with pytest.raises(ConfigError, match="no exposure was held out"):
        fit_calibration("temperature", np.empty((0, 2)), np.empty(0, np.int64), settings={}, how="")


def test_what_was_given_no_chance_costs_everything():
    assert log_loss(np.array([[1.0, 0.0]]), np.array([1])) == np.inf
