"""What is minimised: the agreement of two views, and CLD, which keeps groups of live frames apart.

SimSiam: Chen & He 2021. BYOL: Grill et al. 2020. Contrastive (NT-Xent): Chen et al. 2020. Selfee adds CLD, weighted
twice (Jia et al. 2022); without it the embeddings of so uniform pictures collapse.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from selfee_rt.workbench.cld import cld_loss
from selfee_rt.workbench.network import NetworkOutput
from selfee_rt.workbench.objective_settings import ObjectiveSettings
from selfee_rt.workbench.ranks import ALONE, Ranks


@dataclass(frozen=True, slots=True)
class Target:
    """What BYOL's following copy makes of one view; no gradient passes through it."""

    embedding: Tensor
    """(n, D)"""
    group: Tensor
    """(n, G) of unit length, by the network's own group branch."""


@dataclass(frozen=True, slots=True)
class Loss:
    """The parts of the objective for this process's part of the batch; `total` is differentiable."""

    total: Tensor
    agreement: float
    """0 (views agree) … 4; contrastive: cross entropy, ln(2 * batch - 1) where nothing is known."""
    cld: float
    """Cross entropy, ln(groups) where nothing is known; 0 where CLD is off."""


def selfee_loss(
    first: NetworkOutput,
    second: NetworkOutput,
    settings: ObjectiveSettings,
    random: Generator,
    *,
    targets: tuple[Target, Target] | None = None,
    done: float = 1.0,
    ranks: Ranks = ALONE,
) -> Loss:
    """Compare two views of one batch, each as the network gives it.

    Args:
        first: view 1.
        second: view 2.
        settings: what counts how much.
        random: chooses where the k-means starts; the same on every process.
        targets: both views as BYOL's following copy gives them; None: SimSiam.
        done: the part of the schedule that lies behind, for `cld_ramp`.
        ranks: the processes whose parts are one batch.
    """
    if settings.method == "contrastive":
        agreement = contrastive_loss(first.embedding, second.embedding, settings.contrast_temperature, ranks)
    else:
        to_find = (first, second) if targets is None else targets
        agreement = agreement_loss(first.prediction, second.prediction, to_find[0].embedding, to_find[1].embedding)
    if not settings.cld_weight:
        return Loss(agreement, float(agreement.detach()), 0.0)
    pairs = [(first.group, second.group)]
    if targets is not None:
        pairs = [(first.group, targets[1].group), (targets[0].group, second.group)]
    cld = torch.stack([cld_loss(one, two, settings, random, ranks) for one, two in pairs]).mean()
    total = agreement + cld_weight(settings, done) * cld
    return Loss(total, float(agreement.detach()), float(cld.detach()))


def cld_weight(settings: ObjectiveSettings, done: float) -> float:
    """Return the weight of CLD when the part `done` (0..1) of the schedule lies behind."""
    return settings.cld_weight * ((1 - math.cos(math.pi * done)) / 2 if settings.cld_ramp else 1.0)


def agreement_loss(prediction_1: Tensor, prediction_2: Tensor, embedding_1: Tensor, embedding_2: Tensor) -> Tensor:
    """2 - cos(p1, z2) - cos(p2, z1), all (n, D), no gradient through z: 0 … 4."""
    one = F.cosine_similarity(prediction_1, embedding_2.detach()).mean()
    two = F.cosine_similarity(prediction_2, embedding_1.detach()).mean()
    return 2 - one - two


def contrastive_loss(first: Tensor, second: Tensor, temperature: float, ranks: Ranks = ALONE) -> Tensor:
    """Cross entropy of finding each view's other view among all other views of the whole batch, both (n, D).

    NT-Xent of SimCLR: Chen et al. 2020, arXiv:2002.05709, equation 1.
    """
    one, two = F.normalize(first, dim=1), F.normalize(second, dim=1)
    everything = ranks.gather(one), ranks.gather(two)
    itself = torch.zeros(len(one), len(everything[0]), dtype=torch.bool, device=one.device)
    other = torch.arange(len(everything[0]), device=one.device)[ranks.own(len(everything[0]))]
    itself[torch.arange(len(one)), other] = True

    def found(views: Tensor, same: Tensor, others: Tensor) -> Tensor:
        among_same = (views @ same.t()).masked_fill(itself, -math.inf)
        return F.cross_entropy(torch.cat([views @ others.t(), among_same], dim=1) / temperature, other)

    return (found(one, *everything) + found(two, *reversed(everything))) / 2
