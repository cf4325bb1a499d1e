"""What is minimised: SimSiam's agreement of two views, and CLD, which keeps groups of live frames apart.

SimSiam: Chen & He 2021. CLD (cross-level instance-group discrimination): Wang, Liu & Yu 2021. Selfee adds them, CLD
weighted twice (Jia et al. 2022); without CLD the embeddings of so uniform pictures collapse.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from selfee_rt.workbench.network import NetworkOutput


@dataclass(frozen=True, slots=True)
class ObjectiveSettings:
    """The defaults are Selfee's."""

    cld_weight: float = 2.0
    groups: int = 10
    """Clusters of the k-means within each batch."""
    iterations: int = 10
    """Of the k-means."""
    temperature: float = 0.07


@dataclass(frozen=True, slots=True)
class Loss:
    """The parts of the objective; `total` is differentiable."""

    total: Tensor
    simsiam: float
    """0 (views agree) … 4."""
    cld: float
    """Cross entropy, ln(groups) where nothing is known."""
    collapse: float
    """See `collapse_level`."""


def selfee_loss(first: NetworkOutput, second: NetworkOutput, settings: ObjectiveSettings, random: Generator) -> Loss:
    """Compare two views of one batch, each as the network gives it."""
    simsiam = simsiam_loss(first, second)
    cld = cld_loss(first.group, second.group, settings, random)
    total = simsiam + settings.cld_weight * cld
    return Loss(total, float(simsiam.detach()), float(cld.detach()), collapse_level(first.embedding.detach()))


def simsiam_loss(first: NetworkOutput, second: NetworkOutput) -> Tensor:
    """2 - cos(p1, z2) - cos(p2, z1), no gradient through z: 0 … 4."""
    one = F.cosine_similarity(first.prediction, second.embedding.detach()).mean()
    two = F.cosine_similarity(second.prediction, first.embedding.detach()).mean()
    return 2 - one - two


def cld_loss(first: Tensor, second: Tensor, settings: ObjectiveSettings, random: Generator) -> Tensor:
    """Each view's members must find the group that the other view of the same live frame is in.

    Args:
        first: (N, G) of unit length, view 1.
        second: (N, G) of unit length, view 2.
        settings: number of groups, iterations, temperature.
        random: chooses where the k-means starts.
    """
    one = _assigned(first, second, settings, random)
    two = _assigned(second, first, settings, random)
    return (one + two) / 2


def _assigned(members: Tensor, others: Tensor, settings: ObjectiveSettings, random: Generator) -> Tensor:
    """Cross entropy of `members` against the centroids and assignments of `others`."""
    centroids, group = cosine_kmeans(others.detach(), settings.groups, settings.iterations, random)
    return F.cross_entropy(members @ centroids.t() / settings.temperature, group)


def cosine_kmeans(points: Tensor, k: int, iterations: int, random: Generator) -> tuple[Tensor, Tensor]:
    """Cluster (N, G) points of unit length by cosine, starting from k of them.

    A group that becomes empty keeps its centroid.

    Returns:
        Centroids (k, G) of unit length and the group of each point (N,) int64.
    """
    start = torch.randperm(len(points), generator=random)[:k].to(points.device)
    centroids = points[start]
    for _ in range(iterations):
        member = F.one_hot((points @ centroids.t()).argmax(dim=1), len(centroids)).to(points.dtype)  # (N, k)
        sums = member.t() @ points
        empty = member.sum(dim=0) == 0
        centroids = F.normalize(torch.where(empty[:, None], centroids, sums), dim=1)
    return centroids, (points @ centroids.t()).argmax(dim=1)


def collapse_level(embedding: Tensor) -> float:
    """1 - sqrt(D) x mean standard deviation of the embeddings (N, D) scaled to unit length.

    0: spread evenly over the sphere. 1: all embeddings are the same, nothing is learned.
    """
    unit = F.normalize(embedding, dim=1)
    return float(1 - embedding.shape[1] ** 0.5 * unit.std(dim=0).mean())
