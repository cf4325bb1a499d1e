"""From the model's interval in milliseconds to a frame interval in exposures."""

import math
from dataclasses import dataclass

from selfee_rt.errors import ModelMismatch

TOLERANCE = 0.2
"""A frame interval further off the model's than this fraction is a mismatch."""


@dataclass(frozen=True, slots=True)
class FrameInterval:
    """Distance from past to current, and from current to future."""

    exposures: int
    actual_ms: float
    departure: float
    """`actual_ms` / the model's interval - 1; negative where it is shorter."""


def frame_interval(interval_ms: float, fps: float, *, allow_mismatch: bool) -> FrameInterval:
    """Frame interval, in whole exposures, that comes nearest to the model's at this frame rate.

    >>> frame_interval(66.7, 30.0, allow_mismatch=False).exposures
    2

    Raises:
        ModelMismatch: it is more than 20 % off the model's, and `allow_mismatch` is False.
        ValueError: one of the numbers is not positive.
    """
    if not (interval_ms > 0 and math.isfinite(interval_ms) and fps > 0 and math.isfinite(fps)):
        raise ValueError(f"expected a positive interval and frame rate, got {interval_ms} ms and {fps} frames/s")
    exposures = max(1, round(interval_ms * fps / 1000))
    actual_ms = exposures * 1000 / fps
    departure = actual_ms / interval_ms - 1
    if abs(departure) > TOLERANCE and not allow_mismatch:
        raise ModelMismatch(_explain(interval_ms, fps, actual_ms, departure))
    return FrameInterval(exposures, actual_ms, departure)


def _explain(interval_ms: float, fps: float, actual_ms: float, departure: float) -> str:
    lowest = 1000 / (interval_ms * (1 + TOLERANCE))
    return (
        f"the model was trained with {interval_ms:g} ms between the frames of a live frame; at {fps:g} frames/s "
        f"the nearest is {actual_ms:.1f} ms ({departure:+.0%}), expected within {TOLERANCE:.0%}; "
        f"use a camera of {_fitting(interval_ms, lowest)}, another model, or set model.allow_interval_mismatch = true"
    )


def _fitting(interval_ms: float, lowest: float) -> str:
    """Frame rates at which one or more whole exposures lie within the tolerance, in words.

    From 1 exposure up to 1 / (1 - tolerance), and from 2 exposures on without a hole when the tolerance is 20 %.
    """
    highest = 1000 / (interval_ms * (1 - TOLERANCE))
    return f"{lowest:.1f} to {highest:.1f} or at least {2 * lowest:.1f} frames/s"
