"""`selfee-rt export --precision int8`: a smaller file, of a checkpoint or of a model file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from selfee_rt.cli.recordings import bars
from selfee_rt.config import ArenaConfig
from selfee_rt.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from selfee_rt.embed.model import ModelCard
    from selfee_rt.workbench.knn_f1 import LabelledClip
    from selfee_rt.workbench.small_model import Verdict

WriteFloat32 = Callable[[Path, "NDArray[np.uint8]", str], object]
"""Writes a float32 model file, compared on these live frames, called so."""


@dataclass(frozen=True, slots=True)
class AskedSmall:
    """What the user gave for int8."""

    calibrate: tuple[Path, ...]
    verify: Path | None
    labelled: Path | None
    labels: Path | None
    arena: ArenaConfig
    """Of all its videos."""

    def problems(self, precision: str | None) -> list[str]:
        """What cannot be, with this --precision."""
        if precision != "int8":
            given = [f"--{name}" for name in ("calibrate", "labelled", "labels") if getattr(self, name)]
            return [f"{', '.join(given)}: only --precision int8 takes that, got {precision or 'none'}"] if given else []
        found = []
        if not self.calibrate:
            found.append("--precision int8 needs --calibrate VIDEO: its ranges are those of your own live frames")
        if (self.labelled is None) != (self.labels is None):
            found.append("--labelled VIDEO and --labels FILE belong together; give both or neither")
        if self.verify is not None and self.verify.resolve() in {each.resolve() for each in self.calibrate}:
            found.append(
                f"--verify {self.verify} is calibrated on too; leave --verify out, then other live frames of the same "
                "video are compared"
            )
        return found

    @property
    def clip(self) -> "LabelledClip | None":
        """The labelled clip, if one was given."""
        from selfee_rt.workbench.knn_f1 import LabelledClip

        if self.labelled is None or self.labels is None:
            return None
        return LabelledClip(self.labelled, self.labels, self.arena)


def export_small(source: Path | WriteFloat32, card: "ModelCard", out: Path, asked: AskedSmall) -> None:
    """Write int8 of a model file, or of one that is written first and thrown away, and say how it compares."""
    from selfee_rt.workbench.quantise import libraries
    from selfee_rt.workbench.small_model import make_small, material

    libraries()  # before anything that takes long
    with bars() as progress, TemporaryDirectory() as folder:
        compare_on = () if asked.verify is None else (asked.verify,)
        given = material(asked.calibrate, compare_on, card, progress, asked.arena)
        if not isinstance(source, Path):
            float32 = Path(folder, "float32.onnx")
            source(float32, given.comparison.images[::4], given.compared_on)
            source = float32
        verdict = make_small(source, card, out, given, asked.clip, progress)
    click.echo(
        f"{out}: {out.stat().st_size / 1e6:.1f} MB, int8, calibrated on {len(given.calibration)} live frames of "
        f"{given.calibrated_on}; it is for recordings that look like these"
    )
    _report(verdict, given.compared_on)


def _report(verdict: "Verdict", on: str) -> None:
    """Print the figures that the card has too."""
    alike, f1 = verdict.alike, verdict.f1
    click.echo(
        f"on {alike.live_frames} live frames of {on} the centred cosine with its source is "
        f"{alike.centred_cosine_median:.4f} in the median, {alike.centred_cosine_p5:.4f} at the 5th percentile, "
        f"{alike.centred_cosine_min:.4f} at least"
    )
    click.echo(f"{alike.neighbours_kept:.0%} of the 10 nearest stay so (by chance: {alike.neighbours_by_chance:.0%})")
    if f1 is None:
        click.echo("k-NN F1 was not checked: no --labelled VIDEO with --labels FILE was given")
        return
    click.echo(f"macro F1 of the k-NN on {f1.on}: {f1.smaller:.3f}, its source {f1.source:.3f}")


def card_of_model_file(path: Path, name: str, version: str | None, licence: str | None) -> "ModelCard":
    """The card of what is made from a model file: its own, but for what the user says.

    Raises:
        ConfigError: there is no such file.
        ModelError: it is not a model file of ours.
    """
    import msgspec

    from selfee_rt.embed.model import read_card, sha256_of

    if not path.is_file():
        raise ConfigError([f"there is no model file {path}; give an existing one"])
    card = read_card(path)
    return msgspec.structs.replace(
        card,
        name=name,
        version=card.version if version is None else version,
        licence=card.licence if licence is None else licence,
        source_sha256=sha256_of(path),
    )
