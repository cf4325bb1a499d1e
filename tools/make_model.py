"""The recipe of models/selfee_small.onnx: prepare the recordings, train, export.

    python tools/make_model.py --data ../shared/data --work /tmp/selfee_small

Every draw depends on the seed and the step, so that an interrupted run, started again with the same command, ends with
the same weights as an uninterrupted one on the same machine (another machine sums in another order). Only recordings
whose licences allow weights to be given away are used; `RECORDINGS` is the whole list.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch

from selfee_rt.config import SyntheticConfig, VideoFileConfig
from selfee_rt.embed.model import sha256_of
from selfee_rt.signals import on_stop_signal
from selfee_rt.workbench.dataset import BatchSampler, LiveFrameSet, live_frames, spread
from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card
from selfee_rt.workbench.export import export_model
from selfee_rt.workbench.imported import import_checkpoint
from selfee_rt.workbench.train_settings import settings_of
from selfee_rt.workbench.trainer import StepReport, Trainer
from selfee_rt.workbench.training_run import LAST, prepare, train_in


@dataclass(frozen=True)
class Material:
    """One recording, how often a batch comes from it, and why its use is allowed."""

    name: str
    weight: float
    licence: str
    origin: str


SLEAP = "talmolab/sleap"
RECORDINGS = (
    Material("fly_courtship", 0.36, "Clear BSD", SLEAP),
    Material("fly_pair_still", 0.08, "Clear BSD", SLEAP),
    Material("fly_single_masked", 0.04, "Clear BSD", SLEAP),
    Material("flies_three", 0.02, "BSD-3-Clause", "talmolab/dreem"),
    Material("flies_two_brief", 0.02, "BSD-3-Clause", "talmolab/dreem"),
    Material("mouse_round_arena", 0.06, "MIT", "vivekhsridhar/tracktor"),
    Material("mouse_oblique_e", 0.02, "MIT", "spoonsso/dannce"),
    Material("mouse_oblique_l", 0.02, "MIT", "spoonsso/dannce"),
    Material("mouse_oblique_s", 0.02, "MIT", "spoonsso/dannce"),
    Material("mouse_bedding", 0.02, "MIT", "PyPI animapp"),
    Material("synthetic_1", 0.10, "MIT", "this project's synthetic arena, seed 1"),
    Material("synthetic_2", 0.10, "MIT", "this project's synthetic arena, seed 2"),
    Material("synthetic_3", 0.10, "MIT", "this project's synthetic arena, seed 3"),
)
SYNTHETIC_S = 120.0


SETTINGS = settings_of(
    "small",
    {"steps": 1600, "learning_rate": 0.2, "objective": {"method": "contrastive", "cld_weight": 0.0}},
    where=__file__,
)
"""Learning rate for a batch of 256: four times Selfee's, which goes with 20,000 steps."""


def source(material: Material, data: Path) -> SyntheticConfig | VideoFileConfig:
    """Say where a recording comes from."""
    if material.name.startswith("synthetic_"):
        return SyntheticConfig(seed=int(material.name.removeprefix("synthetic_")), seconds=SYNTHETIC_S, speed="max")
    return VideoFileConfig(path=data / f"{material.name}.mp4", speed="max")


def described(material: Material, live: LiveFrameSet) -> dict[str, object]:
    """Return what the model card says of one recording."""
    return {**asdict(material), "live_frames": len(live), "interval_ms": round(live.interval_ms, 2)}


def show(step: StepReport) -> None:
    """Print a line every tenth step."""
    if step.step % 10 == 0:
        print(
            f"{step.step}/{step.steps} loss {step.loss:.3f} agreement {step.agreement:.3f} cld {step.cld:.3f} "
            f"collapse {step.collapse:.3f} {step.seconds:.2f} s",
            flush=True,
        )


def train(data: Path, work: Path) -> Path:
    """Train, going on where an interrupted run was; return the checkpoint."""
    sets = load(data, work)
    sampler = BatchSampler(sets, [each.weight for each in RECORDINGS], SETTINGS.batch, SETTINGS.seed)
    trainer = Trainer(SETTINGS, sampler)
    folder = work / "small"
    if (folder / LAST).exists():
        trainer.resume(folder / LAST)
        print(f"going on after step {trainer.step}", flush=True)
    notes: dict[str, object] = {"recordings": [described(*pair) for pair in zip(RECORDINGS, sets, strict=True)]}
    stopped: list[str] = []
    with on_stop_signal(stopped.append):
        checkpoint = train_in(folder, trainer, notes, show, lambda: bool(stopped))
    if not trainer.done:
        raise SystemExit(f"stopped by {stopped[0]} after step {trainer.step}; the same command goes on from there")
    return checkpoint


def load(data: Path, work: Path) -> list[LiveFrameSet]:
    """Prepare every recording, or read what an earlier run prepared."""
    return [
        live_frames(prepare(source(each, data), each.name, work, SETTINGS.size_px), SETTINGS.interval_ms)
        for each in RECORDINGS
    ]


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the recordings.")
@click.option("--work", type=click.Path(path_type=Path), required=True, help="Folder for what is prepared and kept.")
@click.option("--threads", type=int, default=1, show_default=True, help="Of each of the two views.")
@click.option("--version", default="1.0.0", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("models/selfee_small.onnx"), show_default=True)
def main(data: Path, work: Path, threads: int, version: str, out: Path) -> None:
    """Run the recipe, going on where an interrupted run with the same options was."""
    torch.set_num_threads(threads)
    checkpoint = train(data, work)
    images = spread(load(data, work), SETTINGS.size_px, each=16)
    what = "live frames of the training recordings"
    imported = import_checkpoint(checkpoint)
    card = drafted_card(checkpoint, imported, AskedInput(), Names("selfee_small", version, "MIT"))
    print(export_model(imported.network, card, out, images, what, imported.storage))
    print(out.stat().st_size, "bytes, sha256", sha256_of(out))


if __name__ == "__main__":
    main()
