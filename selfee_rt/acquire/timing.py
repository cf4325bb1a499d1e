"""What the timestamps of a video file mean, and which exposure each of its frames is."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import SourceError

JUMP = 1.5
"""A step between two frames beyond this many periods means that exposures were dropped."""

JITTER = 0.25
"""A step further from the median than this fraction of it, and the resolution of the file's clock, is irregular."""

IRREGULAR = 0.2
"""With more than this fraction of irregular steps a file has no frame rate, and no dropped exposure can be inferred."""

CONFIRMED = 1e-4
"""Timestamps confirm the stated frame rate if they agree with it this closely, beside their rounding."""

MAX_FPS = 100_000.0
"""A rate above this is a container's tick rate, not a camera's."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """The timestamps of a file, found without decoding it."""

    pts_ns: tuple[int | None, ...]
    """In the order of the file; None: this packet has none."""
    backwards: int
    """How often decoding time runs backwards in the file, or frames come out of the decoder in another order."""
    tick_ns: float
    """Resolution of the file's clock."""
    stated_fps: float | None
    """The frame rate that the file itself states; None: it states none."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How media time and index follow from a file's timestamps."""

    kind: Literal["regular", "variable", "rate"]
    """`regular`: the file's times, gaps advance the index. `variable`: the file's times. `rate`: frame number / fps."""
    fps: float
    scale: float
    """Media time per file time; other than 1 where a configured frame rate overrides the file's."""
    note: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which exposure a frame is."""

    index: int
    media_ns: int
    inferred: bool
    """The index jumped, as concluded from the timestamps."""


def settle_timing(
    stamps: Stamps,
    *,
    source: Literal["auto", "file", "rate"] = "auto",
    fps: float | None = None,
    name: str = "the file",
) -> Timing:
    """Decide where media time comes from.

    Raises:
        SourceError: there is no usable frame rate and `fps` was not given, or the file's timestamps are asked for
            and it has none.
    """
    if source == "rate":
        return _by_rate(stamps, fps, name, "as configured")
    known = np.unique([pts for pts in stamps.pts_ns if pts is not None])
    faults = _faults(stamps, len(known))
    if source == "auto" and faults:
        return _by_rate(stamps, fps, name, faults)
    if len(known) < 2:
        if source == "file" and len(known) < len(stamps.pts_ns):
            raise SourceError(f'{name}: {faults}, expected one per frame; set timestamps = "rate" and fps')
        return _by_rate(stamps, fps, name, "the file has a single frame")
    return _by_file(known, stamps, source, fps)


def _faults(stamps: Stamps, n_distinct: int) -> str | None:
    total = len(stamps.pts_ns)
    missing = sum(pts is None for pts in stamps.pts_ns)
    counts = {"are missing": missing, "repeat": total - missing - n_distinct, "run backwards": stamps.backwards}
    faults = [f"{count} {what}" for what, count in counts.items() if count]
    return f"of {total} timestamps {', '.join(faults)}" if faults else None


def _by_rate(stamps: Stamps, fps: float | None, name: str, why: str) -> Timing:
    rate = fps or stamps.stated_fps
    if rate is None:
        raise SourceError(f"{name}: no frame rate ({why}, and the file states none); set fps to the camera's")
    whose = "the configured" if fps else "the file's stated"
    return Timing("rate", rate, 1.0, f"time is frame number / {whose} {rate:g} frames/s: {why}")


def _by_file(known_ns: NDArray[np.int64], stamps: Stamps, source: str, fps: float | None) -> Timing:
    steps = np.diff(known_ns)
    median = float(np.median(steps))
    usual = steps[np.abs(steps - median) <= JITTER * median + stamps.tick_ns]
    irregular = 1 - len(usual) / len(steps)
    if irregular > IRREGULAR:
        average = NS_PER_S / float(np.mean(steps))
        note = f"time is the file's; {irregular:.0%} of its steps are irregular, so no dropped exposure can be inferred"
        return Timing("variable", fps or average, 1.0, f"{note}; {average:.4g} frames/s on average")
    measured = _measured_fps(usual, stamps)
    if fps is None or source == "file":
        return Timing("regular", fps or measured, 1.0, f"time is the file's, regular at {measured:.6g} frames/s")
    note = f"time is the file's, stretched from {measured:.6g} to the configured {fps:g} frames/s"
    return Timing("regular", fps, measured / fps, note)


def _measured_fps(usual_steps_ns: NDArray[np.int64], stamps: Stamps) -> float:
    """Frames/s of the usual steps, or the stated number where the steps, as finely as they are kept, confirm it."""
    total_ns = float(np.sum(usual_steps_ns))
    measured = len(usual_steps_ns) * NS_PER_S / total_ns
    tolerance = CONFIRMED + stamps.tick_ns / total_ns
    stated = stamps.stated_fps
    return stated if stated is not None and math.isclose(measured, stated, rel_tol=tolerance) else measured


class FileClock:
    """Gives each decoded frame of a file its index and its media time, which rises strictly.

    A frame whose own timestamp is missing or does not lie after the one before is placed behind it by one period or
    by half a period, and counted in `repaired`; it takes one of the exposures between its neighbours.

    >>> clock = FileClock(Timing("regular", 100.0, 1.0, ""))
    >>> [clock.stamp(ms * 1_000_000).index for ms in (40, 50, 61, 90)]
    [0, 1, 2, 5]
    """

    def __init__(self, timing: Timing) -> None:
        self.repaired = 0
        self._timing = timing
        self._period_ns = NS_PER_S / timing.fps
        self._origin_ns: int | None = None
        self._last: Stamp | None = None
        self._last_timed: Stamp | None = None
        """The last one that had a usable timestamp of its own."""

    def stamp(self, pts_ns: int | None) -> Stamp:
        """Take the next frame's timestamp; return which exposure it is."""
        last = self._last
        if self._timing.kind == "rate":
            index = 0 if last is None else last.index + 1
            self._last = Stamp(index, round(index * self._period_ns), inferred=False)
            return self._last
        media_ns = self._media_ns(pts_ns)
        if media_ns is not None and (last is None or media_ns > last.media_ns):
            self._last = self._last_timed = self._timed(last, media_ns)
        else:
            self.repaired += 1
            self._last = self._repaired(last, media_ns)
        return self._last

    def _timed(self, last: Stamp | None, media_ns: int) -> Stamp:
        index = 0 if last is None else last.index + 1
        if self._last_timed is not None and self._timing.kind == "regular":
            steps = exposures_between(media_ns - self._last_timed.media_ns, self._period_ns)
            index = max(index, self._last_timed.index + steps)
        return Stamp(index, media_ns, inferred=last is not None and index > last.index + 1)

    def _repaired(self, last: Stamp | None, media_ns: int | None) -> Stamp:
        if last is None:
            return Stamp(0, 0, inferred=False)
        behind_ns = self._period_ns if media_ns is None else self._period_ns / 2
        return Stamp(last.index + 1, last.media_ns + round(behind_ns), inferred=False)

    def _media_ns(self, pts_ns: int | None) -> int | None:
        """Media time of a timestamp, from the first one on; a clip's first frame without one begins at 0."""
        if pts_ns is None:
            return None
        if self._origin_ns is None:
            self._origin_ns = pts_ns if self._last is None else pts_ns - self._last.media_ns - round(self._period_ns)
        return round((pts_ns - self._origin_ns) * self._timing.scale)


def exposures_between(step_ns: int, period_ns: float) -> int:
    """Exposures that a camera made during a step between two frames that arrived, at least 1.

    >>> exposures_between(33, 33.3), exposures_between(49, 33.3), exposures_between(101, 33.3)
    (1, 1, 3)
    """
    return max(1, int(step_ns / period_ns + 0.5)) if step_ns > JUMP * period_ns else 1


def usable_fps(rate: object) -> float | None:
    """A frame rate as a number, None where it is missing or no camera's.

    >>> from fractions import Fraction
    >>> usable_fps(Fraction(30000, 1001)), usable_fps(None), usable_fps(Fraction(1200000))
    (29.97002997002997, None, None)
    """
    fps = float(rate) if rate else 0.0  # type: ignore[arg-type]
    return fps if 0 < fps <= MAX_FPS else None
