"""What the tests of this room share."""

from functools import lru_cache

import numpy as np

from selfee_rt.observe.reference import Reference, Threshold, random_projection
from selfee_rt.types import Examples
from selfee_rt.workbench.embedding import Embedded

MODEL = "5" * 64


def make_reference(*, rows=60, dim=12, points_dim=5, labels=("chasing", "nothing", "winging"), seed=0, thresholds=None):
    """A reference of random examples in one cloud per label; every tenth has no label."""
    rng = np.random.default_rng(seed)
    label_of = rng.integers(0, len(labels), rows)
    label_of[: len(labels)] = np.arange(len(labels))
    centres = rng.standard_normal((len(labels), dim)) * 2
    embedding = centres[label_of] + rng.standard_normal((rows, dim))
    label_of[9::10] = -1
    return Reference(
        model_id=MODEL,
        labels=tuple(labels),
        label_of=label_of,
        embedding=embedding.astype(np.float16),
        mean=embedding.mean(axis=0).astype(np.float32),
        projection=random_projection(dim, points_dim, seed),
        thresholds=thresholds or {},
    )


def taught_examples(count=6, dim=5, labels=3, seed=7):
    """Points that a person labelled, every label at least once."""
    return Examples(points(count, dim, seed), np.arange(count) % labels)


@lru_cache
def boosted_reference(window=8, labels=("chasing", "nothing", "winging")):
    """A reference with a tiny LightGBM model, trained on 120 consecutive exposures at 30 fps."""
    from selfee_rt.workbench.boosting import train_boosted
    from selfee_rt.workbench.held_out import Scored

    reference = make_reference(labels=labels)
    rng = np.random.default_rng(3)
    label_of = np.repeat(np.arange(6), 20) % len(labels)
    embedding = (rng.standard_normal((120, 12)) + label_of[:, None]).astype(np.float16)
    recording = Embedded("a.mp4", None, MODEL, 30.0, 120, np.arange(120), embedding)
    return train_boosted(reference, [Scored(recording, label_of)], window, longest_bridged_jump=8)


def threshold(value=0.5, **settings):
    """A threshold as `fit` stores it for the default detector at 30 fps, unless told otherwise."""
    defaults = {"past_s": 600.0, "skip_exposures": 50, "warm_up_exposures": 500, "fps": 30.0}
    return Threshold(value, "highest score of a control", {**defaults, **settings})


def points(count, dim=5, seed=1):
    """Random points (count, dim) float32."""
    return np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
