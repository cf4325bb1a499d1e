"""The training loop: seeded, resumable at any step, stopped between steps."""

import math
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from selfee_rt.errors import ConfigError, ModelError
from selfee_rt.workbench.augment import Augmenter
from selfee_rt.workbench.collapse import CollapseAlarm, collapse_level, effective_rank
from selfee_rt.workbench.compute import Compute, compute_on
from selfee_rt.workbench.gradient_checkpointing import checkpoint_stages
from selfee_rt.workbench.network import NetworkOutput, SelfeeNetwork
from selfee_rt.workbench.objective import Loss, Target, selfee_loss
from selfee_rt.workbench.passes import Pass, PlainPass, TwinPass, Views
from selfee_rt.workbench.ranks import ALONE, Ranks
from selfee_rt.workbench.raw_frames import embed_current_only
from selfee_rt.workbench.stored_run import load_checkpoint, save_checkpoint, stored_settings
from selfee_rt.workbench.sync_batch_norm import synchronise
from selfee_rt.workbench.target import TargetNetwork
from selfee_rt.workbench.train_settings import TrainSettings, differences


class Batches(Protocol):
    """Where live frames come from."""

    def draw(self, step: int, rank: int = 0, ranks: int = 1) -> NDArray[np.uint8]:
        """Return one rank's part of the batch of one step: (batch / ranks, 3, H, W) uint8; the same whenever asked."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did, in the whole batch."""

    step: int
    """Steps done so far, this one included."""
    steps: int
    loss: float
    agreement: float
    cld: float
    collapse: float
    """See `collapse_level`."""
    effective_rank: float
    """See `effective_rank`."""
    learning_rate: float
    loss_scale: float
    """What float16 gradients were multiplied by; 1 for the other types."""
    seconds: float


class Figures(NamedTuple):
    """See `StepReport`."""

    loss: float
    agreement: float
    cld: float
    collapse: float
    effective_rank: float


