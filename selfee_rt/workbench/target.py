"""BYOL's target: a copy of the network that follows it slowly (Grill et al. 2020)."""

import copy

import torch
from torch import Tensor, nn

from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.objective import Target


class TargetNetwork(nn.Module):
    """Backbone and projector of a network, moved towards it after every step.

    As in the authors' code, the weights follow, the batch norms' statistics are the copy's own, and the group branch is
    the network's.
    """

    def __init__(self, network: SelfeeNetwork, momentum: float) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(network).requires_grad_(False)
        del self.encoder.predictor, self.encoder.group
        self._momentum = momentum

    @torch.no_grad()
    def see(self, view: Tensor, network: SelfeeNetwork) -> Target:
        """Embed one view (n, 3, H, W) float32 in 0..1."""
        embedding = self.encoder.train().embed(view)
        with torch.autocast(view.device.type, enabled=False):
            return Target(embedding, network.grouped(embedding))

    @torch.no_grad()
    def follow(self, network: SelfeeNetwork) -> None:
        """Move every weight by 1 - momentum of the way to the network's."""
        online = dict(network.named_parameters())
        for name, weight in self.encoder.named_parameters():
            weight.lerp_(online[name], 1 - self._momentum)
