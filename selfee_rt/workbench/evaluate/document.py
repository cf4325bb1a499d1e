"""An evaluation as plain numbers, for JSON and for the report's tables."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from typing import Any

import numpy as np

from selfee_rt.workbench.evaluate.bootstrap import LEAST_BOUTS, LEAST_UNITS
from selfee_rt.workbench.evaluate.reliability import Reliability
from selfee_rt.workbench.evaluate.results import Evaluation, Variant
from selfee_rt.workbench.evaluate.settings import Settings

FORMAT = "selfee_rt.evaluation"
VERSION = 1
PACKAGES = ("selfee-rt", "numpy", "scipy", "river", "lightgbm", "scikit-learn", "matplotlib")


def document(found: Evaluation, command: str) -> dict[str, Any]:
    """Everything that was found, as JSON can hold it; None where a number is not defined."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "command": command,
        "versions": versions(),
        "settings": settings_of(found.settings),
        "recordings": [
            {
                "name": each.name,
                "kind": each.kind,
                "identity": each.identity,
                "labels": each.labels_name,
                "labels_sha256": each.labels_sha256,
                "fps": each.fps,
                "exposures": each.exposures,
                "embeddings": len(each.frame_index),
                "dimensions": each.embedding.shape[1],
                "notes": list(each.notes),
            }
            for each in found.recordings
        ],
        "model": {"id": found.recordings[0].model_id, "name": found.recordings[0].model_name},
        "frame_interval": found.interval,
        "exposure_ms": found.exposure_ms,
        "labels": list(found.labels),
        "folds": [asdict(part) for part in found.folds],
        "intervals": {"drawn": found.drawn, "least_units": LEAST_UNITS, "least_bouts": LEAST_BOUTS},
        "variants": [_variant(each, found) for each in found.variants],
        "probabilities": [
            {
                "classifier": each.classifier,
                "raw": _reliability(each.raw),
                "calibrated": _reliability(each.calibrated),
                "methods": list(each.methods),
            }
            for each in found.chances
        ],
        "lags": [asdict(point) for point in found.lags],
        "notes": list(found.notes),
    }


def versions() -> dict[str, str]:
    """Versions of what can change a number."""
    known = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            known[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return known


def settings_of(settings: Settings) -> dict[str, Any]:
    """The settings as JSON can hold them."""
    inputs = settings.inputs
    return {
        **{name: value for name, value in asdict(settings).items() if name != "inputs"},
        "paths": [str(path) for path in inputs.paths],
        "labels": [str(path) for path in inputs.labels],
        "arena": inputs.arena.model_dump(mode="json"),
        "model": inputs.model.model_dump(mode="json"),
        "leave_out": list(inputs.leave_out),
        "pad_edges": inputs.pad_edges,
    }


def _variant(variant: Variant, found: Evaluation) -> dict[str, Any]:
    scores = variant.scores
    return {
        "classifier": variant.classifier,
        "smoothing": variant.smoothing,
        "window": variant.window,
        "lookahead_exposures": variant.lookahead_exposures,
        "lookahead_ms": variant.lookahead_exposures * found.exposure_ms,
        "macro_f1": asdict(scores.macro_f1),
        "mean_average_precision": asdict(scores.mean_average_precision),
        "bout_f1": asdict(scores.bout_f1),
        "onset": None if scores.onset is None else asdict(scores.onset),
        "per_label": {name: asdict(each) for name, each in scores.per_label.items()},
        "confusion": {"columns": [*found.labels, None], "rows": scores.confusion.tolist()},
        "exposures": scores.exposures,
        "unknown": scores.unknown,
        "by_stimulus": {
            state: {"exposures": count, "macro_f1": value} for state, (count, value) in scores.by_stimulus.items()
        },
    }


def _reliability(of: Reliability | None) -> Mapping[str, Any] | None:
    if of is None:
        return None
    return {
        **asdict(of),
        "confidence": _known(of.confidence),
        "right": _known(of.right),
        "count": of.count.tolist(),
    }


def _known(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
