"""What a reference may hold beside its examples: calibrations, transitions of labels, a LightGBM model."""

import hashlib
import math
from itertools import pairwise
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError

CalibrationMethod: TypeAlias = Literal["temperature", "isotonic"]

FPS_TOLERANCE = 0.2
"""What is counted in exposures holds for frame rates this close (as a fraction) to the one it was learned at."""


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rising curve through knots: the share of exposures that really had the label, where it was given so much."""

    given: tuple[float, ...]
    """Probabilities that the classifier gave, rising strictly."""
    found: tuple[float, ...]
    """Share in 0..1, above 0, not falling."""


class Calibration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the probabilities of one kind of classifier are corrected."""

    method: CalibrationMethod
    how: str
    """One sentence for people: on what it was fitted."""
    settings: dict[str, float]
    """What the classifier must be run with for the correction to hold."""
    temperature: float | None = None
    curves: tuple[Curve, ...] = ()
    """One per label, for the method isotonic."""


class Transitions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often each label followed each in the labelled recordings, from one exposure to the next."""

    counts: tuple[tuple[int, ...], ...]
    """Rows: the label before; columns: the label after."""
    exposures: tuple[int, ...]
    """Labelled exposures of each label."""
    fps: float


class Boosted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What belongs to a LightGBM model; its text is an array of its own."""

    window_exposures: int
    fps: float
    sha256: str
    """Of the model's text."""
    lightgbm: str
    """Version it was trained with."""


def check_fps(what: str, learned_fps: float, fps: float) -> None:
    """Refuse what was learned at another frame rate.

    Raises:
        ConfigError: the rates differ by more than `FPS_TOLERANCE`.
    """
    if abs(fps - learned_fps) > FPS_TOLERANCE * learned_fps:
        raise ConfigError(
            [
                f"observe: {what} of the reference were learned at another frame rate: got {fps:g} fps, expected "
                f"{learned_fps:g}; use that rate, or make a reference from recordings of this one"
            ]
        )


def boosted_text(text: str) -> NDArray[np.uint8]:
    """Bytes of a LightGBM model's text, as an array for the file."""
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def parts_problem(
    labels: int,
    calibrations: dict[str, Calibration],
    transitions: Transitions | None,
    boosted: Boosted | None,
    text: NDArray[np.uint8] | None,
) -> str | None:
    """Say what is wrong with the optional parts of a reference of so many labels, or None."""
    problems = [_calibration_problem(name, each, labels) for name, each in calibrations.items()]
    if transitions is not None:
        problems.append(_transitions_problem(transitions, labels))
    problems.append(_boosted_problem(boosted, text))
    return next((problem for problem in problems if problem is not None), None)


def _calibration_problem(name: str, calibration: Calibration, labels: int) -> str | None:
    where = f"the calibration of {name}"
    if calibration.method == "temperature":
        temperature = calibration.temperature
        if calibration.curves or temperature is None or not (math.isfinite(temperature) and temperature > 0):
            return f"{where} has temperature {temperature}, expected one number above 0 and no curves"
        return None
    if calibration.temperature is not None or len(calibration.curves) != labels:
        return f"{where} has {len(calibration.curves)} curves, expected one for each of {labels} labels"
    return next((f"{where}: {why}" for curve in calibration.curves if (why := _curve_problem(curve))), None)


def _curve_problem(curve: Curve) -> str | None:
    if not curve.given or len(curve.given) != len(curve.found):
        return f"a curve has {len(curve.given)} and {len(curve.found)} numbers, expected as many of both, at least 1"
    if not all(0 <= value <= 1 for value in curve.given) or not all(0 < value <= 1 for value in curve.found):
        return "a curve leaves 0..1, or comes down to 0"
    rising = all(a < b for a, b in pairwise(curve.given)) and all(a <= b for a, b in pairwise(curve.found))
    return None if rising else "a curve does not rise"


def _transitions_problem(transitions: Transitions, labels: int) -> str | None:
    shape = {len(row) for row in transitions.counts}
    if len(transitions.counts) != labels or shape - {labels} or len(transitions.exposures) != labels:
        return f"the transitions are not those of {labels} labels"
    if min(transitions.exposures, default=1) < 1 or min((min(row) for row in transitions.counts), default=0) < 0:
        return "the transitions count less than nothing, or lack exposures of a label"
    return _fps_problem("the transitions", transitions.fps)


def _boosted_problem(boosted: Boosted | None, text: NDArray[np.uint8] | None) -> str | None:
    if boosted is None and text is None:
        return None
    if boosted is None or text is None:
        return "the LightGBM model is there without its description, or the other way round"
    if text.dtype != np.uint8 or text.ndim != 1 or hashlib.sha256(text.tobytes()).hexdigest() != boosted.sha256:
        return "the LightGBM model is not the one that was stored"
    if boosted.window_exposures < 1:
        return f"the LightGBM model has a window of {boosted.window_exposures} exposures, expected at least 1"
    return _fps_problem("the LightGBM model", boosted.fps)


def _fps_problem(what: str, fps: float) -> str | None:
    return None if math.isfinite(fps) and fps > 0 else f"{what} were learned at {fps:g} fps, expected a rate above 0"
