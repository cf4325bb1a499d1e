"""Any classifier or anomaly detector of river behind our plugs; river and its dicts live in this file only.

river takes one dict per example. Points come projected to about 64 dimensions, which most of its models do in well
under a millisecond. Its models are seeded with 0 where they take a `seed` and none is given, so that a replay repeats.
"""

import inspect
import math
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import RiverAnomalyConfig, RiverClassifierConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.teachable import awaits_teaching
from selfee_rt.types import Examples

Example = dict[int, float]
Arguments = Mapping[str, str | int | float | bool]
TRIAL: tuple[Example, ...] = ({0: 0.1, 1: 0.9}, {0: 0.8, 1: 0.2}, {0: 0.5, 1: 0.4})
"""What a throwaway model is tried on, so that wrong arguments show before the session starts."""


class RiverClassifier:
    """A river classifier, taught from the reference when it is made, in an order that is shuffled once and for all.

    Features are standardised by the mean and deviation of the reference (`river.preprocessing.StandardScaler`),
    which the linear models need. A model for two labels only is wrapped in `river.multiclass.OneVsRestClassifier`.
    A reference whose labels do not all have examples yet may hold fewer than `warm_up`: nothing is said until so many
    were learned, those of the reference and those that were taught.

    Raises:
        ConfigError: the name or an argument is wrong, or the reference has fewer labelled examples than `warm_up`.
    """

    def __init__(self, config: RiverClassifierConfig, reference: Reference) -> None:
        from river import base, multiclass, preprocessing

        where = "observe.classifier"
        model = _build(config.model, config.arguments, base.Classifier, where)
        _try(config.model, lambda: _try_classifier(model.clone()), where)
        self._config, self._reference = config, reference
        self.labels: tuple[str, ...] = reference.labels
        self._model = model if model._multiclass else multiclass.OneVsRestClassifier(model)
        self._scaler: Any = preprocessing.StandardScaler()
        rows = np.random.default_rng(0).permutation(np.flatnonzero(reference.label_of >= 0))
        self._seen = 0
        if len(rows) < max(config.warm_up, 1) and not awaits_teaching(reference):
            raise ConfigError(
                [
                    f"{where}: warm_up is {config.warm_up} examples, but the reference has {len(rows)} with a label, "
                    "so it would never say anything; lower warm_up, or make a reference with more labels"
                ]
            )
        _try(config.model, lambda: self._teach(reference, rows), where)

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Probability of each label for `point` (d,) float32: (C,), sum 1; None while warming up, or none is given."""
        if self._seen < max(self._config.warm_up, 1):
            return None
        given = self._model.predict_proba_one(self._scaler.transform_one(_example(point)))
        votes = np.array([given.get(label, 0.0) for label in self.labels], dtype=np.float64)
        total = votes.sum()
        return votes / total if math.isfinite(total) and total > 0 else None

    def observe(self, point: NDArray[np.float32]) -> None:
        """Nothing: only the point itself counts."""

    def reset(self, why: str) -> None:
        """Nothing: only the point itself counts."""

    def taught(self, examples: Examples) -> "RiverClassifier":
        """Return a model taught from the reference as this one was, and then `examples` in their order."""
        taught = RiverClassifier(self._config, self._reference)
        _try(self._config.model, lambda: taught._learn(examples), "observe.classifier")
        return taught

    def _learn(self, given: Examples) -> None:
        for point, label in zip(given.points, given.label_of.tolist(), strict=True):
            example = _example(point)
            self._scaler.learn_one(example)
            self._model.learn_one(self._scaler.transform_one(example), self.labels[label])
        self._seen += len(given.points)

    def _teach(self, reference: Reference, rows: NDArray[np.int64]) -> None:
        examples = [_example(reference.project(vector.astype(np.float32))) for vector in reference.embedding[rows]]
        for example in examples:
            self._scaler.learn_one(example)
        for example, label in zip(examples, reference.label_of[rows].tolist(), strict=True):
            self._model.learn_one(self._scaler.transform_one(example), self.labels[label])
        self._seen = len(examples)
        for example in examples[:1]:
            self._model.predict_proba_one(self._scaler.transform_one(example))


class RiverAnomaly:
    """A river anomaly detector that learns from the session itself.

    Features are scaled to 0..1 by the smallest and largest seen so far (`river.preprocessing.MinMaxScaler`):
    HalfSpaceTrees assumes that range and silently misbehaves outside it. The score is river's own; for most of its
    detectors higher is stranger. None where river's score is not finite, as while warming up.

    Args:
        config: which detector, and with what arguments.
        threshold: from a reference; None: the configured one, if any.

    Raises:
        ConfigError: the name or an argument is wrong, or `warm_up` is shorter than the model's own first window.
    """

    def __init__(self, config: RiverAnomalyConfig, threshold: float | None = None) -> None:
        from river import base, preprocessing

        where = f"observe.detector {config.name!r}"
        self._model = _build(config.model, config.arguments, base.AnomalyDetector, where)
        _try(config.model, lambda: _try_detector(self._model.clone()), where)
        window = getattr(self._model, "window_size", 0)
        if config.warm_up < window:
            raise ConfigError(
                [
                    f"{where}: warm_up is {config.warm_up}, but {config.model} answers 0 until it has seen its first "
                    f"window of {window}; set warm_up to {window} or more"
                ]
            )
        self.name = config.name
        self.threshold = config.threshold if threshold is None else threshold
        self._config = config
        self._scaler: Any = preprocessing.MinMaxScaler()
        self._seen = 0

    def score(self, point: NDArray[np.float32]) -> float | None:
        """Anomaly score of `point` (d,) float32; None while warming up. Changes nothing."""
        if self._seen < max(self._config.warm_up, 1):
            return None
        score = float(self._model.score_one(self._scaler.transform_one(_example(point))))
        return score if math.isfinite(score) else None

    def observe(self, point: NDArray[np.float32]) -> None:
        """Learn `point` (d,) float32."""
        example = _example(point)
        self._scaler.learn_one(example)
        self._model.learn_one(self._scaler.transform_one(example))
        self._seen += 1

    def reset(self, why: str) -> None:
        """Keep what was learned: a break does not make it untrue."""

    def fresh(self) -> "RiverAnomaly":
        """Return a detector with the same settings that has learned nothing."""
        return RiverAnomaly(self._config, self.threshold)


def _example(point: NDArray[np.float32]) -> Example:
    return dict(enumerate(point.tolist()))


def _build(name: str, arguments: Arguments, base: type, where: str) -> Any:
    """Make the model called `name`, which must lie in river and derive from `base`."""
    kind = _find(name, base, where)
    parameters = inspect.signature(kind).parameters
    problems = [
        f"{where}: {name} has no argument {given!r}; it takes {', '.join(parameters) or 'none'}"
        for given in arguments
        if given not in parameters
    ] + [
        f"{where}: {name} needs the argument {parameter.name!r}; give it, or choose a model that can do without"
        for parameter in parameters.values()
        if parameter.default is parameter.empty and parameter.name not in arguments
    ]
    if problems:
        raise ConfigError(problems)
    seed = {"seed": 0} if "seed" in parameters else {}
    return _try(name, lambda: kind(**{**seed, **arguments}), where)


def _find(name: str, base: type, where: str) -> Any:
    wanted = f"a class of river derived from river.base.{base.__name__}, such as river.forest.ARFClassifier"
    if base.__name__ == "AnomalyDetector":
        wanted = "a class of river derived from river.base.AnomalyDetector, such as river.anomaly.HalfSpaceTrees"
    module, _, attribute = name.rpartition(".")
    if not module.startswith("river."):
        raise ConfigError([f"{where}: model {name!r} does not lie in river; expected {wanted}"])
    try:
        kind = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError([f"{where}: there is no {name!r} ({error}); expected {wanted}"]) from error
    if not (inspect.isclass(kind) and issubclass(kind, base)):
        raise ConfigError([f"{where}: {name!r} is not {wanted}"])
    return kind


def _try(name: str, action: Any, where: str) -> Any:
    """Run code of river; whatever it raises means that the model cannot be used as configured."""
    try:
        return action()
    except Exception as error:
        raise ConfigError(
            [
                f"{where}: {name} does not work with these arguments ({type(error).__name__}: {error}); "
                "correct them, or choose another model of river"
            ]
        ) from error


def _try_classifier(model: Any) -> None:
    for example, label in zip(TRIAL, (True, False, True), strict=True):
        model.learn_one(example, label)
        model.predict_proba_one(example)


def _try_detector(model: Any) -> None:
    for example in TRIAL:
        model.learn_one(example)
        model.score_one(example)
