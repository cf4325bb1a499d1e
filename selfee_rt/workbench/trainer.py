"""The training loop: seeded, resumable at any step, stopped between steps."""

import copy
import logging
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor

from selfee_rt.errors import ConfigError, ModelError
from selfee_rt.workbench.augment import Augmenter
from selfee_rt.workbench.checkpoint import read_checkpoint
from selfee_rt.workbench.dataset import BatchSampler, LiveFrameSet
from selfee_rt.workbench.network import NetworkOutput, NetworkShape, SelfeeNetwork
from selfee_rt.workbench.objective import Loss, ObjectiveSettings, selfee_loss

CHECKPOINT_FORMAT = 1
COLLAPSED = 0.9
"""From this collapse level on a warning is given: the embeddings are nearly all the same."""
WARN_EVERY = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a run is; the defaults are Selfee's, on a network that a CPU can run live."""

    steps: int
    """Length of the whole OneCycle schedule."""
    shape: NetworkShape = field(default_factory=NetworkShape)
    size_px: int = 128
    batch: int = 96
    interval_ms: float = 70.0
    seed: int = 0
    learning_rate: float = 0.05
    """Highest learning rate for a batch of 256; scaled by batch / 256."""
    warm_up: float = 0.025
    """Part of the schedule in which the learning rate rises."""
    momentum: float = 0.9
    weight_decay: float = 1e-4
    bf16: bool = True
    """Run the backbone in bfloat16; losses and projector stay float32."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "TrainSettings":
        """Rebuild from `as_dict`."""
        return cls(**{**values, "shape": NetworkShape(**values["shape"])})


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did."""

    step: int
    """Steps done so far, this one included."""
    steps: int
    loss: float
    simsiam: float
    cld: float
    collapse: float
    learning_rate: float
    seconds: float


