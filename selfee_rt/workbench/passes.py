"""How two views of a batch pass through one network: what they give, and the gradients of what is made of it."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import torch
from torch import Tensor

from selfee_rt.workbench.compute import Compute
from selfee_rt.workbench.network import NetworkOutput, SelfeeNetwork

LossOf = Callable[[NetworkOutput, NetworkOutput], Tensor]
Views = tuple[Tensor, Tensor]
"""(n, 3, H, W) float32 in 0..1 each."""


class Pass(Protocol):
    """One way to do it; both views have batch statistics of their own, as in SimSiam."""

    def gradients(self, views: Views, loss_of: LossOf) -> None:
        """Pass two views, and leave the gradients of their loss in the network."""

    def weights_changed(self) -> None:
        """Take note that the network's weights and statistics were loaded."""


class PlainPass:
    """One view after the other: what a GPU, or a process among several, does."""

    def __init__(self, network: SelfeeNetwork, compute: Compute) -> None:
        self._network, self._compute = network, compute

    def gradients(self, views: Views, loss_of: LossOf) -> None:
        """Pass two views, and leave the gradients of their loss in the network."""
        with self._compute.autocast():
            first, second = (self._network.train()(view) for view in views)
        loss_of(first, second).backward()  # type: ignore[no-untyped-call]

    def weights_changed(self) -> None:
        """Nothing to do."""


class TwinPass:
    """Both views side by side, each in a thread of its own.

    On few cores that others use too, this is several times faster than two threads that wait for each other after every
    layer. So torch should get half as many threads as there are cores. The network's twin shares its weights and has
    batch statistics of its own; after each pass both get the mean of the two.
    """

    def __init__(self, network: SelfeeNetwork, compute: Compute) -> None:
        self._network, self._compute = network, compute
        self._twin = _twin(network)

    def gradients(self, views: Views, loss_of: LossOf) -> None:
        """Pass two views, and leave the gradients of their loss in the network."""
        with ThreadPoolExecutor(2) as pool:
            outputs = list(pool.map(self._one, (self._network, self._twin), views))
            first, second = leaves = [_cut(output) for output in outputs]
            loss_of(first, second).backward()  # type: ignore[no-untyped-call]
            list(pool.map(_continue_backward, outputs, leaves))
        self._join_statistics()

    def weights_changed(self) -> None:
        """Give the twin the network's statistics."""
        self._twin.load_state_dict(self._network.state_dict())

    def _one(self, network: SelfeeNetwork, view: Tensor) -> NetworkOutput:
        """Pass a view through one of the twins."""
        with self._compute.autocast():
            output: NetworkOutput = network.train()(view)
        return output

    def _join_statistics(self) -> None:
        """Give both twins the mean of their batch norms' running statistics, one from each view."""
        for one, other in zip(self._network.buffers(), self._twin.buffers(), strict=True):
            if one.is_floating_point():
                one.add_(other).div_(2)
            other.copy_(one)


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
