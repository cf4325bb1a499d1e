"""`selfee-rt inspect`: what a model file says of itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfee_rt.cli.recordings import FILE

if TYPE_CHECKING:
    from selfee_rt.embed.model import ModelCard

PREPARATIONS = {
    "grey_resize": "the arena in grey, resized to that size",
    "selfee_mouse": "as Selfee's authors prepare mice: background subtracted, blurred, equalised, inverted",
}
"""Each `ModelCard.preprocessing` in words."""
PRECISIONS = {
    "fp32": "32-bit floating point",
    "fp16 weights": "weights stored with 16 bits, computed with 32",
    "int8": "8-bit whole numbers, where that keeps the embeddings as they are",
}
"""Each `ModelCard.precision` in words."""


@click.command()
@click.argument("model", metavar="[MODEL]", type=FILE, required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs: the card with the file's sha256 and size.")
def inspect(model: Path | None, as_json: bool) -> None:
    """Print what MODEL (the shipped one if not given) takes, gives and was made from: its card.

    The card is checked against the file's graph, as a session does.
    """
    from selfee_rt.embed.model import read_card, sha256_of, shipped_model

    path = shipped_model() if model is None else model
    card = read_card(path)
    sha256, size_bytes = sha256_of(path), path.stat().st_size
    if as_json:
        click.echo(json.dumps(document(card, sha256, size_bytes), indent=2))
        return
    _print([*rows(card), ("file", f"{size_bytes / 1e6:.1f} MB, sha256 {sha256}")])


def document(card: "ModelCard", sha256: str, size_bytes: int) -> dict[str, Any]:
    """The card as it is in the file, and of which file it is."""
    import msgspec

    return {"sha256": sha256, "size_bytes": size_bytes, "card": msgspec.to_builtins(card)}


def rows(card: "ModelCard") -> Iterator[tuple[str, str]]:
    """The card in words, line by line; a name that is empty goes on with the one before."""
    shortest, longest = card.trained_interval_ms
    yield "model", f"{card.name} {card.version}, a {card.backbone}"
    yield "takes", f"live frames of {card.width_px}x{card.height_px} px, {', '.join(card.channel_order)}; 8 bits"
    yield "prepared by", _explained(card.preprocessing, PREPARATIONS)
    yield "gives", f"embeddings of {card.embedding_dim} numbers, the output of its {card.embedding_layer}"
    trained = f"{shortest:g} to {longest:g} ms" if shortest < longest else f"{shortest:g} ms"
    yield "interval", f"{card.interval_ms:g} ms from past to current and to future; trained at {trained}"
    yield "precision", _explained(card.precision, PRECISIONS)
    yield from _section("verified", card.verification)
    yield from _training(card.training)
    yield "licence", card.licence or "not stated"
    yield "made from", "not stated" if card.source_sha256 is None else f"a checkpoint, sha256 {card.source_sha256}"


def _explained(name: str, words: dict[str, str]) -> str:
    return f"{name}: {words[name]}" if name in words else name


def _training(training: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is known of the training, its recordings last, one a line."""
    recordings = training.get("recordings", [])
    yield from _section("trained", {name: value for name, value in training.items() if name != "recordings"})
    for number, recording in enumerate(recordings):
        yield ("on" if number == 0 else ""), _recording(recording)


def _recording(recording: Any) -> str:
    """One recording, its licence and origin first."""
    if not isinstance(recording, dict):
        return str(recording)
    facts = {"licence": "not stated", **recording}
    name = facts.pop("name", "a recording without a name")
    first = [key for key in ("licence", "origin") if key in facts]
    ordered = [*first, *(key for key in facts if key not in first)]
    return f"{name}: " + ", ".join(f"{_words(key)} {_value(facts[key])}" for key in ordered)


def _section(name: str, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts of any kind, one a line."""
    if not facts:
        yield name, "not stated"
    for number, (key, value) in enumerate(facts.items()):
        yield (name if number == 0 else ""), f"{_words(key)}: {_value(value)}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _value(value: Any) -> str:
    """A value of JSON on one line, numbers with all their digits."""
    match value:
        case dict():
            return ", ".join(f"{_words(key)} {_value(each)}" for key, each in value.items())
        case list():
            return "; ".join(_value(each) for each in value)
        case bool():
            return "yes" if value else "no"
        case None:
            return "not stated"
        case _:
            return str(value)


def _print(lines: list[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(Text(name), Text("".join(each if each.isprintable() else "?" for each in value)))
    Console().print(table)
