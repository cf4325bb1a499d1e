"""Command: check a configuration without running it."""

from pathlib import Path

import click

from selfee_rt.config import SessionConfig, load
from selfee_rt.session.check import Expectation, expect

BUSY = 0.8
"""A load above it leaves no room for anything else on the machine."""


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
def check(config: Path) -> None:
    """Print what CONFIG means on this machine, or everything that is wrong with it.

    Source, model and reference are opened and closed again; nothing is recorded.
    """
    settings = load(config)
    expected = expect(settings)
    click.echo(settings.model_dump_json(indent=2))
    click.echo()
    for name, value in _derived(settings, expected):
        click.echo(f"{name:<16} {value}")


def _derived(config: SessionConfig, expected: Expectation) -> list[tuple[str, str]]:
    info, card, reference = expected.info, expected.plan.card, expected.plan.reference
    return [
        ("source", f"{info.name}: {info.width_px}x{info.height_px} at {info.fps:.4g} fps"),
        *(("", note) for note in info.notes),
        ("model", f"{card.name} {card.version}: {card.backbone}, {card.width_px}x{card.height_px} px"),
        ("reference", "none: no labels, no anomaly score" if reference is None else _reference(reference)),
        ("frame interval", f"{expected.interval.exposures} exposures = {expected.interval.actual_ms:.1f} ms "
         f"({expected.interval.departure:+.0%} off the model's {card.interval_ms:g} ms)"),
        ("lookahead", f"{expected.interval.actual_ms:.1f} ms before anything can be said about an exposure"),
        ("inference", f"{expected.embed_ms:.1f} ms for {len(config.arena)} arena(s), median"),
        ("load", f"{expected.load:.0%}: {_verdict(expected.load)}"),
        ("disk", f"{expected.gb_per_hour:.2f} GB per hour"),
    ]  # fmt: skip


def _reference(reference: object) -> str:
    labels = getattr(reference, "labels", ())
    return f"labels {', '.join(labels)}"


def _verdict(load: float) -> str:
    if load >= 1:
        return "too slow for this frame rate, exposures will be lost (and counted)"
    return "keeps up" if load < BUSY else "keeps up only while nothing else runs"
