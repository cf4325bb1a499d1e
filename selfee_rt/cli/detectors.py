"""Which anomaly detectors a command is about: options, and what becomes of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfee_rt.cli.recordings import FILE

if TYPE_CHECKING:
    from selfee_rt.config import DetectorConfig

DETECTOR = click.option(
    "--detector",
    "kinds",
    multiple=True,
    type=click.Choice(("selfee", "mahalanobis")),
    help="Detector that this is for; selfee if none is given. Repeat for several.",
)
DETECTORS_OF = click.option("--detectors-of", type=FILE, help="Take the detectors of this session file (TOML).")
PAST = click.option(
    "--past-s", type=click.FloatRange(min=0, min_open=True), help="Own past that the detector selfee looks at."
)
SKIP = click.option("--skip-exposures", type=click.IntRange(min=0), help="Newest exposures that it leaves out.")
WARM_UP = click.option(
    "--warm-up-exposures", type=click.IntRange(min=1), help="Own past needed before there is a score."
)


def chosen_detectors(
    kinds: tuple[str, ...],
    session: Path | None,
    *,
    past_s: float | None,
    skip_exposures: int | None,
    warm_up_exposures: int | None,
) -> "tuple[DetectorConfig, ...]":
    """The detectors of a session file, or those named by kind with the settings given; None: not given."""
    from selfee_rt.config import MahalanobisConfig, SelfeeAnomalyConfig, load

    asked = {"past_s": past_s, "skip_exposures": skip_exposures, "warm_up_exposures": warm_up_exposures}
    own_past = {name: value for name, value in asked.items() if value is not None}
    if session is not None:
        if kinds or own_past:
            raise click.UsageError(
                "--detectors-of takes the detectors and all of their settings from the session file; leave out "
                "--detector, --past-s, --skip-exposures and --warm-up-exposures"
            )
        configured = load(session).observe.detector
        return (SelfeeAnomalyConfig(),) if configured is None else configured
    named = dict.fromkeys(kinds or ("selfee",))
    if own_past and "selfee" not in named:
        raise click.UsageError("--past-s, --skip-exposures and --warm-up-exposures are for --detector selfee")
    return tuple(
        SelfeeAnomalyConfig.model_validate(own_past) if kind == "selfee" else MahalanobisConfig() for kind in named
    )
