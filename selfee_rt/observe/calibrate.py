"""Probabilities that mean what they say: corrected by what held-out exposures showed."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ClassifierConfig, KnnConfig, LightGbmConfig, ProbeConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Calibration
from selfee_rt.protocols import Classifier
from selfee_rt.types import Examples

NO_VOTE = 1e-6
"""What a temperature takes a probability below this for: a label that got no vote at all is not impossible."""


class Correction(Protocol):
    """Turns the probabilities (C,) of one exposure into calibrated ones."""

    def __call__(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (C,), sum 1."""


class Temperature:
    """Divides the logarithms of the probabilities by one number, above 1 where the classifier is too sure.

    Source: Guo et al. 2017, ICML, 1321.
    """

    def __init__(self, temperature: float) -> None:
        self._temperature = temperature

    def __call__(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (..., C), sum 1."""
        logits = np.log(np.maximum(probabilities, NO_VOTE)) / self._temperature
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=-1, keepdims=True), dtype=np.float64)


class Isotonic:
    """Maps each label's probability by its own rising curve, straight between knots; then scales the sum to 1.

    Source: Zadrozny and Elkan 2002, KDD, 694, one label against the rest.
    """

    def __init__(self, curves: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]) -> None:
        self._curves = curves

    def __call__(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (..., C), sum 1."""
        columns = [np.interp(probabilities[..., at], *curve) for at, curve in enumerate(self._curves)]
        mapped = np.stack(columns, axis=-1)
        return np.asarray(mapped / mapped.sum(axis=-1, keepdims=True), dtype=np.float64)


def correction(calibration: Calibration) -> Correction:
    """Return what a stored calibration does."""
    if calibration.temperature is not None:
        return Temperature(calibration.temperature)
    return Isotonic(tuple((np.array(curve.given), np.array(curve.found)) for curve in calibration.curves))


class Calibrated:
    """A classifier whose probabilities are calibrated; in everything else the one within."""

    def __init__(self, classifier: Classifier, calibration: Calibration) -> None:
        self._classifier, self._calibration = classifier, calibration
        self._correct = correction(calibration)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""
        return self._classifier.labels

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Calibrated probability of each label for `point` (d,) float32: (C,), sum 1; None while warming up."""
        probabilities = self._classifier.probabilities(point)
        return None if probabilities is None else self._correct(probabilities)

    def observe(self, point: NDArray[np.float32]) -> None:
        """Let the classifier's windows move on."""
        self._classifier.observe(point)

    def reset(self, why: str) -> None:
        """Tell the classifier of a break."""
        self._classifier.reset(why)

    def taught(self, examples: Examples) -> "Calibrated":
        """Return the taught classifier under the same calibration, which is not fitted anew."""
        return Calibrated(self._classifier.taught(examples), self._calibration)


def calibration_settings(config: ClassifierConfig) -> dict[str, float]:
    """Return what a calibration of this classifier depends on, to be stored beside it."""
    match config:
        case KnnConfig():
            return {"k": float(config.k), "tau": config.tau, "balance": float(config.balance)}
        case ProbeConfig():
            return {"l2": config.l2, "balance": float(config.balance)}
        case _:
            return {}


def calibration_for(reference: Reference, config: ClassifierConfig, wanted: bool | None) -> Calibration | None:
    """Return the reference's calibration of this classifier; None where there is none, or it is not `wanted`.

    Raises:
        ConfigError: it is wanted and not there, or was fitted for other settings.
    """
    if wanted is False:
        return None
    found = reference.calibrations.get(config.kind)
    if found is None:
        if wanted:
            raise ConfigError(
                [
                    f"observe.calibrate: the reference has no calibration of the classifier {config.kind!r}; make one "
                    f"with `selfee-rt fit --classifier {config.kind} --calibrate isotonic`, or leave calibrate out"
                ]
            )
        return None
    settings = calibration_settings(config)
    if settings != found.settings:
        raise ConfigError(
            [
                f"observe.classifier: the reference's calibration is for other settings: got {settings}, expected "
                f"{found.settings}; use those, or set observe.calibrate = false"
            ]
        )
    return found


def assumed_prior(
    reference: Reference, config: ClassifierConfig, calibration: Calibration | None
) -> NDArray[np.float64]:
    """Probability (C,) of each label before anything is seen, as the classifier's own probabilities imply.

    A balanced classifier takes all labels for equally frequent, and a temperature leaves that so; isotonic curves bring
    in the frequencies of the labelled exposures; any other classifier has those of its bank.
    """
    labels = len(reference.labels)
    if calibration is not None and calibration.method == "isotonic" and reference.transitions is not None:
        return _shares(np.array(reference.transitions.exposures))
    match config:
        case KnnConfig(balance=True) | ProbeConfig(balance=True) | LightGbmConfig():
            return np.full(labels, 1 / labels)
        case _:
            return _shares(np.bincount(reference.label_of[reference.label_of >= 0], minlength=labels))


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(counts / counts.sum(), dtype=np.float64)
