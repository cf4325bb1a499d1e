"""Thresholds of anomaly scores: what one is worth in false alarms per hour, and for which settings it holds."""

import json
from collections.abc import Mapping

import msgspec

from selfee_rt.config import DetectorConfig, MahalanobisConfig, RiverAnomalyConfig, SelfeeAnomalyConfig
from selfee_rt.errors import ConfigError

Setting = float | str

FPS_TOLERANCE = 0.2
"""A threshold holds for frame rates this close (as a fraction) to the one it was computed at."""


class FalseAlarmRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a threshold is crossed where nothing is strange, in alarms (not exposures) per hour.

    Blocks of `block_s` are taken as exchangeable, and alarms less than `block_s` apart are one alarm.
    """

    per_hour: float
    """Expected in a new recording like the controls: rank / (blocks + 1) a block."""
    low_per_hour: float
    high_per_hour: float
    """Ends of the 95 % interval for the rate of this very threshold: it rests on a finite number of blocks."""
    asked_per_hour: float | None
    """What was asked for; None: the threshold is the highest score of the controls, whatever its rate."""
    control_hours: float
    """Scored hours of controls behind it, in whole blocks, the detector's past full."""
    block_s: float
    blocks: int
    rank: int
    """The threshold is the so-many-th highest of the blocks' highest scores."""


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The anomaly score above which a detector raises its alarm, and what makes it valid."""

    value: float
    how: str
    """One sentence for people: how it was computed and on what."""
    settings: dict[str, Setting]
    """What the detector must be run with for the value to mean anything."""
    rate: FalseAlarmRate | None = None
    """None: not known, as with controls that hold no whole block with a full past."""


def threshold_settings(config: DetectorConfig, fps: float) -> dict[str, Setting]:
    """Return what a threshold of this detector depends on, to be stored beside it."""
    settings: dict[str, Setting] = {"fps": fps}
    match config:
        case SelfeeAnomalyConfig():
            settings["past_s"] = config.past_s
            settings["skip_exposures"] = config.skip_exposures
            settings["warm_up_exposures"] = config.warm_up_exposures
        case MahalanobisConfig():
            settings["kind"] = config.kind
        case RiverAnomalyConfig():
            settings["model"] = config.model
            settings["arguments"] = json.dumps(config.arguments, sort_keys=True)
            settings["warm_up"] = config.warm_up
    return settings


def settled_after(config: DetectorConfig, fps: float) -> int:
    """Exposures after which a detector's scores no longer rise or fall for being new.

    While the own past of Selfee's score fills up, its nearest point comes nearer and scores rise; only a full past
    tells how often alarms come in a long session. A river model counts as settled once it is warm, though it learns on.
    """
    match config:
        case SelfeeAnomalyConfig():
            return round(config.past_s * fps)
        case MahalanobisConfig():
            return 0
        case RiverAnomalyConfig():
            return max(config.warm_up, 1)


def stored_threshold(known: Mapping[str, Threshold], config: DetectorConfig, fps: float) -> Threshold | None:
    """Return the reference's threshold for a detector, None if it has none.

    Raises:
        ConfigError: it was computed with other settings.
    """
    stored = known.get(config.name)
    if stored is None:
        return None
    differing = _differing(stored, threshold_settings(config, fps))
    if differing:
        raise ConfigError(
            [
                f"observe.detector {config.name!r}: the reference's threshold is not for these settings: "
                f"{'; '.join(differing)}; use those settings, set a threshold, or make the reference anew"
            ]
        )
    return stored


def threshold_for(known: Mapping[str, Threshold], config: DetectorConfig, fps: float) -> float | None:
    """Return the threshold to use: the configured one, else the reference's, None if neither is there.

    Raises:
        ConfigError: the reference's was computed with other settings.
    """
    if config.threshold is not None:
        return config.threshold
    stored = stored_threshold(known, config, fps)
    return None if stored is None else stored.value


def _differing(stored: Threshold, settings: Mapping[str, Setting]) -> list[str]:
    """Name each setting that differs; the frame rate may by FPS_TOLERANCE."""
    return [
        f"{name}: got {_shown(settings.get(name))}, expected {_shown(stored.settings.get(name))}"
        for name in sorted(stored.settings.keys() | settings.keys())
        if not _alike(name, settings.get(name), stored.settings.get(name))
    ]


def _alike(name: str, got: Setting | None, expected: Setting | None) -> bool:
    if name == "fps" and isinstance(got, (int, float)) and isinstance(expected, (int, float)):
        return abs(got - expected) <= FPS_TOLERANCE * expected
    return got is not None and got == expected


def _shown(value: Setting | None) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
