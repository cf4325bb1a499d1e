"""What each part of Selfee is worth: trains variants and measures them on labels that none of them saw.

    python tools/study_embeddings.py --data ../shared/data --work /tmp/study --run selfee:with:0 --run simsiam:with:0

Every run is one variant, one pool of unlabelled recordings and one seed. It is trained, exported, and measured as a
user would: embedded by the live line's own code, a k-NN held out in blocks (the protocol of `evaluate_blocked.py`), on
fly_courtship. Pool `with` holds that recording among the unlabelled training videos, pool `without` does not. The
labels decide nothing: settings are fixed before, weights are those at the end of the schedule.

A killed study goes on where it was with the same command; `results.jsonl` in the folder has a line for each run, and
all of them are printed as a Markdown table at the end. Give another folder for other settings.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.errors import ModelError
from selfee_rt.signals import on_stop_signal
from selfee_rt.workbench.compute import compute_on
from selfee_rt.workbench.dataset import BatchSampler, LiveFrameSet, live_frames, spread
from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card
from selfee_rt.workbench.embedding import embed_whole
from selfee_rt.workbench.evaluate import Blocked, Interval, centred, held_out_probabilities, with_intervals
from selfee_rt.workbench.export import export_model
from selfee_rt.workbench.imported import import_checkpoint
from selfee_rt.workbench.labels import UNLABELLED, read_labels
from selfee_rt.workbench.storage import FULL
from selfee_rt.workbench.train_settings import Preset, TrainSettings, settings_of
from selfee_rt.workbench.trainer import StepReport, Trainer
from selfee_rt.workbench.training_run import LAST, prepare, train_in

CONTRASTIVE = {"method": "contrastive", "cld_weight": 0.0}
VARIANTS: dict[str, dict[str, Any]] = {
    "selfee": {},
    "simsiam": {"objective": {"cld_weight": 0.0}},
    "byol": {"objective": {"method": "byol"}},
    "contrastive": {"objective": CONTRASTIVE},
    "contrastive_cld": {"objective": {"method": "contrastive"}},
    "contrastive_no_turbo": {"objective": CONTRASTIVE, "augmentation": {"turbo": 0.0}},
    "contrastive_raw_frames": {"objective": CONTRASTIVE, "live_share": 0.0},
    "untrained": {},
}
"""What each changes in the settings of all; `untrained` keeps its random weights."""

WITH = {"fly_courtship": 0.6, "fly_pair_still": 0.3, "flies_three": 0.05, "flies_two_brief": 0.05}
POOLS: dict[str, dict[str, float]] = {
    "with": WITH,
    "without": {name: weight for name, weight in WITH.items() if name != "fly_courtship"},
}
"""Recordings and how often a batch comes from each."""

ARENA = ArenaConfig(name="arena")
VIDEO, LABELS = "fly_courtship.mp4", "fly_courtship_labels.csv"


@dataclass(frozen=True, slots=True)
class Run:
    """One network."""

    variant: str
    pool: str
    seed: int

    @property
    def name(self) -> str:
        """Name of its folder and its model."""
        return f"{self.variant}-{self.pool}-{self.seed}"


def settings_for(run: Run, preset: Preset, steps: int, batch: int, rate: float, px: int | None) -> TrainSettings:
    """Return the preset's settings with those that the study fixes and the variant's own."""
    given: dict[str, Any] = {"steps": steps, "batch": batch, "learning_rate": rate, "seed": run.seed}
    given["inner_shuffle"] = True
    if px is not None:
        given["size_px"] = (px, px)
    return settings_of(preset, given, VARIANTS[run.variant], where=run.variant)


def train(run: Run, settings: TrainSettings, sets: Sequence[LiveFrameSet], work: Path, device: str) -> Path:
    """Train one network, going on where an interrupted run was; return its checkpoint."""
    weights = list(POOLS[run.pool].values())
    sampler = BatchSampler(
        sets, weights, settings.batch, settings.seed, inner_shuffle=True, live_share=settings.live_share
    )
    trainer = Trainer(settings, sampler, compute_on(device, settings.precision))  # type: ignore[arg-type]
    folder = work / run.name
    if run.variant == "untrained":
        folder.mkdir(parents=True, exist_ok=True)
        trainer.save(folder / LAST, {"recordings": []})
        return folder / LAST
    if (folder / LAST).exists():
        trainer.resume(folder / LAST)
    stopped: list[str] = []
    with on_stop_signal(stopped.append):
        notes = {"recordings": [{"name": each.recording.name, "interval_ms": each.interval_ms} for each in sets]}
        checkpoint = train_in(folder, trainer, notes, shown(run), lambda: bool(stopped))
    if not trainer.done:
        raise SystemExit(f"stopped by {stopped[0]} after step {trainer.step} of {run.name}")
    return checkpoint


def shown(run: Run) -> Any:
    """Print every 25th step."""

    def show(step: StepReport) -> None:
        if step.step % 25 == 0:
            print(
                f"{run.name} {step.step}/{step.steps} loss {step.loss:.3f} agreement {step.agreement:.3f} "
                f"cld {step.cld:.3f} collapse {step.collapse:.3f} rank {step.effective_rank:.1f} {step.seconds:.2f} s",
                flush=True,
            )

    return show


def exported(
    run: Run, checkpoint: Path, sets: Sequence[LiveFrameSet], size_px: tuple[int, int]
) -> Iterator[tuple[str, Path | ModelError]]:
    """Export the projector's output and the backbone's, each with why not where its proof fails.

    Embeddings that have collapsed differ by too little for weights of 16 bits, and at the end for those of 32.
    """
    imported = import_checkpoint(checkpoint)
    images = spread(list(sets), size_px, each=16)
    for layer in ("projector", "backbone"):
        card = drafted_card(checkpoint, imported, AskedInput(), Names(run.name, "0", None), layer)
        out = checkpoint.with_name(f"{layer}.onnx")
        found: Path | ModelError = out
        for storage in (imported.storage, FULL):
            try:
                export_model(imported.network, card, out, images, "training live frames", storage)
                found = out
                break
            except ModelError as why:
                found = why
        yield layer, found


def measured(model: Path, data: Path) -> dict[str, list[float]]:
    """Macro F1 and mAP with their 95 % intervals."""
    labels = read_labels(data / LABELS)
    embedded = embed_whole(VideoFileConfig(path=data / VIDEO, speed="max"), ModelConfig(file=model, threads=2), ARENA)
    scored = np.array([labels[index] != UNLABELLED for index in embedded.frame_index.tolist()])
    index, rows = embedded.frame_index[scored], embedded.embedding[scored]
    names = tuple(sorted(set(labels) - {UNLABELLED}))
    label_of = np.array([names.index(labels[position]) for position in index.tolist()])
    probabilities = held_out_probabilities(
        centred(rows), index, label_of, names, exposures=len(labels), protocol=Blocked()
    )
    f1, precision = with_intervals(label_of, probabilities)
    return {"f1": [f1.value, f1.low, f1.high], "map": [precision.value, precision.low, precision.high]}


def run_of(text: str) -> Run:
    """Read VARIANT:POOL:SEED."""
    variant, _, rest = text.partition(":")
    pool, _, seed = rest.partition(":")
    if variant not in VARIANTS or pool not in POOLS or not seed.isdecimal():
        raise click.BadParameter(f"got {text}, expected one of {', '.join(VARIANTS)}; {' or '.join(POOLS)}; a number")
    return Run(variant, pool, int(seed))


def lines_of(results: Path) -> list[dict[str, Any]]:
    """What was measured so far."""
    return [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []


def table(lines: list[dict[str, Any]]) -> str:
    """One Markdown line for each network and layer."""
    rows = ["| variant | pool | seed | layer | macro F1 (95 %) | mAP (95 %) |", "|---|---|---|---|---|---|"]
    for line in lines:
        refused = "refused" in line
        figures = ("not exported", "") if refused else (Interval(*line["f1"]), Interval(*line["map"]))
        about = (str(line[key]) for key in ("variant", "pool", "seed", "layer"))
        rows.append("| " + " | ".join((*about, *map(str, figures))) + " |")
    return "\n".join(rows)


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the recordings.")
@click.option("--work", type=click.Path(path_type=Path), required=True, help="Folder for everything that is kept.")
@click.option("--run", "runs", multiple=True, metavar="VARIANT:POOL:SEED", help="One run; repeatable.")
@click.option("--preset", default="small", show_default=True)
@click.option("--steps", type=int, default=450, show_default=True)
@click.option("--batch", type=int, default=64, show_default=True)
@click.option("--rate", type=float, default=0.2, show_default=True, help="Highest learning rate for a batch of 256.")
@click.option("--px", type=int, help="Height and width of the live frames; default: the preset's.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
def main(
    data: Path,
    work: Path,
    runs: tuple[str, ...],
    preset: Preset,
    steps: int,
    batch: int,
    rate: float,
    px: int | None,
    device: str,
) -> None:
    """Train what is not trained yet."""
    torch.set_num_threads(1)
    results = work / "results.jsonl"
    done = {Run(line["variant"], line["pool"], line["seed"]) for line in lines_of(results)}
    for run in [each for each in map(run_of, runs) if each not in done]:
        settings = settings_for(run, preset, steps, batch, rate, px)
        sets = [
            live_frames(
                prepare(VideoFileConfig(path=data / f"{name}.mp4", speed="max"), name, work, settings.size_px),
                settings.interval_ms,
            )
            for name in POOLS[run.pool]
        ]
        checkpoint = train(run, settings, sets, work, device)
        for layer, model in exported(run, checkpoint, sets, settings.size_px):
            found = {"refused": str(model)} if isinstance(model, ModelError) else measured(model, data)
            line = {**asdict(run), "layer": layer, "steps": steps, **found}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
    print(table(lines_of(results)))


if __name__ == "__main__":
    main()
