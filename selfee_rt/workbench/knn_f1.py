"""How well two model files tell the labels of a clip apart, by the k-NN of a session held out in blocks."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.evaluate.evaluation import evaluate
from selfee_rt.workbench.evaluate.reading import Inputs
from selfee_rt.workbench.evaluate.settings import Settings
from selfee_rt.workbench.verification import WHOLE


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """A video and what somebody saw in it."""

    video: Path
    labels: Path
    """Of any format that `evaluate` reads."""
    arena: ArenaConfig = WHOLE


@dataclass(frozen=True, slots=True)
class FoundF1:
    """Macro F1 of two models on the same clip."""

    on: str
    source: float
    smaller: float

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the card."""
        return {
            "on": self.on,
            "protocol": "a session's k-NN; 6 blocks held out in turn, 25 exposures left out on both sides",
            "source": round(self.source, 4),
            "int8": round(self.smaller, 4),
        }


def compare_f1(source: Path, smaller: Path, clip: LabelledClip, progress: Callable[[str], Progress]) -> FoundF1:
    """Evaluate two model files on a labelled clip.

    Raises:
        ConfigError, LabelsError, SourceError: the clip cannot be read or nothing can be measured on it.
    """
    return FoundF1(clip.video.name, *(_macro_f1(model, clip, progress) for model in (source, smaller)))


def _macro_f1(model: Path, clip: LabelledClip, progress: Callable[[str], Progress]) -> float:
    """The `evaluate` command's own figure; the interval may differ from the model's, since two models are compared."""
    inputs = Inputs(
        paths=(clip.video,),
        labels=(clip.labels,),
        model=ModelConfig(file=model, allow_interval_mismatch=True),
        arena=clip.arena,
    )
    found = evaluate(Settings(inputs=inputs, smoothings=("none",)), progress=progress)
    (current,) = (each for each in found.variants if each.window == "current")
    value = current.scores.macro_f1.value
    return math.nan if value is None else value
