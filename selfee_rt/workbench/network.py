"""The Selfee network: a ResNet, a projector whose output is the embedding, and two heads that only training needs."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from selfee_rt.embed.model import EmbeddingLayer
from selfee_rt.errors import MissingExtra, ModelError

BACKBONES = ("resnet18", "resnet34", "resnet50")


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """What decides the number of weights; stored with every checkpoint."""

    backbone: str = "resnet18"
    """One of `BACKBONES`."""
    projector_dim: int = 512
    """Width of the projector's two hidden layers."""
    embedding_dim: int = 512
    """Width of the projector's output, which is the embedding."""
    biases: bool = False
    """Whether linear layers that a batch norm follows have biases, as in the authors' checkpoints."""
    output_affine: bool = False
    """Whether the projector's last batch norm has scale and shift, as in the authors' checkpoints."""

    @property
    def predictor_dim(self) -> int:
        """Width of the predictor's bottleneck: a quarter of the embedding."""
        return self.embedding_dim // 4

    @property
    def group_dim(self) -> int:
        """Width of the group branch: twice the predictor's bottleneck."""
        return 2 * self.predictor_dim

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class NetworkOutput:
    """What one view of a batch becomes; all float32."""

    embedding: Tensor
    """(N, D), the projector's output."""
    prediction: Tensor
    """(N, D), the predictor's guess at the other view's embedding."""
    group: Tensor
    """(N, G) of unit length, for the CLD loss."""


class NormalisedLinear(nn.Module):
    """A linear layer without bias whose inputs and weights have unit length, so that it gives cosines."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in))
        nn.init.kaiming_normal_(self.weight, nonlinearity="linear")

    def forward(self, x: Tensor) -> Tensor:
        """Take (N, n_in) to (N, n_out) cosines in -1..1."""
        return F.linear(F.normalize(x, dim=1), F.normalize(self.weight, dim=1))


class SelfeeNetwork(nn.Module):
    """ResNet without `fc`, projector, SimSiam predictor and CLD group branch (Jia et al. 2022; Chen & He 2021).

    Raises:
        ModelError: the backbone is none of `BACKBONES`.
        MissingExtra: torchvision is not installed.
    """

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        self.backbone, self.features_dim = _backbone(shape.backbone)
        self.projector = _projector(self.features_dim, shape)
        self.predictor = _predictor(shape)
        self.group = NormalisedLinear(shape.embedding_dim, shape.group_dim)

    def embed(self, images: Tensor) -> Tensor:
        """Embed live frames (N, 3, H, W) float32 in 0..1, past, current, future: (N, D) float32.

        The backbone alone runs in whatever precision autocast gives; the projector's batch norms stay in float32.
        """
        features = self.backbone(images)
        with torch.autocast(images.device.type, enabled=False):
            embedding: Tensor = self.projector(features.float())
        return embedding

    def width(self, layer: EmbeddingLayer) -> int:
        """Return the number of components of an embedding taken from this layer."""
        return self.shape.embedding_dim if layer == "projector" else self.features_dim

    def forward(self, images: Tensor) -> NetworkOutput:
        """Give everything the objective needs for one view (N, 3, H, W) float32 in 0..1."""
        embedding = self.embed(images)
        with torch.autocast(images.device.type, enabled=False):
            return NetworkOutput(embedding, self.predictor(embedding), self.grouped(embedding))

    def grouped(self, embedding: Tensor) -> Tensor:
        """Take embeddings (N, D) to the group branch's (N, G) of unit length."""
        return F.normalize(self.group(embedding), dim=1)


def _backbone(name: str) -> tuple[nn.Module, int]:
    """Build an untrained torchvision ResNet without its classifier: (N, 3, H, W) to (N, features)."""
    if name not in BACKBONES:
        raise ModelError(f"unknown backbone {name!r}; expected one of {', '.join(BACKBONES)}")
    try:
        from torchvision import models
    except ImportError as error:
        raise MissingExtra("training needs torchvision; install selfee-rt[train]") from error
    network: nn.Module = models.get_model(name, weights=None)
    assert isinstance(network.fc, nn.Linear)
    features = network.fc.in_features
    network.fc = nn.Identity()
    return network, features


def _projector(n_in: int, shape: NetworkShape) -> nn.Sequential:
    """Linear-BN-ReLU, Linear-BN-ReLU, Linear-BN; the last usually without scale and shift, as in SimSiam's own code.

    A learned shift would let all embeddings, and with them the groups of CLD, move to one point.
    """
    hidden, n_out = shape.projector_dim, shape.embedding_dim
    return nn.Sequential(
        nn.Linear(n_in, hidden, bias=shape.biases),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, hidden, bias=shape.biases),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, n_out, bias=shape.biases),
        nn.BatchNorm1d(n_out, affine=shape.output_affine),
    )


def _predictor(shape: NetworkShape) -> nn.Sequential:
    """Linear-BN-ReLU to the bottleneck, Linear back."""
    dim, hidden = shape.embedding_dim, shape.predictor_dim
    return nn.Sequential(
        nn.Linear(dim, hidden, bias=shape.biases),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, dim),
    )
