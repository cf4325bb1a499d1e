"""A tiny training run: 32 px live frames of a moving bright square on noise, seconds long."""

import numpy as np

from selfee_rt.workbench.compute import Compute
from selfee_rt.workbench.dataset import BatchSampler, LiveFrameSet, Recording, live_frames
from selfee_rt.workbench.network import NetworkShape
from selfee_rt.workbench.ranks import ALONE, Ranks
from selfee_rt.workbench.train_settings import TrainSettings
from selfee_rt.workbench.trainer import Trainer


def tiny_set(name: str = "square", seed: int = 0, frames: int = 80) -> LiveFrameSet:
    """A square that walks over a chamber at a speed that changes half-way."""
    random = np.random.default_rng(seed)
    grey = random.integers(0, 40, (frames, 40, 40), dtype=np.uint8)
    for i in range(frames):
        x = (i if i < frames // 2 else 4 * i) % 32
        y = int(16 + 10 * np.sin(i / 9))
        grey[i, y : y + 6, x : x + 6] = 220
    return live_frames(Recording(name, 30.0, np.arange(frames), grey), 70.0)


def tiny_settings(**changes: object) -> TrainSettings:
    values = {
        "steps": 6,
        "shape": NetworkShape("resnet18", 16, 16),
        "size_px": (32, 32),
        "batch": 12,
        "seed": 1,
        "interval_ms": 70.0,
        **changes,
    }
    return TrainSettings(**values)


def tiny_batches(settings: TrainSettings) -> BatchSampler:
    sets = [tiny_set("one"), tiny_set("two", seed=1)]
    return BatchSampler(sets, [2, 1], settings.batch, settings.seed, live_share=settings.live_share)


def tiny_trainer(compute: Compute | None = None, ranks: Ranks = ALONE, **changes: object) -> Trainer:
    settings = tiny_settings(**changes)
    return Trainer(settings, tiny_batches(settings), compute, ranks)
