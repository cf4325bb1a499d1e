"""How well a network that is still being trained separates the labels of one recording."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from selfee_rt import build
from selfee_rt.config import ArenaConfig, VideoFileConfig
from selfee_rt.errors import ConfigError, ModelError
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.dataset import LiveFrameSet, Size, live_frame_sets, read_recording
from selfee_rt.workbench.dataset.recording import WHOLE
from selfee_rt.workbench.evaluate import Blocked, centred, folds, held_out_probabilities, macro
from selfee_rt.workbench.labels import UNLABELLED, check_length, read_labels

BATCH = 64


class Embeds(Protocol):
    """The part of a network that a probe needs."""

    def embed(self, images: Tensor) -> Tensor:
        """Take (N, 3, H, W) float32 in 0..1 to (N, D)."""

    def modules(self) -> Iterator[nn.Module]:
        """Return every part, itself included."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Return every weight."""


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What a probe found."""

    f1: float
    """Macro F1 over the labels."""
    mean_average_precision: float
    examples: int
    """Live frames that were embedded."""


class Probe:
    """A labelled recording, ready to be embedded by one network after another.

    The figure is that of `tools/evaluate_blocked.py` on evenly spread labelled live frames: cosine k-NN on embeddings
    less their mean, contiguous blocks held out in turn. The recording's labels never reach the training. The network
    is left as it was: its parts' modes, its batch norms' statistics, and torch's random numbers.
    """

    def __init__(
        self, labels: Sequence[str], live: LiveFrameSet, *, most: int = 1000, protocol: Blocked | None = None
    ) -> None:
        """Choose up to `most` live frames of those exposures that have one of `labels`, one per exposure.

        Raises:
            ConfigError: there are fewer than two labels, or too few examples to teach every fold.
        """
        self._protocol = protocol or Blocked()
        self._exposures = len(labels)
        exposure = live.recording.index[live.current]
        scored = np.flatnonzero([labels[index] != UNLABELLED for index in exposure.tolist()])
        chosen = scored[:: max(1, -(-len(scored) // most))]
        self._index = exposure[chosen]
        names = [labels[index] for index in self._index.tolist()]
        self.labels = tuple(sorted(set(names)))
        """What is told apart."""
        self._label_of = np.array([self.labels.index(name) for name in names], np.int64)
        self._check(live.recording.name)
        self._images = live.images(chosen)

    @classmethod
    def of_video(
        cls,
        video: Path,
        labels: Path,
        size_px: int | Size,
        interval_ms: float,
        *,
        arena: ArenaConfig = WHOLE[0],
        preprocessing: Preprocessing = "grey_resize",
        most: int = 1000,
    ) -> "Probe":
        """Read a video at the network's (height, width), and its labels, a CSV file with the columns frame,label.

        Raises:
            SourceError: the video cannot be read.
            LabelsError: the labels cannot be read, or are not as many as the video's exposures.
            ConfigError: the frame rate does not suit the interval, or there are too few labels.
        """
        read = read_labels(labels)
        source = build.source(VideoFileConfig(path=video, speed="max"))
        recording = read_recording(source, video.name, size_px, arena=arena, preprocessing=preprocessing)
        assert recording.exposures is not None
        check_length(read, recording.exposures, labels)
        return cls(read, live_frame_sets([recording], interval_ms)[0], most=most)

    def __call__(self, network: Embeds) -> ProbeResult:
        """Embed the recording and see how well its labels are told apart.

        Raises:
            ModelError: embeddings are not finite.
        """
        rows = self._embedded(network)
        probabilities = held_out_probabilities(
            centred(rows),
            self._index,
            self._label_of,
            self.labels,
            exposures=self._exposures,
            protocol=self._protocol,
        )
        return ProbeResult(*macro(self._label_of, probabilities), len(rows))

    def _embedded(self, network: Embeds) -> NDArray[np.float16]:
        """(N, D), rounded as a session stores them."""
        device = next(network.parameters()).device
        with torch.no_grad(), _evaluating(network):
            parts = [
                network.embed(torch.from_numpy(self._images[start : start + BATCH]).to(device).float().div_(255))
                for start in range(0, len(self._images), BATCH)
            ]
        rows = torch.cat(parts).float().cpu().half()
        if not torch.isfinite(rows).all():
            raise ModelError("the network's embeddings are not finite; its training has failed")
        return np.asarray(rows.numpy())

    def _check(self, name: str) -> None:
        if len(self.labels) < 2:
            raise ConfigError([f"{name} has the labels {self.labels}, a probe needs two or more"])
        taught = min(int(train.sum()) for train, _ in folds(self._index, self._exposures, self._protocol))
        if taught < self._protocol.knn.k:
            raise ConfigError(
                [
                    f"{name} gives a probe's k-NN {taught} examples in its smallest fold, expected at least "
                    f"{self._protocol.knn.k}; use a longer recording"
                ]
            )


@contextmanager
def _evaluating(network: Embeds) -> Iterator[None]:
    """Let batch norms use their statistics and not change them; afterwards every part is in the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    try:
        for module, _ in modes:
            module.training = False
        yield
    finally:
        for module, mode in modes:
            module.training = mode