class Trainer:
    """Trains one network; `step` counts finished steps.

    Every random draw depends on the seed, the step and the rank alone.

    Args:
        settings: what the run is.
        batches: gives the live frames of each step.
        compute: where and how exactly; None: on the CPU, in the precision that the settings say.
        ranks: the processes that train together.
        alarm: told of every step's collapse level.

    Raises:
        ConfigError: the settings do not fit together, or the processes cannot share the batch.
    """

    def __init__(
        self,
        settings: TrainSettings,
        batches: Batches,
        compute: Compute | None = None,
        ranks: Ranks = ALONE,
        alarm: CollapseAlarm | None = None,
    ) -> None:
        if settings.batch % ranks.size or settings.batch // ranks.size < 2:
            raise ConfigError([f"{ranks.size} processes cannot share a batch of {settings.batch}; choose a multiple"])
        self.settings = settings
        self.step = 0
        self.ranks = ranks
        self._compute = compute or compute_on("cpu", settings.precision)
        self._batches, self._alarm = batches, alarm or CollapseAlarm()
        self._augment = Augmenter(settings.size_px, settings.augmentation)
        self.network = _initial(settings, self._compute, ranks)
        self._target = self._following() if settings.objective.method == "byol" else None
        self._pass = self._way_to_pass()
        self._optimiser, self._schedule = _optimiser(settings, self.network)
        self._scaler = self._compute.scaler()

    @property
    def done(self) -> bool:
        """Whether the schedule has ended."""
        return self.step >= self.settings.steps

    def run(self, on_step: Callable[[StepReport], None], stop: Callable[[], bool]) -> None:
        """Train to the end of the schedule, or until `stop` says so on any process between two steps."""
        while not self.done and not self.ranks.agree(stop()):
            on_step(self.advance())

    def advance(self) -> StepReport:
        """Do one step.

        Raises:
            ModelError: the loss is no longer finite, or the embeddings have collapsed and the run is to end then.
        """
        begun = time.perf_counter()
        rate, scale = self._optimiser.param_groups[0]["lr"], self._scaler.get_scale()
        self._optimiser.zero_grad(set_to_none=True)
        figures = self._gradients()
        self._update()
        self.step += 1
        self._alarm(self.step, figures.collapse, figures.effective_rank)
        own = {"learning_rate": rate, "loss_scale": scale, "seconds": time.perf_counter() - begun}
        return StepReport(step=self.step, steps=self.settings.steps, **figures._asdict(), **own)

    def _gradients(self) -> Figures:
        """Leave the gradients of one batch in the network."""
        randoms = self._randoms()
        views = self._views(randoms[:2])
        targets = None if self._target is None else self._targets(self._target, views)
        figures: list[Figures] = []

        def loss_of(first: NetworkOutput, second: NetworkOutput) -> Tensor:
            loss = selfee_loss(
                first,
                second,
                self.settings.objective,
                randoms[2],
                targets=targets,
                done=self.step / self.settings.steps,
                ranks=self.ranks,
            )
            figures.append(self._figures(loss, first.embedding.detach()))
            return self._scaler.scale(loss.total)

        self._pass.gradients(views, loss_of)
        self.ranks.average_gradients(self.network.parameters())
        return figures[0]

    def _randoms(self) -> list[Generator]:
        """One for each view of this process's live frames, and one that all processes have in common."""
        seeds = [(3 * self.step + i, self.ranks.rank if i < 2 else 0) for i in range(3)]
        return [Generator().manual_seed((self.settings.seed << 40) + (rank << 32) + seed) for seed, rank in seeds]

    def _views(self, randoms: list[Generator]) -> Views:
        """Draw this process's part of the batch and make two views of it."""
        images = torch.from_numpy(self._batches.draw(self.step, self.ranks.rank, self.ranks.size))
        images = images.to(self._compute.device)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(partial(self._augment, images), randoms)
        return first.contiguous(memory_format=torch.channels_last), second.contiguous(memory_format=torch.channels_last)

    def _targets(self, target: TargetNetwork, views: Views) -> tuple[Target, Target]:
        with self._compute.autocast():
            return target.see(views[0], self.network), target.see(views[1], self.network)

    def _figures(self, loss: Loss, embedding: Tensor) -> Figures:
        """Average over the processes, so that all of them see the same.

        Raises:
            ModelError: the loss is not finite.
        """
        losses = self.ranks.mean([float(loss.total.detach()), loss.agreement, loss.cld])
        if not math.isfinite(losses[0]):
            raise ModelError(f"the loss is not finite at step {self.step}; lower the learning rate")
        whole = self.ranks.gather(embedding)
        return Figures(losses[0], losses[1], losses[2], collapse_level(whole), effective_rank(whole))

    def _update(self) -> None:
        """Change the weights by the gradients that are there; float16's are left out where they overflowed."""
        self._scaler.step(self._optimiser)
        self._scaler.update()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step", UserWarning)  # after an overflow
            self._schedule.step()
        if self._target is not None:
            self._target.follow(self.network)

    def _following(self) -> TargetNetwork:
        return TargetNetwork(self.network, self.settings.objective.target_momentum)

    def _way_to_pass(self) -> Pass:
        """Two threads on a CPU that has the whole batch; the others' batch norms and kernels need an order."""
        twins = self.ranks.size == 1 and self._compute.device.type == "cpu"
        return (TwinPass if twins else PlainPass)(self.network, self._compute)

    def save(self, path: Path, notes: dict[str, Any] | None = None) -> None:
        """Write everything needed to go on from here; the file appears whole or not at all. Only the first rank does.

        Args:
            path: the checkpoint.
            notes: plain values kept with it, for example the recordings and their licences.

        Raises:
            FolderError: it cannot be written.
        """
        if self.ranks.first:
            about = {"settings": self.settings.as_dict(), "step": self.step, "notes": notes or {}}
            save_checkpoint(path, about | {name: part.state_dict() for name, part in self._parts().items()})

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of a run with the same settings.

        Raises:
            ModelError: it is not a checkpoint of ours.
            ConfigError: it was made with other settings.
        """
        checkpoint = load_checkpoint(path)
        other = differences(stored_settings(checkpoint), self.settings)
        if other:
            raise ConfigError([f"{path} was trained with other settings ({'; '.join(other)}); use the same settings"])
        for name, part in self._parts().items():
            if checkpoint.get(name):  # version 0.1 kept no scaler, and a CPU's is empty
                part.load_state_dict(checkpoint[name])
        self._pass.weights_changed()
        self.step = int(checkpoint["step"])

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Begin with the weights of another network, or of a part of one; what is not named keeps its own.

        Schedule, seed and recordings are this run's own, and BYOL's target begins as the network's copy.
        """
        self.network.load_state_dict(weights, strict=False)
        self._pass.weights_changed()
        if self._target is not None:
            self._target.encoder.load_state_dict(self.network.state_dict(), strict=False)

    def _parts(self) -> dict[str, Any]:
        """Everything that has a state."""
        target = {} if self._target is None else {"target": self._target}
        return {
            "network": self.network,
            "optimiser": self._optimiser,
            "schedule": self._schedule,
            "scaler": self._scaler,
            **target,
        }


def _initial(settings: TrainSettings, compute: Compute, ranks: Ranks) -> SelfeeNetwork:
    """Build the seeded untrained network without touching the caller's random state."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = SelfeeNetwork(settings.shape)
    network = network.to(compute.device).to(memory_format=torch.channels_last)
    synchronise(network, ranks)
    if settings.gradient_checkpointing:
        checkpoint_stages(network.backbone)
    if not settings.live_share:
        embed_current_only(network)
    ranks.share(network)
    return network


def _optimiser(
    settings: TrainSettings, network: SelfeeNetwork
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """SGD under one cycle of the learning rate and, against it, of the momentum (Smith & Topin 2019)."""
    peak = settings.learning_rate * settings.batch / 256
    lowest, highest = settings.momentum
    optimiser = torch.optim.SGD(network.parameters(), peak, momentum=highest, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        peak,
        settings.steps,
        pct_start=settings.warm_up,
        cycle_momentum=lowest != highest,
        base_momentum=lowest,
        max_momentum=highest,
    )
    return optimiser, schedule
