"""Live frames to compare a model file with its network on, prepared as in a session."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import ArenaConfig, SessionConfig, SourceConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import Loss
from selfee_rt.workbench.embedding import Progress, no_progress

LIVE_FRAMES = 64
"""That many are compared."""
MOST_EXPOSURES = 1000
"""A recording is read no further, after those that make its background."""
READ_TIMEOUT_S = 5.0


WHOLE = ArenaConfig(name="arena")


@dataclass(frozen=True, slots=True, eq=False)
class SpreadFrames:
    """Some live frames of a recording, evenly spread over it, in its order."""

    images: NDArray[np.uint8]
    """(N, 3, H, W), past, current, future."""
    time_s: NDArray[np.float64]
    """(N,), of each current exposure since the recording's first, by the frame rate."""

    def __len__(self) -> int:
        """Return N."""
        return len(self.images)

    def part(self, keep: NDArray[np.bool_]) -> "SpreadFrames":
        """Return those that the mask (N,) keeps."""
        return SpreadFrames(self.images[keep], self.time_s[keep])


def verification_frames(config: SourceConfig, card: ModelCard, arena: ArenaConfig = WHOLE) -> NDArray[np.uint8]:
    """Take up to 64 live frames, evenly spread over the first 1,000 exposures: (N, 3, H, W) uint8, as the card says.

    Raises:
        SourceError, ConfigError: as `spread_frames`.
    """
    return spread_frames(config, card, LIVE_FRAMES, arena=arena, most_exposures=MOST_EXPOSURES).images


def spread_frames(
    config: SourceConfig,
    card: ModelCard,
    n: int,
    *,
    arena: ArenaConfig = WHOLE,
    most_exposures: int | None = None,
    progress: Progress = no_progress,
) -> SpreadFrames:
    """Take up to `n` live frames as the card says, evenly spread over a recording or its first `most_exposures`.

    The interval is the nearest that the frame rate allows, however far from the card's that is: two networks are
    compared, not judged.

    Raises:
        SourceError: the recording cannot be opened, stops giving frames, or is too short for a live frame.
        ConfigError: the arena does not suit the card's preparation, as one without the background that it subtracts.
    """
    kept = _Thinned(n)
    exposures = _compose(SessionConfig(source=config, arena=(arena,)), card, kept, most_exposures, progress)
    if not kept.images:
        raise SourceError(f"{kept.name} gives no live frame: it has {exposures} exposures; verify on a longer video")
    which = kept.evenly()
    return SpreadFrames(np.stack([kept.images[i] for i in which]), np.array([kept.index[i] for i in which]) / kept.fps)


class _Thinned:
    """Keeps between n and 2 n of the pictures it is given, evenly spaced."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.name = ""
        self.fps = 0.0
        self.images: list[NDArray[np.uint8]] = []
        self.index: list[int] = []
        self._step = 1
        self._seen = 0

    def add(self, image: NDArray[np.uint8], index: int) -> None:
        if self._seen % self._step == 0:
            self.images.append(image.copy())
            self.index.append(index)
        self._seen += 1
        if len(self.images) == 2 * self.n:
            self.images, self.index = self.images[::2], self.index[::2]
            self._step *= 2

    def evenly(self) -> list[int]:
        """Positions of at most n of them."""
        last = len(self.images) - 1
        spread: list[int] = np.linspace(0, last, min(self.n, last + 1)).round().astype(int).tolist()
        return spread


def _compose(
    config: SessionConfig, card: ModelCard, kept: _Thinned, most_exposures: int | None, progress: Progress
) -> int:
    """Read and compose by the code that a session runs; return the exposures read."""
    source = build.source(config.source)
    info = source.open()
    kept.name, kept.fps, exposures = info.name, info.fps, 0
    lost = Counter[str]()

    def count(loss: Loss) -> None:
        lost[loss.hop] += loss.count

    try:
        interval = frame_interval(card.interval_ms, info.fps, allow_mismatch=True).exposures
        composer = build.composer(config, card, info, interval, count)
        while most_exposures is None or exposures - lost["background"] < most_exposures:
            frame = source.read(READ_TIMEOUT_S)
            if frame is None:
                raise SourceError(f"{info.name}: no frame for {READ_TIMEOUT_S:g} s after {exposures} frames")
            exposures += 1
            progress(exposures, info.frames)
            live = composer.push(frame)
            if live is not None:
                kept.add(live.image[0], live.exposure.index)
    except EndOfStream:
        pass
    finally:
        source.close()
    return exposures
