"""Fits how probabilities must be corrected to mean what they say, on exposures that were held out of training."""

from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize_scalar

from selfee_rt.errors import ConfigError
from selfee_rt.observe.calibrate import Temperature
from selfee_rt.observe.reference_parts import Calibration, CalibrationMethod, Curve

TEMPERATURES = (0.02, 50.0)
"""Range that is searched."""


def fit_calibration(
    method: CalibrationMethod,
    probabilities: NDArray[np.float64],
    label_of: NDArray[np.int64],
    *,
    settings: dict[str, float],
    how: str,
) -> Calibration:
    """Fit on held-out `probabilities` (N, C) whose true labels are `label_of` (N,).

    Raises:
        ConfigError: there is nothing to fit on.
    """
    if not len(probabilities):
        raise ConfigError(["--calibrate: no exposure was held out; use longer or more labelled recordings"])
    match method:
        case "temperature":
            temperature = fit_temperature(probabilities, label_of)
            return Calibration(method, how, settings, temperature=temperature)
        case "isotonic":
            labels = range(probabilities.shape[1])
            curves = tuple(fit_curve(probabilities[:, label], label_of == label) for label in labels)
            return Calibration(method, how, settings, curves=curves)
        case _:
            assert_never(method)


def fit_temperature(probabilities: NDArray[np.float64], label_of: NDArray[np.int64]) -> float:
    """Find the temperature at which the true labels `label_of` (N,) are most probable by (N, C).

    Source: Guo et al. 2017, ICML, 1321.
    """

    def loss(log_temperature: float) -> float:
        return log_loss(Temperature(float(np.exp(log_temperature)))(probabilities), label_of)

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def fit_curve(given: NDArray[np.float64], truth: NDArray[np.bool_]) -> Curve:
    """Fit the rising curve from probabilities `given` (N,) to the share of exposures with the label, `truth` (N,).

    Equal probabilities are pooled first. A share below half an exposure in N cannot be told from none and is raised to
    that, so that no label becomes impossible. Of each level stretch the two ends are kept.
    Source: pool adjacent violators: Ayer et al. 1955, Annals of Mathematical Statistics 26:641.
    """
    values, group = np.unique(given, return_inverse=True)
    count = np.bincount(group).astype(np.float64)
    share = np.bincount(group, weights=truth) / count
    found = np.clip(isotonic_regression(share, weights=count).x, 0.5 / len(given), 1.0)
    bend = np.diff(found) != 0
    kept = np.append(True, bend) | np.append(bend, True)
    return Curve(tuple(np.clip(values[kept], 0, 1).tolist()), tuple(found[kept].tolist()))


def log_loss(probabilities: NDArray[np.float64], label_of: NDArray[np.int64]) -> float:
    """Mean of -log of the probability (N, C) given to the true label (N,); infinite if that was 0."""
    with np.errstate(divide="ignore"):
        return float(-np.log(probabilities[np.arange(len(label_of)), label_of]).mean())
