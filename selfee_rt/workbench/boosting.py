"""Trains LightGBM on window features of labelled recordings (extra `lightgbm`)."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Boosted, boosted_text
from selfee_rt.observe.windows import FEATURES_PER_DIMENSION, causal_features
from selfee_rt.workbench.held_out import Scored, common_fps

PARAMETERS: dict[str, Any] = {
    "objective": "multiclass",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.3,
    "lambda_l2": 1.0,
    "seed": 0,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
"""Seeded, and of one thread, so that the same recordings give the same model."""

ROUNDS = 100


def train_boosted(
    reference: Reference, scored: Sequence[Scored], window_exposures: int, longest_bridged_jump: int
) -> Reference:
    """Return the reference with a model trained on every scored exposure whose causal window is full.

    Each label weighs the same.

    Source: Ke et al. 2017, NeurIPS 30; the features are those of Jia et al. 2022, eLife 11:e76218.

    Raises:
        ConfigError: a label has no exposure with a full window, there is one label only, or frame rates differ.
        MissingExtra: LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra(
            "--classifier lightgbm needs LightGBM, which is not installed: pip install 'selfee-rt[lightgbm]'"
        ) from error
    fps = common_fps(scored)
    if fps is None:
        raise ConfigError(
            ["--classifier lightgbm: a window of exposures needs one frame rate; use labelled recordings of the same"]
        )
    features, label_of = scored_windows(reference, scored, window_exposures, longest_bridged_jump)
    counts = np.bincount(label_of, minlength=len(reference.labels))
    _check(counts, reference.labels, window_exposures)
    weight = len(label_of) / (len(counts) * counts[label_of])
    data = lightgbm.Dataset(features, label=label_of, weight=weight, params={"verbose": -1, "num_threads": 1})
    parameters = PARAMETERS | {"num_class": len(reference.labels)}
    text: str = lightgbm.train(parameters, data, num_boost_round=ROUNDS).model_to_string()
    stored = boosted_text(text)
    sha256 = hashlib.sha256(stored.tobytes()).hexdigest()
    boosted = Boosted(window_exposures, fps, sha256, lightgbm.__version__)
    return replace(reference, boosted=boosted, boosted_text=stored)


def scored_windows(
    reference: Reference, scored: Sequence[Scored], window_exposures: int, longest_bridged_jump: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Window features (N, 6 d) and labels (N,) of all scored exposures whose windows are full and without a break."""
    features = [np.empty((0, FEATURES_PER_DIMENSION * reference.projection.shape[1]))]
    labels = [np.empty(0, dtype=np.int64)]
    for each in scored:
        points = reference_points(reference, each.recording.embedding)
        breaks = np.flatnonzero(np.diff(each.recording.frame_index) > longest_bridged_jump) + 1
        for run, label_of in zip(np.split(points, breaks), np.split(each.label_of, breaks), strict=True):
            known = label_of[window_exposures - 1 :] >= 0
            features.append(causal_features(run, window_exposures)[known])
            labels.append(label_of[window_exposures - 1 :][known])
    return np.concatenate(features), np.concatenate(labels)


def reference_points(reference: Reference, embedding: NDArray[np.float16]) -> NDArray[np.float32]:
    """Project embeddings (N, D) one at a time, as a session does: (N, d)."""
    points = np.empty((len(embedding), reference.projection.shape[1]), dtype=np.float32)
    for row, vector in zip(points, embedding, strict=True):
        row[:] = reference.project(vector.astype(np.float32))
    return points


def _check(counts: NDArray[np.int64], labels: tuple[str, ...], window_exposures: int) -> None:
    if len(labels) < 2:
        raise ConfigError([f"--classifier lightgbm: got {len(labels)} labels, expected at least 2; label more"])
    problems = [
        f"--classifier lightgbm: no exposure of the label {name!r} has {window_exposures - 1} consecutive ones before "
        "it; shorten --window-exposures, or use longer recordings"
        for name, count in zip(labels, counts.tolist(), strict=True)
        if count == 0
    ]
    if problems:
        raise ConfigError(problems)
