"""Command: check a configuration without running it."""

from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

import click

from selfee_rt.config import (
    Contrast,
    FirstSecondsBackgroundConfig,
    SessionConfig,
    StoredBackgroundConfig,
    load,
)
from selfee_rt.embed.model import ModelCard
from selfee_rt.session.check import Expectation, expect
from selfee_rt.trigger.train import train_of
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.bench.recommend import BUSY

PREPARATIONS: dict[Preprocessing, str] = {
    "grey_resize": "grey_resize: grey, resized",
    "selfee_mouse": "selfee_mouse: background subtracted, blurred, histogram equalised, dark on white, resized",
}
WORDS: dict[Contrast, str] = {"dark": "darker than", "bright": "brighter than"}


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
def check(config: Path) -> None:
    """Print what CONFIG means on this machine, or everything that is wrong with it.

    Source, model and reference are opened and closed again; nothing is recorded.
    """
    settings = load(config)
    lines = meaning(settings)
    click.echo(settings.model_dump_json(indent=2))
    click.echo()
    for line in lines:
        click.echo(line)


def meaning(config: SessionConfig) -> list[str]:
    """What a configuration means on this machine, line by line; source, model and devices are opened and closed.

    Raises:
        ConfigError: with every problem that was found.
    """
    return [f"{name:<16} {value}" for name, value in _derived(config, expect(config))]


def _derived(config: SessionConfig, expected: Expectation) -> list[tuple[str, str]]:
    info, card, reference = expected.info, expected.plan.card, expected.plan.reference
    return [
        ("source", f"{info.name}: {info.width_px}x{info.height_px} at {info.fps:.4g} fps"),
        *(("", note) for note in info.notes),
        ("model", f"{card.name} {card.version}: {card.backbone}, {card.width_px}x{card.height_px} px"),
        *_preparation(config, card),
        ("reference", "none: no labels, no anomaly score" if reference is None else _reference(reference)),
        ("frame interval", f"{expected.interval.exposures} exposures = {expected.interval.actual_ms:.1f} ms "
         f"({expected.interval.departure:+.0%} off the model's {card.interval_ms:g} ms)"),
        ("lookahead", f"{expected.interval.actual_ms:.1f} ms before anything can be said about an exposure"),
        ("inference", f"{expected.embed_ms:.1f} ms for {len(config.arena)} arena(s), median"),
        ("load", f"{expected.load:.0%}: {_verdict(expected.load)}"),
        ("disk", f"{expected.gb_per_hour:.2f} GB per hour"),
        *_stimuli(config, expected),
    ]  # fmt: skip


def _preparation(config: SessionConfig, card: ModelCard) -> Iterator[tuple[str, str]]:
    """What is done to the picture before the network sees it, and with which backgrounds."""
    yield "preparation", PREPARATIONS[card.preprocessing]
    for arena in config.arena:
        match arena.background:
            case None:
                continue
            case StoredBackgroundConfig(file=file):
                background = f"background {file}"
            case FirstSecondsBackgroundConfig(seconds=seconds):
                background = f"background made from the first {seconds:g} s, in which nothing is observed"
            case _:
                assert_never(arena.background)
        yield "", f"arena {arena.name}: {background}; the animal is {WORDS[arena.background.contrast]} its ground"


def _stimuli(config: SessionConfig, expected: Expectation) -> Iterator[tuple[str, str]]:
    """Devices, rules, and how long arming lasts beside the session."""
    for name, device in expected.devices.items():
        yield f"device {name}", device.name
        yield from (("", note) for note in device.notes)
    for trigger in config.trigger:
        train = train_of(trigger.pulse)
        pulses = "one pulse" if train.pulses == 1 else f"{train.pulses} pulses"
        yield "rule", f"{trigger.name}: {pulses}, {train.light_us / 1e6:g} s of light in {train.length_us / 1e6:g} s"
    if config.trigger:
        yield "arming", _arming(config.stimulation.arm_for_s or 0, expected.length_s)


def _arming(arm_for_s: float, session_s: float | None) -> str:
    text = f"lasts {arm_for_s:g} s after each `selfee-rt arm`; the session starts disarmed"
    if session_s is None:
        return f"{text}, and has no end of its own"
    if arm_for_s < session_s:
        return f"{text}, and lasts {session_s:g} s: longer than arming, which must be repeated"
    return f"{text}, and lasts {session_s:g} s: arming would last to its end"


def _reference(reference: object) -> str:
    labels = getattr(reference, "labels", ())
    return f"labels {', '.join(labels)}"


def _verdict(load: float) -> str:
    if load >= 1:
        return "too slow for this frame rate, exposures will be lost (and counted)"
    return "keeps up" if load <= BUSY else "keeps up only while nothing else runs"
