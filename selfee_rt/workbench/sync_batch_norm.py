"""Batch norm whose mean and variance are those of all processes' parts of the batch.

torch has one for CUDA; the one here does the same on a CPU, for training on several computers without a GPU and for
tests of the whole. Equations (2) and (3) of Ioffe & Szegedy 2015, with sums over the processes.
"""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from selfee_rt.workbench.ranks import ALONE, Ranks


def synchronise(network: nn.Module, ranks: Ranks) -> None:
    """Let every batch norm in `network` share its statistics among the processes; names and weights stay."""
    if ranks.size == 1:
        return
    for name, child in network.named_children():
        if isinstance(child, _BatchNorm):
            setattr(network, name, _shared(child, ranks))
        else:
            synchronise(child, ranks)


def _shared(norm: _BatchNorm, ranks: Ranks) -> nn.Module:
    """The same batch norm, synchronised; torch's own on CUDA."""
    if next(norm.buffers()).device.type == "cuda":
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(norm)  # type: ignore[no-untyped-call]
        return converted
    shared = SharedBatchNorm(norm.num_features, norm.eps, norm.momentum, norm.affine)
    shared.ranks = ranks
    shared.load_state_dict(norm.state_dict())
    return shared.train(norm.training)


class SharedBatchNorm(_BatchNorm):
    """Takes (n, C, …), one of equally large parts of a batch, in any floating type; statistics are float32."""

    ranks: Ranks = ALONE

    def _check_input_dim(self, x: Tensor) -> None:
        """Any number of dimensions from two on."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise by the whole batch's statistics in training, by the running ones else."""
        if not self.training:
            return super().forward(x)
        dims = [0, *range(2, x.dim())]
        count = x.numel() // x.shape[1] * self.ranks.size
        values = x.float()
        mean = self.ranks.total(values.sum(dims)) / count
        centred = values - _wide(mean, x)
        variance = self.ranks.total(centred.square().sum(dims)) / count
        if self.track_running_stats:
            self._remember(mean.detach(), variance.detach() * count / (count - 1))
        normal = centred * _wide((variance + self.eps).rsqrt(), x)
        if self.affine:
            normal = normal * _wide(self.weight, x) + _wide(self.bias, x)
        return normal.to(x.dtype)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics by `momentum`."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


def _wide(channels: Tensor, x: Tensor) -> Tensor:
    """Give (C,) the dimensions of (n, C, …)."""
    return channels.view(1, -1, *[1] * (x.dim() - 2))
