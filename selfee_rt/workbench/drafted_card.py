"""The card of an imported checkpoint: what the checkpoint says of its live frames, or what the user says."""

import math
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.embed.model import EmbeddingLayer, ModelCard, sha256_of
from selfee_rt.errors import ConfigError
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.imported import Imported, InputOfTraining

SAME_MS = 0.1
"""Intervals that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class AskedInput:
    """What the user says of the live frames that a model was trained on."""

    size_px: tuple[int, int] | None = None
    """(height, width)."""
    frame_interval: int | None = None
    """Exposures between past and current."""
    fps: float | None = None
    """Of the videos that `frame_interval` counts exposures of."""
    preprocessing: Preprocessing | None = None
    """None: as the checkpoint says; grey_resize where it says nothing."""

    @property
    def interval_ms(self) -> float | None:
        """Time between past and current; None where nothing was said.

        >>> AskedInput(frame_interval=2, fps=30.0).interval_ms
        66.66666666666667

        Raises:
            ConfigError: only one of the two was said, or the frame rate is no positive number.
        """
        if self.frame_interval is None and self.fps is None:
            return None
        if self.frame_interval is None or self.fps is None:
            raise ConfigError(["--frame-interval and --fps make an interval only together; give both or neither"])
        if not (self.fps > 0 and math.isfinite(self.fps)):
            raise ConfigError([f"--fps is {self.fps}, expected a positive number of frames per second"])
        return 1000 * self.frame_interval / self.fps


@dataclass(frozen=True, slots=True)
class Names:
    """What a model is called, and under what licence."""

    name: str
    version: str
    licence: str | None


def drafted_card(
    checkpoint: Path, imported: Imported, asked: AskedInput, names: Names, embedding: EmbeddingLayer = "projector"
) -> ModelCard:
    """Make the card of an imported checkpoint, all but its precision and verification.

    Raises:
        ConfigError: the checkpoint does not say what the user does not say either, or the two disagree.
    """
    given = _said_by_user(checkpoint, asked) if imported.trained_on is None else imported.trained_on
    if imported.trained_on is not None:
        _check_agreement(checkpoint, imported.trained_on, asked)
    return ModelCard(
        name=names.name,
        version=names.version,
        backbone=imported.network.shape.backbone,
        embedding_layer=embedding,
        embedding_dim=imported.network.width(embedding),
        height_px=given.size_px[0],
        width_px=given.size_px[1],
        interval_ms=given.interval_ms,
        trained_interval_ms=given.trained_interval_ms,
        preprocessing=given.preprocessing,
        training=imported.training,
        source_sha256=sha256_of(checkpoint),
        licence=names.licence,
    )


def _said_by_user(checkpoint: Path, asked: AskedInput) -> InputOfTraining:
    """Everything must have been said, since nothing in such a file tells it."""
    interval_ms = asked.interval_ms
    if asked.size_px is None or interval_ms is None:
        raise ConfigError(
            [
                f"{checkpoint} does not say what its live frames were like; give --size, --frame-interval and --fps. "
                "The authors' fly models: --size 224x224 --frame-interval 1 --fps 30. Their mouse models: "
                "--size 256x192 --frame-interval 2 --fps 30 --preprocessing selfee_mouse"
            ]
        )
    return InputOfTraining(asked.size_px, interval_ms, (interval_ms, interval_ms), asked.preprocessing or "grey_resize")


def _check_agreement(checkpoint: Path, known: InputOfTraining, asked: AskedInput) -> None:
    """Refuse to call live frames something else than the checkpoint does."""
    problems = []
    if asked.size_px not in (None, known.size_px):
        got, expected = ("x".join(map(str, size)) for size in (asked.size_px or (), known.size_px))
        problems.append(f"{checkpoint} was trained at {expected} px, --size says {got}; leave --size out")
    interval_ms = asked.interval_ms
    if interval_ms is not None and abs(interval_ms - known.interval_ms) > SAME_MS:
        problems.append(
            f"{checkpoint} was trained with {known.interval_ms:g} ms between the frames of a live frame, "
            f"--frame-interval and --fps say {interval_ms:g} ms; leave both out"
        )
    if asked.preprocessing not in (None, known.preprocessing):
        problems.append(
            f"{checkpoint} was trained on pictures prepared by {known.preprocessing}, --preprocessing says "
            f"{asked.preprocessing}; leave --preprocessing out"
        )
    if problems:
        raise ConfigError(problems)
