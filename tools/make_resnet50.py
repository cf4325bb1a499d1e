"""The recipe of models/selfee_resnet50.onnx: a ResNet-50 that learns to embed as the small model does.

    python tools/make_model.py --data ../shared/data --work /tmp/selfee_small
    python tools/make_resnet50.py --data ../shared/data --work /tmp/selfee_small

A ResNet-50 from random weights learns too slowly from comparing views where there is no GPU; to follow a trained small
network teaches it several times as much a step (docs/measurements.md). Both see the same augmented view, as Beyer et
al. 2022 (arXiv:2106.05237) recommend; what is followed is the direction of the teacher's embedding from its mean. No
label is used, nor any recording that the small model was not trained on.

A batch comes from one recording, so the running statistics of the batch norms are those of the last few recordings; at
the end they are taken anew over batches of all recordings (Wu & Johnson 2021, arXiv:2105.07576). Without that the
embeddings of a file are not those that training saw. The file gives the backbone's output, which separates the labels
of the synthetic arena better than the projector's.

An interrupted run, started again with the same command, goes on; every draw depends on the seed and the step.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import make_model
import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from selfee_rt.embed.model import sha256_of
from selfee_rt.signals import on_stop_signal
from selfee_rt.workbench.collapse import collapse_level, effective_rank
from selfee_rt.workbench.compute import compute_on
from selfee_rt.workbench.dataset import BatchSampler, LiveFrameSet, spread
from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card
from selfee_rt.workbench.export import export_model
from selfee_rt.workbench.imported import import_checkpoint
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.train_settings import settings_of
from selfee_rt.workbench.trainer import Figures, Trainer
from selfee_rt.workbench.training_run import LAST, train_in

SETTINGS = settings_of(
    "small",
    {
        "steps": 1600,
        "batch": 64,
        "learning_rate": 0.001,
        "warm_up": 0.1,
        "weight_decay": 0.01,
        "seed": 1,
        "shape": {"backbone": "resnet50"},
    },
    where=__file__,
)
"""The learning rate is AdamW's, whatever the batch."""
WEIGHTS = [each.weight for each in make_model.RECORDINGS]
SMALL_PX, SMALL_PART = 96, 0.7
"""For so much of the schedule the student sees its views at this size, which takes half the time."""
MEAN_OF = 8
"""Batches from which the mean of the teacher's embeddings is taken."""
SETTLED_ON = 30
"""Batches of all recordings, not augmented, from which the batch norms' final statistics are taken."""


class Following(Trainer):
    """Trains a network to give what another gives for the same view: 1 - cosine, from the other's mean."""

    def __init__(self, sampler: BatchSampler, teacher: SelfeeNetwork) -> None:
        super().__init__(SETTINGS, sampler)
        for block in self.network.modules():
            if isinstance(block, Bottleneck):
                nn.init.zeros_(block.bn3.weight)  # every block begins as the identity: Goyal et al. 2017
        self._optimiser = torch.optim.AdamW(
            self.network.parameters(), SETTINGS.learning_rate, weight_decay=SETTINGS.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, SETTINGS.learning_rate, SETTINGS.steps, pct_start=SETTINGS.warm_up, cycle_momentum=False
        )
        self._teacher = teacher.eval().to(memory_format=torch.channels_last)
        self._mean = torch.cat([self._taught(self._view(SETTINGS.steps + k)) for k in range(MEAN_OF)]).mean(dim=0)

    def _view(self, step: int) -> Tensor:
        """One view (n, 3, H, W) of the batch of a step."""
        random = torch.Generator().manual_seed((SETTINGS.seed << 40) + step)
        view = self._augment(torch.from_numpy(self._batches.draw(step)), random)
        return view.contiguous(memory_format=torch.channels_last)

    def _taught(self, view: Tensor) -> Tensor:
        """The teacher's embeddings (n, D)."""
        with torch.no_grad(), self._compute.autocast():
            return self._teacher.embed(view)

    def _gradients(self) -> Figures:
        view = self._view(self.step)
        expected = self._taught(view) - self._mean
        if self.step < SMALL_PART * SETTINGS.steps:
            view = nn.functional.interpolate(view, size=(SMALL_PX, SMALL_PX), mode="bilinear", antialias=True)
        with self._compute.autocast():
            embedding = self.network.train().embed(view.contiguous(memory_format=torch.channels_last))
        loss = 1 - nn.functional.cosine_similarity(embedding, expected).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        found = embedding.detach()
        return Figures(float(loss.detach()), float(loss.detach()), 0.0, collapse_level(found), effective_rank(found))


def settle(network: SelfeeNetwork, sets: Sequence[LiveFrameSet]) -> None:
    """Take the statistics of all batch norms anew over batches of all recordings."""
    norms = [each for each in network.modules() if isinstance(each, (nn.BatchNorm1d, nn.BatchNorm2d))]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    batches = BatchSampler(sets, WEIGHTS, SETTINGS.batch, SETTINGS.seed, inner_shuffle=False)
    network.train()
    with torch.no_grad(), compute_on("cpu", SETTINGS.precision).autocast():
        for step in range(SETTLED_ON):
            live = torch.from_numpy(batches.draw(step)).float().div_(255)
            network.embed(live.contiguous(memory_format=torch.channels_last))


def train(teacher: Path, sets: Sequence[LiveFrameSet], work: Path) -> Path:
    """Train, going on where an interrupted run was; return the checkpoint."""
    sampler = BatchSampler(sets, WEIGHTS, SETTINGS.batch, SETTINGS.seed)
    trainer = Following(sampler, import_checkpoint(teacher).network)
    folder = work / "resnet50"
    if (folder / LAST).exists():
        trainer.resume(folder / LAST)
        print(f"going on after step {trainer.step}", flush=True)
    notes: dict[str, Any] = {
        "objective": "to follow the embeddings of selfee_small (1 - cosine), AdamW",
        "teacher_sha256": sha256_of(teacher),
        "size_px": f"{SMALL_PX} for {SMALL_PART:.0%} of the steps, then {SETTINGS.size_px[0]}",
        "batch_norm": f"statistics taken anew over {SETTLED_ON} batches of all recordings",
        "recordings": [make_model.described(*pair) for pair in zip(make_model.RECORDINGS, sets, strict=True)],
    }
    stopped: list[str] = []
    with on_stop_signal(stopped.append):
        checkpoint = train_in(folder, trainer, notes, make_model.show, lambda: bool(stopped))
    if not trainer.done:
        raise SystemExit(f"stopped by {stopped[0]} after step {trainer.step}; the same command goes on from there")
    settle(trainer.network, sets)
    trainer.save(checkpoint, notes)
    return checkpoint


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of the recordings.")
@click.option("--work", type=click.Path(path_type=Path), required=True, help="Folder in which make_model.py trained.")
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--version", default="1.0.0", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("models/selfee_resnet50.onnx"), show_default=True)
def main(data: Path, work: Path, threads: int, version: str, out: Path) -> None:
    """Run the recipe, going on where an interrupted run with the same options was."""
    torch.set_num_threads(threads)
    sets = make_model.load(data, work)
    checkpoint = train(work / "small" / LAST, sets, work)
    imported = import_checkpoint(checkpoint)
    card = drafted_card(checkpoint, imported, AskedInput(), Names("selfee_resnet50", version, "MIT"), "backbone")
    images = spread(sets, SETTINGS.size_px, each=16)
    what = "live frames of the training recordings"
    print(export_model(imported.network, card, out, images, what, imported.storage))
    print(out.stat().st_size, "bytes, sha256", sha256_of(out))


if __name__ == "__main__":
    main()
