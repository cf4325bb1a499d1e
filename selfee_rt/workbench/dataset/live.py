"""Every live frame of a recording; none spans a dropped exposure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.interval import TOLERANCE, frame_interval
from selfee_rt.compose.resize import Resizer
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset.recording import Recording
from selfee_rt.workbench.dataset.size import Size, size_of


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrameSet:
    """Every live frame of one recording; none spans a dropped exposure.

    The authors' training also takes exposures at a recording's ends, the missing past or future replaced by the
    current one (EBGU/Selfee, train_selfee.py, preShuffleImageDataset); a live session never has such a live frame.
    """

    recording: Recording
    interval: int
    """Frame interval in exposures."""
    current: NDArray[np.int64]
    """(M,) positions in the recording whose past and future exist."""

    @property
    def interval_ms(self) -> float:
        """Time between past and current."""
        return 1000 * self.interval / self.recording.fps

    def images(self, which: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the live frames number `which` (N,): (N, 3, H, W) uint8, past, current, future."""
        middle = self.current[which]
        return self._grey(np.stack([middle - self.interval, middle, middle + self.interval], axis=1))

    def raw(self, which: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return raw frames, the current exposure three times: (N, 3, H, W) uint8."""
        return self._grey(np.repeat(self.current[which][:, None], 3, axis=1))

    def _grey(self, positions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Pictures at `positions` (N, 3) of the recording: (N, 3, H, W)."""
        pictures: NDArray[np.uint8] = self.recording.grey[positions]
        return pictures

    def __len__(self) -> int:
        return len(self.current)


def live_frames(recording: Recording, interval_ms: float) -> LiveFrameSet:
    """Find the live frames of a recording at the interval nearest to `interval_ms`, however far that is.

    Raises:
        ValueError: the interval or the frame rate is not positive.
    """
    k = frame_interval(interval_ms, recording.fps, allow_mismatch=True).exposures
    middle = np.arange(k, len(recording.index) - k, dtype=np.int64)
    index = recording.index
    whole = (index[middle] - index[middle - k] == k) & (index[middle + k] - index[middle] == k)
    return LiveFrameSet(recording, k, middle[whole])


def live_frame_sets(
    recordings: Sequence[Recording], interval_ms: float, *, allow_mismatch: bool = False
) -> list[LiveFrameSet]:
    """Find the live frames of several recordings, each at its own frame interval nearest to `interval_ms`.

    Raises:
        ConfigError: an interval is more than 20 % off and `allow_mismatch` is False, or a recording has no live frame;
            names every such recording.
    """
    sets = [live_frames(recording, interval_ms) for recording in recordings]
    problems = [problem for each in sets if (problem := _problem(each, interval_ms, allow_mismatch))]
    if problems:
        raise ConfigError(problems)
    return sets


def _problem(live: LiveFrameSet, interval_ms: float, allow_mismatch: bool) -> str | None:
    name, fps = live.recording.name, live.recording.fps
    departure = live.interval_ms / interval_ms - 1
    if abs(departure) > TOLERANCE and not allow_mismatch:
        return (
            f"{name} has {fps:g} frames/s, so that its nearest interval is {live.interval_ms:.1f} ms "
            f"({departure:+.0%}), expected {interval_ms:g} ms within {TOLERANCE:.0%}; leave it out, change the "
            "interval, or allow the mismatch"
        )
    if not len(live):
        return (
            f"{name} gives no live frame: got {len(live.recording.index)} exposures, expected at least "
            f"{2 * live.interval + 1} without a gap; leave it out"
        )
    return None


def spread(sets: Sequence[LiveFrameSet], size_px: int | Size, each: int) -> NDArray[np.uint8]:
    """Take `each` live frames from every recording, evenly spread: (N, 3, H, W) uint8 of `size_px`."""
    chosen = [s.images(np.linspace(0, len(s) - 1, min(each, len(s))).astype(np.int64)) for s in sets if len(s)]
    resized = [_resized(images, size_of(size_px)) for images in chosen]
    return np.concatenate(resized)


def _resized(images: NDArray[np.uint8], size_px: Size) -> NDArray[np.uint8]:
    """Resize (N, 3, H, W) as live pictures are."""
    height, width = images.shape[2:]
    resizer = Resizer(from_px=(height, width), to_px=size_px)
    out = np.empty((*images.shape[:2], *size_px), np.uint8)
    for image, small in zip(images, out, strict=True):
        for channel, picture in zip(image, small, strict=True):
            resizer.resize(channel, picture)
    return out
