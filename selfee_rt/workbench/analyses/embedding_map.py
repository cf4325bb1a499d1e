"""A map of embeddings in the plane, where neighbours stay neighbours.

Source: van der Maaten and Hinton 2008, Journal of Machine Learning Research 9:2579 (t-SNE), here of scikit-learn, with
cosine distances and the first principal axes to begin with, as Jia et al. 2022, eLife 11:e76218.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.reference import unit
from selfee_rt.workbench.analyses.points import check_model, common_points
from selfee_rt.workbench.embedding import Embedded


@dataclass(frozen=True, slots=True)
class MapSettings:
    """How the map is made."""

    project: int = 50
    """Principal axes that cosine distances are taken on."""
    perplexity: float = 30.0
    """About how many neighbours an exposure has."""
    most: int = 3000
    """Exposures on the map, evenly over time."""
    seed: int = 0


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """Exposures in the plane."""

    recording_of: NDArray[np.int64]
    """(M,) position of the recording."""
    frame_index: NDArray[np.int64]
    """(M,)."""
    place: NDArray[np.float64]
    """(M, 2), no unit: distances mean nothing beyond a neighbourhood."""
    explained: float
    """Share of the embeddings' variance that distances see."""
    divergence: float
    """Kullback-Leibler divergence in nats that is left."""


def make_map(recordings: Sequence[Embedded], settings: MapSettings) -> EmbeddingMap:
    """Place exposures of all recordings in the plane.

    Raises:
        MissingExtra: scikit-learn is not installed.
        ConfigError: models differ, or there are too few exposures.
    """
    need_sklearn()
    from sklearn.manifold import TSNE

    check_model(recordings)
    points = common_points(recordings, settings.project)
    recording_of = np.repeat(np.arange(len(recordings)), [len(each.frame_index) for each in recordings])
    chosen = _evenly(len(recording_of), settings.most)
    if len(chosen) <= 3 * settings.perplexity:
        raise ConfigError(
            [
                f"--perplexity {settings.perplexity:g}: got {len(chosen)} exposures, expected more than "
                f"{3 * settings.perplexity:g}; use longer recordings, or a lower perplexity"
            ]
        )
    directions = unit(np.concatenate(points.of)[chosen].astype(np.float32))
    sne = TSNE(metric="cosine", init="pca", perplexity=settings.perplexity, random_state=settings.seed)
    place = sne.fit_transform(directions).astype(np.float64)
    frame_index = np.concatenate([each.frame_index for each in recordings])[chosen]
    return EmbeddingMap(recording_of[chosen], frame_index, place, points.explained, float(sne.kl_divergence_))


def need_sklearn() -> None:
    """Refuse before any work.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        import sklearn  # noqa: F401 (whether it is there)
    except ImportError as error:
        raise MissingExtra('t-SNE needs scikit-learn; install "selfee-rt[analysis]"') from error


def _evenly(count: int, most: int) -> NDArray[np.int64]:
    """At most `most` of so many positions, rising and evenly spread."""
    kept = min(count, most)
    return np.arange(kept) * count // kept
