"""The classifiers and smoothings by their names on the command line, as the configuration that they stand for."""

from dataclasses import dataclass

from selfee_rt.config import (
    ClassifierConfig,
    HmmSmoothingConfig,
    KnnConfig,
    LightGbmConfig,
    MeanSmoothingConfig,
    ModeSmoothingConfig,
    NoSmoothingConfig,
    ProbeConfig,
    RiverClassifierConfig,
    SmoothingConfig,
)
from selfee_rt.errors import ConfigError

CLASSIFIERS = "knn, knn:K (K neighbours), probe, lightgbm, river:NAME such as river:forest.ARFClassifier"
SMOOTHINGS = "none, mode:N (most frequent of N labels), mean:N (mean of N probabilities), hmm, hmm:L (L exposures late)"
MOST_LAG_EXPOSURES = 250


@dataclass(frozen=True, slots=True)
class Smoothing:
    """One way of smoothing."""

    name: str
    config: SmoothingConfig

    @property
    def window(self) -> int | None:
        """Length of the window that can be centred, None where there is none."""
        match self.config:
            case ModeSmoothingConfig(exposures=exposures) | MeanSmoothingConfig(exposures=exposures):
                return exposures
            case _:
                return None

    @property
    def lag(self) -> int:
        """Exposures after which it has said its last word on one."""
        return self.config.lag_exposures if isinstance(self.config, HmmSmoothingConfig) else 0


def classifier_of(name: str) -> ClassifierConfig:
    """The configuration that a name of the command line stands for.

    Raises:
        ConfigError: there is no such classifier.
    """
    kind, _, rest = name.partition(":")
    plain: dict[str, ClassifierConfig] = {"knn": KnnConfig(), "probe": ProbeConfig(), "lightgbm": LightGbmConfig()}
    if name in plain:
        return plain[name]
    if kind == "knn" and rest.isdecimal() and int(rest) > 0:
        return KnnConfig(k=int(rest))
    if kind == "river" and rest:
        return RiverClassifierConfig(model=rest if rest.startswith("river.") else f"river.{rest}")
    raise ConfigError([f"--classifier {name}: there is no such classifier; expected one of: {CLASSIFIERS}"])


def smoothing_of(name: str) -> Smoothing:
    """The smoothing that a name of the command line stands for.

    Raises:
        ConfigError: there is no such smoothing.
    """
    if name == "none":
        return Smoothing(name, NoSmoothingConfig())
    if name == "hmm":
        return Smoothing(name, HmmSmoothingConfig())
    kind, _, rest = name.partition(":")
    number = int(rest) if rest.isdecimal() else -1
    if kind in ("mode", "mean") and number >= 1 and number % 2 == 1:
        config = ModeSmoothingConfig(exposures=number) if kind == "mode" else MeanSmoothingConfig(exposures=number)
        return Smoothing(name, config)
    if kind == "hmm" and 0 <= number <= MOST_LAG_EXPOSURES:
        return Smoothing(name, HmmSmoothingConfig(lag_exposures=number))
    raise ConfigError(
        [
            f"--smoothing {name}: there is no such smoothing; expected one of: {SMOOTHINGS}; windows are odd, so that "
            f"they have a middle, and L is at most {MOST_LAG_EXPOSURES}"
        ]
    )
