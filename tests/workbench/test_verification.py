"""An export is compared on live frames that a session would compose."""

import numpy as np
import pytest

from selfee_rt.config import SyntheticConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import SourceError
from selfee_rt.workbench.verification import LIVE_FRAMES, verification_frames


def card(**changes: object) -> ModelCard:
    values = {
        "name": "tiny",
        "version": "1",
        "backbone": "resnet18",
        "embedding_layer": "projector",
        "embedding_dim": 16,
        "height_px": 48,
        "width_px": 32,
        "interval_ms": 66.7,
        "trained_interval_ms": (66.7, 66.7),
        **changes,
    }
    return ModelCard(**values)


def arena(seconds: float, **changes: object) -> SyntheticConfig:
    return SyntheticConfig(width_px=96, height_px=64, seconds=seconds, speed="max", **changes)


def test_live_frames_have_the_cards_size_height_first() -> None:
    images = verification_frames(arena(1.0), card())
    assert (images.shape, images.dtype) == ((26, 3, 48, 32), np.uint8)


def test_past_current_and_future_are_the_cards_interval_apart() -> None:
    images = verification_frames(arena(1.0), card())
    assert np.array_equal(images[0][1], images[2][0])
    assert np.array_equal(images[0][2], images[2][1])
    wider = verification_frames(arena(1.0), card(interval_ms=100.0))
    assert np.array_equal(wider[0][1], wider[3][0])


def test_of_a_long_recording_they_are_spread() -> None:
    images = verification_frames(arena(10.0), card())
    dense = verification_frames(arena(1.0), card())
    assert len(images) == LIVE_FRAMES
    assert np.array_equal(images[0], dense[0])
    assert not any(np.array_equal(a, b) for a, b in zip(images[1:20], dense[1:20], strict=True))


def test_no_live_frame_spans_a_dropped_exposure() -> None:
    assert len(verification_frames(arena(1.0, drop=((10, 12),)), card())) == 26 - 3 - 4


def test_too_short_a_recording_is_refused() -> None:
    with pytest.raises(SourceError, match=r"gives no live frame: it has 3 exposures; verify on a longer video"):
        verification_frames(arena(0.1), card())
