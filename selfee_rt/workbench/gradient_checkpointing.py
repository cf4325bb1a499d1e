"""Less memory for more time: a ResNet's stages keep only their input and are computed again for the gradient.

Chen et al. 2016 (arXiv:1604.06174). The batch norms see each batch once: their running statistics are left alone while
a stage is computed again.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

STAGES = ("layer1", "layer2", "layer3", "layer4")


def checkpoint_stages(backbone: nn.Module) -> None:
    """Let the four stages of a torchvision ResNet forget what is within them; names and weights stay."""
    for name in STAGES:
        stage: nn.Module = getattr(backbone, name)
        setattr(backbone, name, CheckpointedStage(*stage.children()))


class CheckpointedStage(nn.Sequential):
    """Layers whose intermediate results are not kept in training."""

    def forward(self, x: Tensor) -> Tensor:
        """Do as `nn.Sequential` does."""
        compute = super().forward
        if not (self.training and torch.is_grad_enabled()):
            result: Tensor = compute(x)  # type: ignore[no-untyped-call]
        else:
            result = checkpoint(compute, x, use_reentrant=False, preserve_rng_state=False, context_fn=self._contexts)
        return result

    def _contexts(self) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        """What surrounds the first and the second computation."""
        return nullcontext(), self._statistics_left_alone()

    @contextmanager
    def _statistics_left_alone(self) -> Iterator[None]:
        """Let the batch norms write their running statistics into copies."""
        norms = [each for each in self.modules() if isinstance(each, _BatchNorm)]
        kept = [dict(norm.named_buffers()) for norm in norms]
        _give(norms, [{name: buffer.clone() for name, buffer in each.items()} for each in kept])
        try:
            yield
        finally:
            _give(norms, kept)


def _give(norms: list[_BatchNorm], buffers: list[dict[str, Tensor]]) -> None:
    """Put buffers in their places."""
    for norm, own in zip(norms, buffers, strict=True):
        for name, buffer in own.items():
            setattr(norm, name, buffer)
