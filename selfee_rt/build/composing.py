"""The composer of live frames, with the preparation that the model's card names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from selfee_rt.compose.arena import ArenaPreparer, Preparation
from selfee_rt.compose.background import WINDOWS, BackgroundMaker
from selfee_rt.compose.background_file import read_background
from selfee_rt.compose.background_first import Awaiting, BackgroundFirst, OnBackground, not_kept
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.grey_resize import GreyResize
from selfee_rt.compose.live_frame import Composer
from selfee_rt.compose.mouse import SelfeeMouse
from selfee_rt.config import (
    ArenaConfig,
    BackgroundConfig,
    FirstSecondsBackgroundConfig,
    SessionConfig,
    StoredBackgroundConfig,
)
from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import ConfigError, ModelMismatch, SelfeeRTError
from selfee_rt.types import Loss, SourceInfo


def composer(
    config: SessionConfig,
    card: ModelCard,
    info: SourceInfo,
    interval: int,
    on_loss: Callable[[Loss], None],
    on_background: OnBackground = not_kept,
) -> Composer | BackgroundFirst:
    """The composer of every arena's live frames; `on_background` is told each picture that is made on the way.

    Raises:
        ConfigError: arenas and pictures do not fit; every problem is listed.
    """
    parts = _parts(config, card, info)
    composing = Composer(
        [ArenaPreparer(part.cutout, part.preparation) for part in parts],
        size_px=(card.height_px, card.width_px),
        interval=interval,
        on_loss=on_loss,
    )
    awaiting = [part.awaiting for part in parts if part.awaiting is not None]
    if not awaiting:
        return composing
    return BackgroundFirst(composing, awaiting, on_loss=on_loss, on_background=on_background)


def backgrounds(config: SessionConfig, card: ModelCard, info: SourceInfo) -> dict[str, NDArray[np.uint8]]:
    """The stored background of each arena that has one, (H, W) uint8 as it is subtracted; errors as `composer`."""
    prepared = {part.cutout.name: part.preparation for part in _parts(config, card, info)}
    return {
        name: each.background
        for name, each in prepared.items()
        if isinstance(each, SelfeeMouse) and each.background is not None
    }


def check_preparations(arenas: Sequence[ArenaConfig], card: ModelCard) -> None:
    """Raise unless each arena gives what the model's preparation needs, and nothing that it does not.

    Raises:
        ConfigError: with a sentence for each arena that does not.
    """
    problems = [why for arena in arenas if (why := _misfit(arena, card)) is not None]
    if problems:
        raise ConfigError(problems)


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


@dataclass(frozen=True, slots=True)
class _Part:
    """One arena of a composer."""

    cutout: Cutout
    preparation: Preparation
    awaiting: Awaiting | None


def _parts(config: SessionConfig, card: ModelCard, info: SourceInfo) -> list[_Part]:
    problems: list[str] = []
    parts = []
    for arena in config.arena:
        try:
            parts.append(_part(arena, config, card, info))
        except ConfigError as error:
            problems += error.problems
        except SelfeeRTError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError(problems)
    return parts


def _part(arena: ArenaConfig, config: SessionConfig, card: ModelCard, info: SourceInfo) -> _Part:
    cutout = Cutout(arena, (info.height_px, info.width_px))
    prepared = preparation(arena, card, cutout.size_px)
    awaiting = None
    if isinstance(prepared, SelfeeMouse):
        assert arena.background is not None
        awaiting = _give_background(arena.background, cutout, prepared, config, info)
    return _Part(cutout, prepared, awaiting)


def _give_background(
    background: BackgroundConfig, cutout: Cutout, prepared: SelfeeMouse, config: SessionConfig, info: SourceInfo
) -> Awaiting | None:
    """Set the stored picture, or return how one is to be made."""
    match background:
        case StoredBackgroundConfig():
            prepared.background = _stored(background, cutout, prepared)
            return None
        case FirstSecondsBackgroundConfig():
            window = max(1, round(background.seconds * info.fps / WINDOWS))
            _check_length(cutout.name, WINDOWS * window, config, info)
            maker = BackgroundMaker(prepared.working_px, window_exposures=window)
            return Awaiting(cutout, prepared, maker, WINDOWS * window)
        case _:
            assert_never(background)


def _stored(background: StoredBackgroundConfig, cutout: Cutout, prepared: SelfeeMouse) -> NDArray[np.uint8]:
    """The picture of a file at the size that is worked on; it may be as large as whatever it can be cut from."""
    picture = read_background(background.file)
    if picture.shape == cutout.picture_px:
        picture = cutout.cut(picture)
    if picture.shape == prepared.working_px:
        return picture
    if picture.shape == cutout.size_px:
        return prepared.grey(picture).copy()
    sizes = dict.fromkeys((cutout.picture_px, cutout.size_px, prepared.working_px))
    raise ConfigError(
        [
            f"arena {cutout.name!r}: the background {background.file} has {picture.shape[1]}x{picture.shape[0]} px, "
            f"expected {' or '.join(f'{width}x{height}' for height, width in sizes)}: the camera's picture, the "
            "arena's region, or what a session keeps of it; make it with this camera and this region"
        ]
    )


def _check_length(name: str, exposures: int, config: SessionConfig, info: SourceInfo) -> None:
    lengths = (info.frames, None if config.seconds is None else round(config.seconds * info.fps))
    shortest = min((length for length in lengths if length is not None), default=None)
    if shortest is not None and shortest <= exposures:
        raise ConfigError(
            [
                f"arena {name!r}: its background is made from the first {exposures} exposures, and there are only "
                f"{shortest}: nothing would be observed; lower background.seconds, or give a stored picture"
            ]
        )


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
                    'to its ground, "dark" or "bright")'
                )
        case _:
            assert_never(card.preprocessing)
