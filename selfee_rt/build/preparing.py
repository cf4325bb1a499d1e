"""The preparation that a model's card names, and whether an arena suits it."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from selfee_rt.compose.arena import Preparation
from selfee_rt.compose.grey_resize import GreyResize
from selfee_rt.compose.mouse import SelfeeMouse
from selfee_rt.config import ArenaConfig
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import ConfigError, ModelMismatch


def check_preparations(arenas: Sequence[ArenaConfig], card: ModelCard) -> None:
    """Raise unless each arena gives what the model's preparation needs, and nothing that it does not.

    Raises:
        ConfigError: with a sentence for each arena that does not.
    """
    problems = [why for arena in arenas if (why := _misfit(arena, card)) is not None]
    if problems:
        raise ConfigError(problems)


def wants_background(card: ModelCard) -> bool:
    """Whether the model's preparation subtracts a picture of the empty arena.

    >>> from selfee_rt.embed.model import read_card, shipped_model
    >>> wants_background(read_card(shipped_model()))
    False
    """
    return card.preprocessing == "selfee_mouse"


def preparation(arena: ArenaConfig, card: ModelCard, from_px: tuple[int, int]) -> Preparation:
    """The preparation of an arena of `from_px` (H, W) for the model; its background is not set yet.

    Raises:
        ModelMismatch: the arena lacks what it needs, or has what it does not.
    """
    why = _misfit(arena, card)
    if why is not None:
        raise ModelMismatch(why)
    to_px = (card.height_px, card.width_px)
    match card.preprocessing:
        case "grey_resize":
            return GreyResize(from_px=from_px, to_px=to_px, invert=arena.invert)
        case "selfee_mouse":
            assert arena.background is not None
            return SelfeeMouse(from_px=from_px, to_px=to_px, contrast=arena.background.contrast)
        case _:
            assert_never(card.preprocessing)


def _misfit(arena: ArenaConfig, card: ModelCard) -> str | None:
    """Why the arena does not suit the model's preparation, if it does not."""
    return next(_misfits(arena, card), None)


def _misfits(arena: ArenaConfig, card: ModelCard) -> Iterator[str]:
    match card.preprocessing:
        case "grey_resize":
            if arena.background is not None:
                yield (
                    f"arena {arena.name!r} has a background, but the model {card.name} wants the preparation "
                    "grey_resize, which subtracts none; leave background out, or use a model of the other kind"
                )
        case "selfee_mouse":
            if arena.invert:
                yield (
                    f"arena {arena.name!r} is inverted, but the model {card.name} wants the preparation selfee_mouse, "
                    "which gives a dark animal on white by itself; leave invert out, and say in background.contrast "
                    "what the animal is like"
                )
            if arena.background is None:
                yield (
                    f"arena {arena.name!r} has no background, but the model {card.name} wants the preparation "
                    'selfee_mouse, which subtracts one; add to the arena background = {kind = "file", file = '
                    '"background.png", contrast = "dark"} (`selfee-rt background VIDEO` makes such a file), or '
                    'background = {kind = "first_seconds", seconds = 10, contrast = "dark"} (contrast: of the animal '
                    'to its ground, "dark" or "bright"); commands take it as --background background.png dark, or '
                    "--background first:10 dark"
                )
        case _:
            assert_never(card.preprocessing)
