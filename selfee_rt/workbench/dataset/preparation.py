"""Pictures of a recording as a session would prepare them, by the session's own composer."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ArenaConfig, SessionConfig, SyntheticConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.types import Frame, Loss, Preprocessing, SourceInfo
from selfee_rt.workbench.dataset.size import Size


class Composing:
    """Every arena of every exposure, out of live frames one exposure apart.

    So exposures that make a background come to nothing, as in a session, and so do those of which at most two arrived
    in a row: no live frame holds them, at whatever interval.

    Raises:
        ConfigError: an arena lies outside the picture, or does not suit the preparation.
    """

    def __init__(
        self, arenas: Sequence[ArenaConfig], preprocessing: Preprocessing, size_px: Size, info: SourceInfo
    ) -> None:
        # which source it is decides nothing here, nor do the figures that belong to a trained network
        config = SessionConfig(source=SyntheticConfig(), arena=tuple(arenas))
        self._composer = build.composer(config, _card(preprocessing, size_px), info, 1, _unaccounted)
        self._newest = -1

    def push(self, frame: Frame) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Take the newest frame; give exposures that are ready, with their pictures (A, H, W), in order.

        Raises:
            SourceError: the picture does not have the size that the source had stated.
        """
        live = self._composer.push(frame)
        if live is None:
            return
        first = live.exposure.index - 1
        for place in range(max(0, self._newest + 1 - first), 3):
            self._newest = first + place
            yield self._newest, live.image[:, place]


def _card(preprocessing: Preprocessing, size_px: Size) -> ModelCard:
    """What the network to be trained asks of its pictures."""
    return ModelCard(
        name="to be trained",
        version="",
        backbone="",
        embedding_layer="projector",
        embedding_dim=0,
        height_px=size_px[0],
        width_px=size_px[1],
        interval_ms=0.0,
        trained_interval_ms=(0.0, 0.0),
        preprocessing=preprocessing,
    )


def _unaccounted(_loss: Loss) -> None:
    """Count nothing: a recording says itself which exposures it holds."""
