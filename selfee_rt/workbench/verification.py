"""Live frames to compare a model file with its network on, prepared as in a session."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import ArenaConfig, SessionConfig, SourceConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import Loss

LIVE_FRAMES = 64
"""That many are compared."""
MOST_EXPOSURES = 1000
"""A recording is read no further, after those that make its background."""
READ_TIMEOUT_S = 5.0


WHOLE = ArenaConfig(name="arena")


def verification_frames(config: SourceConfig, card: ModelCard, arena: ArenaConfig = WHOLE) -> NDArray[np.uint8]:
    """Take up to 64 live frames, evenly spread over the first 1,000 exposures: (N, 3, H, W) uint8, as the card says.

    The interval is the nearest that the frame rate allows, however far from the card's that is: two networks are
    compared, not judged.

    Raises:
        SourceError: the recording cannot be opened, stops giving frames, or is too short for a live frame.
        ConfigError: the arena does not suit the card's preparation, as one without the background that it subtracts.
    """
    kept = _Thinned(LIVE_FRAMES)
    exposures = _compose(SessionConfig(source=config, arena=(arena,)), card, kept)
    if not kept.images:
        raise SourceError(f"{kept.name} gives no live frame: it has {exposures} exposures; verify on a longer video")
    return np.stack(kept.evenly())


class _Thinned:
    """Keeps between n and 2 n of the pictures it is given, evenly spaced."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.name = ""
        self.images: list[NDArray[np.uint8]] = []
        self._step = 1
        self._seen = 0

    def add(self, image: NDArray[np.uint8]) -> None:
        if self._seen % self._step == 0:
            self.images.append(image.copy())
        self._seen += 1
        if len(self.images) == 2 * self.n:
            self.images = self.images[::2]
            self._step *= 2

    def evenly(self) -> list[NDArray[np.uint8]]:
        """At most n of them."""
        last = len(self.images) - 1
        return [self.images[i] for i in np.linspace(0, last, min(self.n, last + 1)).round().astype(int)]


def _compose(config: SessionConfig, card: ModelCard, kept: _Thinned) -> int:
    """Read and compose by the code that a session runs; return the exposures read."""
    source = build.source(config.source)
    info = source.open()
    kept.name, exposures = info.name, 0
    lost = Counter[str]()

    def count(loss: Loss) -> None:
        lost[loss.hop] += loss.count

    try:
        interval = frame_interval(card.interval_ms, info.fps, allow_mismatch=True).exposures
        composer = build.composer(config, card, info, interval, count)
        while exposures - lost["background"] < MOST_EXPOSURES:
            frame = source.read(READ_TIMEOUT_S)
            if frame is None:
                raise SourceError(f"{info.name}: no frame for {READ_TIMEOUT_S:g} s after {exposures} frames")
            exposures += 1
            live = composer.push(frame)
            if live is not None:
                kept.add(live.image[0])
    except EndOfStream:
        pass
    finally:
        source.close()
    return exposures
