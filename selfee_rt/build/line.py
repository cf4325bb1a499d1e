"""What a frame passes on its way: source and embedder; the composer between them is in `composing`."""

from pathlib import Path
from typing import assert_never

from selfee_rt.config import (
    BaslerConfig,
    ModelConfig,
    RecordedConfig,
    SourceConfig,
    StreamConfig,
    SyntheticConfig,
    VideoFileConfig,
)
from selfee_rt.embed.model import shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.light import Light
from selfee_rt.protocols import Source


def source(config: SourceConfig, light: Light | None = None) -> Source:
    """The source of frames that `config` names, not yet open; the synthetic arena sees `light`."""
    match config:
        case SyntheticConfig():
            from selfee_rt.acquire.synthetic import SyntheticArena

            return SyntheticArena(config, light)
        case VideoFileConfig():
            from selfee_rt.acquire.video_file import VideoFile

            return VideoFile(config)
        case StreamConfig():
            from selfee_rt.acquire.stream import Stream

            return Stream(config)
        case BaslerConfig():
            from selfee_rt.acquire.basler import Basler

            return Basler(config)
        case RecordedConfig():
            from selfee_rt.acquire.recorded import Recorded

            return Recorded(config)
        case _:
            assert_never(config)


def model_path(config: ModelConfig) -> Path:
    """The model file that `config` names, or the shipped one."""
    return shipped_model() if config.file is None else config.file


def embedder(config: ModelConfig, batch: int) -> OnnxEmbedder:
    """An embedder for `batch` live frames at a time (the number of arenas), warmed up."""
    return OnnxEmbedder(model_path(config), providers=config.providers, threads=config.threads, batch=batch)
