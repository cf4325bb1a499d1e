"""The figures of the embeddings themselves: a map of them, and how long they stay alike."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.observe.reference import unit
from selfee_rt.workbench.evaluate.drawing import Drawn, colours, legend, module, new_figure, plain
from selfee_rt.workbench.evaluate.results import Evaluation

SEGMENT_EXPOSURES = 100
"""Each segment's middle embedding is compared with all of it, as in the paper."""
LEAST_POINTS = 30
PERPLEXITY = 30.0
MAP_AXES = 50
"""Principal axes that t-SNE is given."""


def embedding_map(found: Evaluation) -> Drawn:
    """t-SNE of labelled embeddings, coloured by label. Source: van der Maaten and Hinton 2008, JMLR 9:2579."""
    rows, labels = _labelled(found)
    title = "Map of the embedding"
    if len(rows) < LEAST_POINTS:
        return Drawn("map", title, f"There are {len(rows)} labelled embeddings, a map needs {LEAST_POINTS}.", None)
    chosen = np.sort(np.random.default_rng(found.settings.seed).permutation(len(rows))[: found.settings.map_points])
    places = _places(rows[chosen], found.settings.seed)
    figure = new_figure(6.5, 5.6)
    axes = figure.add_subplot()
    for label, shade in enumerate(colours(found.labels)):
        here = labels[chosen] == label
        axes.scatter(places[here, 0], places[here, 1], s=7, color=shade, linewidths=0, alpha=0.8)
    axes.set(xlabel="t-SNE 1 (no unit)", ylabel="t-SNE 2 (no unit)", xticks=(), yticks=())
    plain(axes)
    legend(figure, found.labels)
    return Drawn(
        "map",
        title,
        f"t-SNE (perplexity {PERPLEXITY:g}, seed {found.settings.seed}, from the first {MAP_AXES} principal axes) of "
        f"{len(chosen):,} of {len(rows):,} labelled embeddings drawn at random, coloured by what somebody scored. "
        "Distances between groups mean nothing.",
        figure,
        points=True,
    )


def _labelled(found: Evaluation) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Labelled embeddings of all recordings (N, D), and their labels (N,)."""
    labels = [each.labels_at(each.frame_index) for each in found.recordings]
    rows = [each.embedding[own >= 0] for each, own in zip(found.recordings, labels, strict=True)]
    return np.concatenate(rows).astype(np.float32), np.concatenate([own[own >= 0] for own in labels])


def _places(rows: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Places (N, 2) of embeddings (N, D)."""
    about = rows - rows.mean(axis=0)
    axes = min(MAP_AXES, *about.shape)
    points = module("sklearn.decomposition").PCA(axes, random_state=seed).fit_transform(about)
    tsne = module("sklearn.manifold").TSNE(perplexity=min(PERPLEXITY, (len(rows) - 1) / 3), random_state=seed)
    return np.asarray(tsne.fit_transform(points), dtype=np.float32)


def autocorrelation(found: Evaluation) -> Drawn:
    """How alike embeddings are to that in the middle of a segment, against the time between them."""
    title = "How long embeddings stay alike"
    raw, centred = similarity_by_lag(found, centre=False), similarity_by_lag(found, centre=True)
    if len(raw) < 2:
        return Drawn(
            "autocorrelation",
            title,
            f"No two stretches of {SEGMENT_EXPOSURES} exposures without a gap; use longer recordings.",
            None,
        )
    lag_ms = (np.arange(SEGMENT_EXPOSURES) - SEGMENT_EXPOSURES // 2) * found.exposure_ms
    figure = new_figure(6.5, 3.4)
    axes = figure.add_subplot()
    _band(axes, lag_ms, raw, "as the model gives it (the paper)", "#D55E00")
    _band(axes, lag_ms, centred, "centred on the recording's mean", "#0072B2")
    axes.axhline(0, color="0.8", linewidth=0.8)
    axes.set(xlabel="time from the middle of the segment (ms)", ylabel="cosine similarity (no unit)")
    axes.legend(fontsize=8, frameon=False)
    plain(axes)
    return Drawn(
        "autocorrelation",
        title,
        f"Cosine similarity to the middle of {len(raw)} segments of {SEGMENT_EXPOSURES} exposures, mean and standard "
        "error over segments. Where it has fallen, a smoothing window mixes behaviours: the paper chose its window of "
        "21 exposures by this curve.",
        figure,
    )


def similarity_by_lag(found: Evaluation, *, centre: bool) -> NDArray[np.float64]:
    """Cosine of each exposure of a segment to its middle: (segments, SEGMENT_EXPOSURES); segments span no gap.

    Source: Jia et al. 2022, eLife 11:e76218, `Classification_mAP.py` of its repository.
    """
    out = []
    for recording in found.recordings:
        rows = recording.embedding.astype(np.float32)
        directions = unit(rows - rows.mean(axis=0) if centre else rows)
        for start in range(0, len(rows) - SEGMENT_EXPOSURES + 1, SEGMENT_EXPOSURES):
            stop = start + SEGMENT_EXPOSURES
            if recording.frame_index[stop - 1] - recording.frame_index[start] == SEGMENT_EXPOSURES - 1:
                out.append(directions[start:stop] @ directions[start + SEGMENT_EXPOSURES // 2])
    return np.array(out, dtype=np.float64).reshape(-1, SEGMENT_EXPOSURES)


def _band(axes: Any, lag_ms: NDArray[Any], similarity: NDArray[np.float64], name: str, shade: str) -> None:
    mean = similarity.mean(axis=0)
    error = similarity.std(axis=0, ddof=1) / np.sqrt(len(similarity))
    axes.plot(lag_ms, mean, color=shade, label=name)
    axes.fill_between(lag_ms, mean - error, mean + error, color=shade, alpha=0.25, linewidth=0)
