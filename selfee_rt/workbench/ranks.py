"""The processes that train one network together, as torchrun starts them: what they add up, share and agree on.

Every process passes its part of the batch. The losses are means over equal parts, so that the mean of the processes'
losses is the loss of the whole batch; what one process computes from the others' numbers is differentiable, and the
gradients are averaged, so that they are those of the whole batch in one process.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from selfee_rt.errors import RankLost

ENVIRONMENT = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"}
"""What torchrun tells a process."""
PATIENCE = timedelta(hours=1)
"""How long a process waits for the others within a step, for example while the first one probes."""
PREPARING = timedelta(days=2)
"""How long the others wait while the first prepares the recordings."""


class Ranks:
    """This process among `size`; alone, everything is returned as it came."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size
        self._control: Any = None if size == 1 else dist.new_group(backend="gloo", timeout=PREPARING)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Ranks":
        """A network that is copied stays among the same processes."""
        return self

    @property
    def first(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def own(self, whole: int) -> slice:
        """This process's rows of `whole`, which `size` must divide."""
        part = whole // self.size
        return slice(self.rank * part, (self.rank + 1) * part)

    def gather(self, rows: Tensor) -> Tensor:
        """Put all processes' (n, D) together in the order of their ranks: (size * n, D), differentiable."""
        return rows if self.size == 1 else _gathered(rows, self)

    def total(self, values: Tensor) -> Tensor:
        """Add up all processes' values, differentiable."""
        return values if self.size == 1 else _added(values)

    def mean(self, values: Sequence[float]) -> list[float]:
        """Average numbers for a report: the same on every process."""
        if self.size == 1:
            return list(values)
        numbers = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(numbers, group=self._control)
        return [float(each) for each in numbers / self.size]

    def agree(self, stop: bool) -> bool:
        """Whether any process wants to stop: the same on every process, so that they stop after the same step."""
        return any(self.mean([float(stop)]))

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean of all processes' gradients, in one message."""
        if self.size == 1:
            return
        gradients = [each.grad for each in parameters if each.grad is not None]
        flat = torch.cat([each.flatten() for each in gradients])
        dist.all_reduce(flat)
        parts = torch.split(flat / self.size, [each.numel() for each in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def share(self, *modules: nn.Module) -> None:
        """Give every process the first one's weights and statistics."""
        if self.size > 1:
            for module in modules:
                for tensor in module.state_dict().values():
                    dist.broadcast(tensor, src=0)

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """The first process does what is within before the others do, for example preparing recordings."""
        if not self.first:
            dist.barrier(group=self._control)
        yield
        if self.first and self.size > 1:
            dist.barrier(group=self._control)


ALONE = Ranks()


def local_rank() -> int:
    """Number of this process on its own computer, which is also the number of its GPU."""
    return int(os.environ["LOCAL_RANK"]) if _started_by_torchrun() else 0


def _started_by_torchrun() -> bool:
    return os.environ.keys() >= ENVIRONMENT


@contextmanager
def joined(cuda: bool) -> Iterator[Ranks]:
    """Join the other processes if torchrun started this one; leave them at the end.

    Raises:
        RankLost: another process ended before its time.
    """
    if not _started_by_torchrun():
        yield ALONE
        return
    dist.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE)
    try:
        yield Ranks(dist.get_rank(), dist.get_world_size())
    except RuntimeError as error:
        if not _is_loss(error):
            raise
        reason = "another process of this training ended, so this one does too; the other's message says why"
        raise RankLost(f"{reason}. --resume goes on from the last checkpoint") from error
    finally:
        dist.destroy_process_group()


def _is_loss(error: RuntimeError) -> bool:
    """Whether torch says that it could not reach another process."""
    words = ("gloo", "onnection closed", "onnection reset", "NCCL")
    return isinstance(error, dist.DistError) or any(word in str(error) for word in words)


class _Added(torch.autograd.Function):
    """Sum over the processes; each one's gradient is the sum of all processes' gradients."""

    @staticmethod
    def forward(_ctx: Any, values: Tensor) -> Tensor:
        summed = values.clone()
        dist.all_reduce(summed)
        return summed

    @staticmethod
    def backward(_ctx: Any, *gradients: Tensor) -> Tensor:
        summed = gradients[0].clone()
        dist.all_reduce(summed)
        return summed


class _Gathered(torch.autograd.Function):
    """Rows of all processes; a process's rows get the sum of all processes' gradients for them."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, ranks: Ranks) -> Tensor:
        ctx.ranks = ranks
        parts = [torch.empty_like(rows) for _ in range(ranks.size)]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        summed = gradients[0].clone()
        dist.all_reduce(summed)
        return summed[ctx.ranks.own(len(summed))], None


def _added(values: Tensor) -> Tensor:
    summed: Tensor = _Added.apply(values)
    return summed


def _gathered(rows: Tensor, ranks: Ranks) -> Tensor:
    gathered: Tensor = _Gathered.apply(rows, ranks)
    return gathered
