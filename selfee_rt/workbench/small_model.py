"""A smaller model file: int8 of a file that we wrote, kept only if it is like its source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig, VideoFileConfig
from selfee_rt.embed.model import ModelCard, read_card
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ModelError
from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.floors import Floors
from selfee_rt.workbench.knn_f1 import FoundF1, LabelledClip, compare_f1
from selfee_rt.workbench.likeness import NEAR_S, Likeness, likeness
from selfee_rt.workbench.model_file import write_model
from selfee_rt.workbench.quantise import FEWEST_CALIBRATED, libraries, quantised
from selfee_rt.workbench.verification import WHOLE, SpreadFrames, spread_frames

if TYPE_CHECKING:
    from onnx import ModelProto

PRECISION = "int8"
"""`ModelCard.precision`."""
CALIBRATED = 128
"""Live frames to calibrate on, at most, of all videos together."""
COMPARED = 256
"""Other live frames to compare on, likewise."""
FEWEST_EACH = 3
"""Of each video, however many there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a smaller model is made with and judged by."""

    calibration: NDArray[np.uint8]
    """(M, 3, H, W) live frames."""
    calibrated_on: str
    """Where they are from, for the card."""
    comparison: SpreadFrames
    """Other live frames."""
    compared_on: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How like its source a smaller model is."""

    alike: Likeness
    f1: FoundF1 | None
    """None where there was no labelled clip."""


def material(
    videos: Sequence[Path],
    compare_on: Sequence[Path],
    card: ModelCard,
    progress: Callable[[str], Progress],
    arena: ArenaConfig = WHOLE,
) -> Material:
    """Take live frames for calibration from `videos`, evenly spread, and others to compare on.

    Those are from `compare_on`; where that names no video, they are two of three of the live frames that are taken
    from `videos`, and calibration has the third.

    Raises:
        ModelError: the videos are too short to calibrate on.
        SourceError: as `spread_frames`.
    """
    if compare_on:
        calibration = _of_all(videos, arena, card, CALIBRATED, progress)
        comparison = _of_all(compare_on, arena, card, COMPARED, progress)
    else:
        both = _of_all(videos, arena, card, CALIBRATED + COMPARED, progress)
        third = np.arange(len(both)) % 3 == 0
        calibration, comparison = both.part(third), both.part(~third)
    names = ", ".join(path.name for path in videos)
    if len(calibration) < FEWEST_CALIBRATED:
        raise ModelError(
            f"int8 is calibrated on at least {FEWEST_CALIBRATED} live frames, {names} leaves {len(calibration)} for "
            "it; give a longer video, or several"
        )
    return Material(
        calibration=calibration.images,
        calibrated_on=names,
        comparison=comparison,
        compared_on=", ".join(path.name for path in compare_on) or f"{names} (not those calibrated on)",
    )


def _of_all(
    videos: Sequence[Path], arena: ArenaConfig, card: ModelCard, n: int, progress: Callable[[str], Progress]
) -> SpreadFrames:
    """As many of each; in time, one video begins when the one before has ended and a second has passed."""
    images, time_s, begins_s = [], [], 0.0
    for video in videos:
        config = VideoFileConfig(path=video, speed="max")
        found = spread_frames(
            config, card, max(FEWEST_EACH, n // len(videos)), arena=arena, progress=progress(video.name)
        )
        images.append(found.images)
        time_s.append(found.time_s + begins_s)
        begins_s = float(time_s[-1][-1]) + NEAR_S
    return SpreadFrames(np.concatenate(images), np.concatenate(time_s))


def make_small(
    source: Path,
    card: ModelCard,
    out: Path,
    given: Material,
    clip: LabelledClip | None,
    progress: Callable[[str], Progress],
    *,
    change: "Callable[[ModelProto, NDArray[np.uint8]], ModelProto]" = quantised,
    floors: Floors | None = None,
) -> Verdict:
    """Write int8 of the model file `source` to `out`, if it is like its source.

    Args:
        source: a model file of ours, computed in float32.
        card: of the new file, all but precision and verification.
        out: replaced in one step; untouched if anything fails.
        given: live frames as the card says.
        clip: to compare k-NN F1 on; None: that is not checked, and the card says so.
        progress: starts a bar.
        change: how the graph becomes smaller.
        floors: least figures.

    Raises:
        ModelError: a floor is missed, the model cannot be made smaller or compared, or the file cannot be written.
        MissingExtra: onnx is not installed.
        SelfeeRTError: the labelled clip cannot be used; as `compare_f1`.
    """
    onnx, _ = libraries()
    floors = floors or Floors()
    model = change(onnx.load_from_string(source.read_bytes()), given.calibration)
    with TemporaryDirectory() as folder:
        candidate = Path(folder, out.name)
        write_model(model, msgspec.structs.replace(card, precision=PRECISION), candidate)
        verdict = judge(source, candidate, given, clip, progress, floors)
    came_from = read_card(source)
    verification = {
        **_as_dict(given, verdict, floors),
        "source": {"precision": came_from.precision, **came_from.verification},
    }
    write_model(model, msgspec.structs.replace(card, precision=PRECISION, verification=verification), out)
    return verdict


def judge(
    source: Path,
    candidate: Path,
    given: Material,
    clip: LabelledClip | None,
    progress: Callable[[str], Progress],
    floors: Floors,
) -> Verdict:
    """Compare a model file with its source, the quick figures first.

    Raises:
        ModelError: a floor is missed, or nothing can be compared.
        SelfeeRTError: the labelled clip cannot be used; as `compare_f1`.
    """
    one, other = OnnxEmbedder(source), OnnxEmbedder(candidate)
    try:
        alike = likeness(one.embed, other.embed, given.comparison.images, given.comparison.time_s)
    finally:
        one.close()
        other.close()
    floors.check(alike, given.compared_on)
    if clip is None:
        return Verdict(alike, None)
    found = compare_f1(source, candidate, clip, progress)
    floors.check_f1(found)
    return Verdict(alike, found)


def _as_dict(given: Material, verdict: Verdict, floors: Floors) -> dict[str, Any]:
    """What the card says of it."""
    return {
        "compared": "onnxruntime (cpu, int8) with the same model in float32",
        "on": given.compared_on,
        **verdict.alike.as_dict(),
        "knn_f1": "not checked: no labelled clip was given" if verdict.f1 is None else verdict.f1.as_dict(),
        "floors": floors.as_dict(),
        "calibrated_on": given.calibrated_on,
        "calibration_live_frames": len(given.calibration),
    }
