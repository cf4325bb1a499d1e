"""The classifiers and smoothings by the names of the command line, built as a session would build them."""

from dataclasses import dataclass
from typing import Literal

from selfee_rt.config import ClassifierConfig, KnnConfig, RiverClassifierConfig
from selfee_rt.decide import Smoother
from selfee_rt.errors import ConfigError
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.smooth import ModeFilter
from selfee_rt.protocols import Classifier
from selfee_rt.workbench.evaluate.training import Training

CLASSIFIERS = "knn, knn:K (K neighbours), or river:NAME such as river:forest.ARFClassifier"
SMOOTHINGS = "none, or mode:N (the most frequent of N labels)"


@dataclass(frozen=True, slots=True)
class Smoothing:
    """One way of smoothing; `exposures` is the window, or the lag of an HMM."""

    name: str
    kind: Literal["none", "mode"]
    exposures: int = 1

    @property
    def window(self) -> int | None:
        """Length of the window that can be centred, None where there is none."""
        return self.exposures if self.kind == "mode" else None

    @property
    def lag(self) -> int:
        """Exposures that what it says in the end is late."""
        return 0


def classifier_of(name: str) -> ClassifierConfig:
    """The configuration that a name of the command line means.

    Raises:
        ConfigError: there is no such classifier.
    """
    kind, _, rest = name.partition(":")
    if name == "knn":
        return KnnConfig()
    if kind == "knn" and rest.isdecimal() and int(rest) > 0:
        return KnnConfig(k=int(rest))
    if kind == "river" and rest:
        return RiverClassifierConfig(model=rest if rest.startswith("river.") else f"river.{rest}")
    raise ConfigError([f"--classifier {name}: there is no such classifier; expected one of: {CLASSIFIERS}"])


def smoothing_of(name: str) -> Smoothing:
    """The smoothing that a name of the command line means.

    Raises:
        ConfigError: there is no such smoothing.
    """
    kind, _, rest = name.partition(":")
    if name == "none":
        return Smoothing(name, "none")
    if kind == "mode" and rest.isdecimal() and int(rest) % 2 == 1:
        return Smoothing(name, "mode", int(rest))
    raise ConfigError(
        [f"--smoothing {name}: there is no such smoothing; expected one of: {SMOOTHINGS}; windows are odd"]
    )


def make_classifier(config: ClassifierConfig, training: Training) -> Classifier:
    """Teach a classifier on one fold, as a session would with that fold's reference.

    Raises:
        ConfigError: the fold has too few examples for it, or it is misconfigured.
    """
    match config:
        case KnnConfig():
            return Knn(training.reference, config)
        case RiverClassifierConfig():
            from selfee_rt.observe.learners import RiverClassifier

            return RiverClassifier(config, training.reference)
        case _:
            raise ConfigError([f"a classifier of kind {config.kind!r} cannot be evaluated; choose {CLASSIFIERS}"])


def make_smoother(smoothing: Smoothing, training: Training) -> Smoother:
    """A smoother, with what it has to learn learned from one fold."""
    return ModeFilter(smoothing.exposures)
