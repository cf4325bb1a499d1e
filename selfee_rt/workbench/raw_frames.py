"""Raw frames instead of live frames, to see what live frames add: the current exposure in all three channels."""

from typing import Any

from torch import Tensor, nn

from selfee_rt.workbench.network import SelfeeNetwork


def embed_current_only(network: SelfeeNetwork) -> None:
    """Let a network trained on raw frames take live frames when it embeds; training makes its own views."""
    network.backbone.register_forward_pre_hook(_current)


def _current(backbone: nn.Module, images: tuple[Tensor, ...]) -> Any:
    """Look at the current exposure only."""
    return images if backbone.training else (images[0][:, 1:2].expand(-1, 3, -1, -1),)
