"""The live frames that every runtime embeds: real ones of a video, or those of the synthetic arena."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.embedding import OpenRecording, too_short
from selfee_rt.workbench.trial import Trial, trial

MOST_READ = 600
"""Live frames of the beginning of a recording among which to choose."""
FRAMES = 64
"""Live frames that are embedded, evenly spread over those."""
SYNTHETIC_S = 5.0


@dataclass(frozen=True)
class Taken:
    """What a model takes; files that take the same can be compared with one another."""

    height_px: int
    width_px: int
    interval_ms: float
    preprocessing: str

    @classmethod
    def of(cls, card: ModelCard) -> "Taken":
        """What the model of this card takes."""
        return cls(card.height_px, card.width_px, card.interval_ms, card.preprocessing)


def trial_for(card: ModelCard, others: Iterable[ModelCard], video: Path | None, arena: ArenaConfig) -> Trial:
    """What this model is tried on, beside others: a background is only for those among them that subtract one.

    Raises:
        ConfigError: a background was given, but no video that it belongs to.
    """
    on = trial(card, video, arena, synthetic_s=SYNTHETIC_S)
    if build.wants_background(card) or not any(map(build.wants_background, others)):
        return on
    return replace(on, arena=on.arena.model_copy(update={"background": None}))


def live_frames(model: ModelConfig, on: Trial) -> NDArray[np.uint8]:
    """Live frames as a session composes them for this model: (N, 3, H, W) uint8, N up to `FRAMES`.

    A video of another frame rate than the model's is used all the same: here it is only material.

    Raises:
        SourceError: the video cannot be read.
        ConfigError: it is too short for a single live frame, or lacks the background that the model subtracts.
    """
    config = model.model_copy(update={"allow_interval_mismatch": True})
    with OpenRecording(on.source, config, on.arena) as recording:
        images = [live.image[0] for live in islice(recording.live_frames(), MOST_READ)]
        if not images:
            raise ConfigError([too_short(recording)])
    chosen = np.linspace(0, len(images) - 1, min(FRAMES, len(images))).astype(np.int64)
    return np.stack([images[each] for each in chosen])
