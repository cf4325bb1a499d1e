"""CLD, cross-level instance-group discrimination: each view must find the groups of the other (Wang, Liu & Yu 2021).

The groups are those of a k-means within the batch, all processes' parts of it together.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from selfee_rt.workbench.objective_settings import ObjectiveSettings
from selfee_rt.workbench.ranks import ALONE, Ranks


class KMeans(Protocol):
    """Clusters (N, G) points into k groups: centroids (k, G), and the group of each point (N,) int64."""

    def __call__(self, points: Tensor, k: int, iterations: int, random: Generator) -> tuple[Tensor, Tensor]:
        """`random` chooses the points that the groups begin with."""


def cld_loss(
    first: Tensor, second: Tensor, settings: ObjectiveSettings, random: Generator, ranks: Ranks = ALONE
) -> Tensor:
    """Each view's members must find the group that the other view of the same live frame is in.

    Args:
        first: (n, G) of unit length, view 1; this process's part.
        second: (n, G) of unit length, view 2.
        settings: number of groups, iterations, temperature, kind of k-means.
        random: chooses where the k-means starts; the same on every process.
        ranks: the processes whose parts are one batch.
    """
    one = _assigned(first, second, settings, random, ranks)
    two = _assigned(second, first, settings, random, ranks)
    return (one + two) / 2


def _assigned(members: Tensor, others: Tensor, settings: ObjectiveSettings, random: Generator, ranks: Ranks) -> Tensor:
    """Cross entropy of `members` against the centroids and assignments of `others`."""
    kmeans: KMeans = euclidean_kmeans if settings.kmeans == "euclidean" else cosine_kmeans
    points = ranks.gather(others)
    centroids, group = kmeans(points, settings.groups, settings.iterations, random)
    return F.cross_entropy(members @ centroids.t() / settings.temperature, group[ranks.own(len(points))])


def euclidean_kmeans(points: Tensor, k: int, iterations: int, random: Generator) -> tuple[Tensor, Tensor]:
    """Cluster by distance; a centroid is its members' mean, and carries their gradient. As CLD's own code does.

    A group that becomes empty moves to the origin, as there.
    """
    centroids = _some(points, k, random).detach()
    still = points.detach()
    for _ in range(iterations):
        member = _one_hot((2 * still @ centroids.t() - centroids.square().sum(dim=1)).argmax(dim=1), still, k)
        centroids = _means(member, still)
    return _means(member, points), member.argmax(dim=1)


def cosine_kmeans(points: Tensor, k: int, iterations: int, random: Generator) -> tuple[Tensor, Tensor]:
    """Cluster points of unit length by cosine; the centroids have unit length and carry no gradient.

    A group that becomes empty keeps its centroid.
    """
    points = points.detach()
    centroids = _some(points, k, random)
    for _ in range(iterations):
        member = _one_hot((points @ centroids.t()).argmax(dim=1), points, k)
        sums = member.t() @ points
        empty = member.sum(dim=0) == 0
        centroids = F.normalize(torch.where(empty[:, None], centroids, sums), dim=1)
    return centroids, (points @ centroids.t()).argmax(dim=1)


def _some(points: Tensor, k: int, random: Generator) -> Tensor:
    """Draw k of the points."""
    return points[torch.randperm(len(points), generator=random)[:k].to(points.device)]


def _one_hot(group: Tensor, points: Tensor, k: int) -> Tensor:
    """Write the groups (N,) as (N, k) of ones and zeros."""
    return F.one_hot(group, k).to(points.dtype)


def _means(member: Tensor, points: Tensor) -> Tensor:
    """Mean of each group's points (k, G); 0 where there are none."""
    return member.t() @ points / member.sum(dim=0).clamp(min=1)[:, None]