class Trainer:
    """Trains one network; `step` counts finished steps, and every random draw depends on the seed and the step alone.

    The two views go through the network side by side, each in a thread of its own: on few cores that others use too,
    this is several times faster than two threads that wait for each other after every layer. So torch should get half
    as many threads as there are cores.

    Raises:
        ConfigError: the settings or recordings do not fit together.
    """

    def __init__(self, settings: TrainSettings, sets: Sequence[LiveFrameSet], weights: Sequence[float]) -> None:
        if settings.steps < 2 or settings.batch < 2:
            raise ConfigError([f"got {settings.steps} steps of {settings.batch}; expected at least 2 of each"])
        self.settings = settings
        self.step = 0
        self._sampler = BatchSampler(sets, weights, settings.batch, settings.seed)
        self._augment = Augmenter(settings.size_px)
        self._objective = ObjectiveSettings(groups=min(10, settings.batch))
        self.network = _initial(settings)
        self._twin = _twin(self.network)
        peak = settings.learning_rate * settings.batch / 256
        self._optimiser = torch.optim.SGD(
            self.network.parameters(), peak, momentum=settings.momentum, weight_decay=settings.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, peak, settings.steps, pct_start=settings.warm_up, cycle_momentum=False
        )

    @property
    def done(self) -> bool:
        """Whether the schedule has ended."""
        return self.step >= self.settings.steps

    def run(self, on_step: Callable[[StepReport], None], stop: Callable[[], bool]) -> None:
        """Train to the end of the schedule, or until `stop` says so between two steps."""
        while not self.done and not stop():
            on_step(self.advance())

    def advance(self) -> StepReport:
        """Do one step.

        Raises:
            ModelError: the loss is no longer finite.
        """
        begun = time.perf_counter()
        rate = self._optimiser.param_groups[0]["lr"]
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._gradients()
        self._optimiser.step()
        self._schedule.step()
        self.step += 1
        self._warn(loss)
        return StepReport(
            self.step,
            self.settings.steps,
            float(loss.total.detach()),
            loss.simsiam,
            loss.cld,
            loss.collapse,
            rate,
            time.perf_counter() - begun,
        )

    def _gradients(self) -> Loss:
        """Draw a batch, make two views, compare what the network gives for them, and leave the gradients in it."""
        images = torch.from_numpy(self._sampler.draw(self.step))
        randoms = [Generator().manual_seed((self.settings.seed << 40) + 3 * self.step + i) for i in range(3)]
        with ThreadPoolExecutor(2) as pool:
            outputs = list(pool.map(self._view, (self.network, self._twin), (images, images), randoms[:2]))
            first, second = leaves = [_cut(output) for output in outputs]
            loss = selfee_loss(first, second, self._objective, randoms[2])
            if not math.isfinite(float(loss.total.detach())):
                raise ModelError(f"the loss is not finite at step {self.step}; lower the learning rate")
            loss.total.backward()  # type: ignore[no-untyped-call]
            list(pool.map(_continue_backward, outputs, leaves))
        self._join_statistics()
        return loss

    def _view(self, network: SelfeeNetwork, images: Tensor, random: Generator) -> NetworkOutput:
        """Make one view of the batch and pass it through one of the twins."""
        view = self._augment(images, random).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bf16, cache_enabled=False):
            output: NetworkOutput = network.train()(view)
        return output

    def _join_statistics(self) -> None:
        """Give both twins the mean of their batch norms' running statistics, one from each view."""
        for one, other in zip(self.network.buffers(), self._twin.buffers(), strict=True):
            if one.is_floating_point():
                one.add_(other).div_(2)
            other.copy_(one)

    def _warn(self, loss: Loss) -> None:
        if loss.collapse > COLLAPSED and self.step % WARN_EVERY == 0:
            _log.warning(
                "step %d: collapse level %.3f (1: all embeddings equal); this network learns nothing",
                self.step,
                loss.collapse,
            )

    def save(self, path: Path, notes: dict[str, Any] | None = None) -> None:
        """Write everything needed to go on from here; the file appears whole or not at all.

        Args:
            path: the checkpoint.
            notes: plain values kept with it, for example the recordings and their licences.
        """
        checkpoint = {
            "format": CHECKPOINT_FORMAT,
            "settings": self.settings.as_dict(),
            "step": self.step,
            "network": self.network.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
            "notes": notes or {},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        torch.save(checkpoint, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of a run with the same settings.

        Raises:
            ModelError: it is not a checkpoint of ours.
            ConfigError: it was made with other settings.
        """
        checkpoint = load_checkpoint(path)
        stored = TrainSettings.from_dict(checkpoint["settings"])
        if stored != self.settings:
            raise ConfigError(
                [f"{path} was trained with {stored}, this run has {self.settings}; use the same settings"]
            )
        self._load_weights(checkpoint)
        self._optimiser.load_state_dict(checkpoint["optimiser"])
        self._schedule.load_state_dict(checkpoint["schedule"])
        self.step = int(checkpoint["step"])

    def start_from(self, path: Path) -> None:
        """Begin with the weights of another run's checkpoint; schedule, seed and recordings are this run's own.

        Raises:
            ModelError: it is not a checkpoint of ours.
            ConfigError: its network has another shape.
        """
        checkpoint = load_checkpoint(path)
        stored = TrainSettings.from_dict(checkpoint["settings"]).shape
        if stored != self.settings.shape:
            raise ConfigError([f"{path} holds {stored}, this run has {self.settings.shape}; use the same shape"])
        self._load_weights(checkpoint)

    def _load_weights(self, checkpoint: dict[str, Any]) -> None:
        self.network.load_state_dict(checkpoint["network"])
        self._twin.load_state_dict(checkpoint["network"])


def _initial(settings: TrainSettings) -> SelfeeNetwork:
    """Build the seeded untrained network without touching the caller's random state."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = SelfeeNetwork(settings.shape)
    return network.to(memory_format=torch.channels_last)


def _twin(network: SelfeeNetwork) -> SelfeeNetwork:
    """Copy a network so that the copy shares its weights but has batch statistics of its own."""
    weights: dict[int, object] = {id(weight): weight for weight in network.parameters()}
    return copy.deepcopy(network, weights)  # what is in `weights` counts as copied already


def _cut(output: NetworkOutput) -> NetworkOutput:
    """Return the same values as leaves, so that the objective's gradient stops there."""
    return NetworkOutput(*(part.detach().requires_grad_() for part in _parts(output)))


def _continue_backward(output: NetworkOutput, leaf: NetworkOutput) -> None:
    """Carry the gradients that the objective left at the leaves on through one view's network."""
    reached = [(out, cut.grad) for out, cut in zip(_parts(output), _parts(leaf), strict=True) if cut.grad is not None]
    torch.autograd.backward([out for out, _ in reached], [grad for _, grad in reached])


def _parts(output: NetworkOutput) -> tuple[Tensor, Tensor, Tensor]:
    return output.embedding, output.prediction, output.group


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; nothing in it is executed.

    Raises:
        ModelError: it is missing or not a checkpoint of ours.
    """
    checkpoint: dict[str, Any] = read_checkpoint(path)
    if not isinstance(checkpoint, dict) or checkpoint.get("format") != CHECKPOINT_FORMAT:
        raise ModelError(f"{path} is not a checkpoint of this program; expected format {CHECKPOINT_FORMAT}")
    return checkpoint


def load_network(checkpoint: dict[str, Any]) -> tuple[SelfeeNetwork, TrainSettings]:
    """Rebuild the network of a checkpoint, ready to embed."""
    settings = TrainSettings.from_dict(checkpoint["settings"])
    network = SelfeeNetwork(settings.shape)
    network.load_state_dict(checkpoint["network"])
    return network.eval(), settings
