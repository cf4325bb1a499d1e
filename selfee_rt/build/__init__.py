"""Builds what the configuration names; the only package that knows every implementation."""

from selfee_rt.build.composing import backgrounds, composer
from selfee_rt.build.devices import actuator, misfit, score_streams
from selfee_rt.build.footage import footage
from selfee_rt.build.judges import classifier, detector, smoother
from selfee_rt.build.line import embedder, model_path, source
from selfee_rt.build.observing import observers
from selfee_rt.build.preparing import check_preparations, preparation, wants_background
from selfee_rt.build.references import (
    PROJECTED_DIM,
    SHIPPED_REFERENCE,
    projection,
    reference,
    reference_path,
    templates,
)
from selfee_rt.build.rules import check_conditions, rules

__all__ = [
    "PROJECTED_DIM",
    "SHIPPED_REFERENCE",
    "actuator",
    "backgrounds",
    "check_conditions",
    "check_preparations",
    "classifier",
    "composer",
    "detector",
    "embedder",
    "footage",
    "misfit",
    "model_path",
    "observers",
    "preparation",
    "projection",
    "reference",
    "reference_path",
    "rules",
    "score_streams",
    "smoother",
    "source",
    "templates",
    "wants_background",
]
