"""Recordings as training material: decoded once to small grey pictures, drawn as batches of live frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from selfee_rt.compose.interval import frame_interval
from selfee_rt.errors import ConfigError, EndOfStream, SourceError
from selfee_rt.protocols import Source

READ_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One recording, small enough to keep in memory."""

    name: str
    fps: float
    index: NDArray[np.int64]
    """(T,) exposure of each picture; a jump is a dropped exposure."""
    grey: NDArray[np.uint8]
    """(T, S, S) the whole picture resized to a square, 0..255."""


def read_recording(source: Source, name: str, size_px: int, most: int | None = None) -> Recording:
    """Read a source to its end (or `most` frames) and resize every picture to (size_px, size_px) grey.

    Raises:
        SourceError: it cannot be opened, stops giving frames, or holds none.
    """
    info = source.open()
    resizer, indices, pictures = _Resizer(size_px), list[int](), list[NDArray[np.uint8]]()
    try:
        while most is None or len(pictures) < most:
            frame = source.read(READ_TIMEOUT_S)
            if frame is None:
                raise SourceError(f"{name}: no frame for {READ_TIMEOUT_S:g} s after {len(pictures)} frames")
            indices.append(frame.index)
            pictures.append(resizer(frame.image))
    except EndOfStream:
        pass
    finally:
        source.close()
    if not pictures:
        raise SourceError(f"{name} holds no frames; nothing can be learned from it")
    return Recording(name, info.fps, np.array(indices, np.int64), np.stack(pictures))


class _Resizer:
    """Grey and size in one pass of libswscale with one context, as live pictures are prepared."""

    def __init__(self, size_px: int) -> None:
        self._size_px = size_px
        self._reformatter = VideoReformatter()

    def __call__(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Take (H, W) or (H, W, 3) uint8 to (S, S) uint8, full range."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="gray" if image.ndim == 2 else "rgb24")
        small = self._reformatter.reformat(
            picture,
            width=self._size_px,
            height=self._size_px,
            format="gray",
            interpolation=Interpolation.BILINEAR,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG,
        )
        plane = small.planes[0]
        rows: NDArray[np.uint8] = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: self._size_px, : self._size_px]


def save_recording(recording: Recording, path: Path) -> None:
    """Keep a recording for later runs; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez(file, name=recording.name, fps=recording.fps, index=recording.index, grey=recording.grey)
    partial.replace(path)


def load_recording(path: Path) -> Recording:
    """Read what `save_recording` wrote.

    Raises:
        SourceError: the file is not one of these.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Recording(str(stored["name"]), float(stored["fps"]), stored["index"], stored["grey"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise SourceError(f"{path} is not a prepared recording ({error}); delete it and prepare it again") from error


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrameSet:
    """Every live frame of one recording; none spans a dropped exposure."""

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
        """Return the live frames number `which` (N,): (N, 3, S, S) uint8, past, current, future."""
        middle = self.current[which]
        positions = np.stack([middle - self.interval, middle, middle + self.interval], axis=1)  # (N, 3)
        return self.recording.grey[positions]

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


def spread(sets: Sequence[LiveFrameSet], size_px: int, each: int) -> NDArray[np.uint8]:
    """Take `each` live frames from every recording, evenly spread: (N, 3, size_px, size_px) uint8."""
    resized = _Resizer(size_px)
    chosen = [s.images(np.linspace(0, len(s) - 1, min(each, len(s))).astype(np.int64)) for s in sets if len(s)]
    return np.stack([np.stack([resized(channel) for channel in image]) for images in chosen for image in images])


class BatchSampler:
    """Draws batches within one recording each, since differences between recordings would drown all others.

    A draw depends on the seed and the step alone, so that a resumed run sees what an uninterrupted one would have.

    Raises:
        ConfigError: a recording holds fewer live frames than a batch, or weights do not fit.
    """

    def __init__(self, sets: Sequence[LiveFrameSet], weights: Sequence[float], batch: int, seed: int) -> None:
        problems = [
            f"{s.recording.name} holds {len(s)} live frames, a batch needs {batch}; leave it out or lower the batch"
            for s in sets
            if len(s) < batch
        ]
        if not sets or len(sets) != len(weights) or min(weights) <= 0:
            problems.append(f"got {len(sets)} recordings and weights {tuple(weights)}; expected one positive each")
        if problems:
            raise ConfigError(problems)
        self._sets, self._batch, self._seed = tuple(sets), batch, seed
        self._weights = np.array(weights, np.float64) / sum(weights)

    def draw(self, step: int, rank: int = 0, ranks: int = 1) -> NDArray[np.uint8]:
        """Return the share of one of several ranks in the batch of one step: (batch / ranks, 3, S, S) uint8."""
        random = np.random.default_rng((self._seed, step))
        chosen = self._sets[random.choice(len(self._sets), p=self._weights)]
        share = self._batch // ranks
        which = random.choice(len(chosen), self._batch, replace=False)
        return chosen.images(which[rank * share : (rank + 1) * share])
