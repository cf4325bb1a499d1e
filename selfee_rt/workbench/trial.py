"""What a model is tried on where only speed or agreement matters: a whole video, or the synthetic arena."""

from dataclasses import dataclass
from pathlib import Path

from selfee_rt import build
from selfee_rt.config import ArenaConfig, FirstSecondsBackgroundConfig, SourceConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import ConfigError

EMPTY_S = 3.0
"""Of the synthetic arena make its background; an animal that rests stays in it, which does not matter here."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A recording, and how its picture is prepared."""

    source: SourceConfig
    arena: ArenaConfig
    name: str
    """For people."""


def trial(card: ModelCard, video: Path | None, arena: ArenaConfig, *, synthetic_s: float) -> Trial:
    """The video with its arena; without a video, `synthetic_s` of the synthetic arena for the model of this card.

    For a model that subtracts a background, the synthetic arena makes one of `EMPTY_S` more at its beginning.

    Raises:
        ConfigError: a background was given, but no video.
    """
    if video is not None:
        return Trial(VideoFileConfig(path=video, speed="max"), arena, video.name)
    if arena.background is not None:
        raise ConfigError(
            [
                "a background was given, but no video that it belongs to; name the video, or leave the background "
                "out: the synthetic arena makes its own"
            ]
        )
    if not build.wants_background(card):
        return Trial(SyntheticConfig(seconds=synthetic_s, speed="max"), arena, "the synthetic arena")
    own = FirstSecondsBackgroundConfig(seconds=EMPTY_S, contrast="bright")
    source = SyntheticConfig(seconds=EMPTY_S + synthetic_s, speed="max")
    return Trial(source, arena.model_copy(update={"background": own}), "the synthetic arena")
