"""Which colour a label has: the same in every figure, report and window.

Sources of the palette: Okabe and Ito 2008, Color Universal Design; Paul Tol 2021, SRON/EPS/TN/09-002 ("muted");
without their yellows, which are pale on white.
"""

from collections.abc import Iterable
from zlib import crc32

from selfee_rt.types import UNLABELLED

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#332288",
    "#882255",
    "#117733",
    "#999933",
)
"""For figures on white."""

COLOURS_ON_DARK = (
    "#2F8FD0",
    "#E8702A",
    "#1FB58B",
    "#E3A6CB",
    "#7CC8F5",
    "#F0AE26",
    "#8478D6",
    "#B8407A",
    "#4FA866",
    "#B5B548",
)
"""The same hues, light enough for thin lines on a dark ground; at least 3.3 : 1 against #151B21."""

GREY = "#BBBBBB"
"""Whatever has no label."""

SHIFT = 4
"""Turns the palette so that the usual labels of courting flies are far apart in it."""


def places(names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """For each name, its place in a palette, and how often the palette was used up before it.

    The place follows from the name itself. Where two names would have one, the alphabetically second takes the next
    that is free. `unlabel` and the empty name have none and are left out.

    >>> places(["winging", "chasing"])
    {'chasing': (7, 0), 'winging': (0, 0)}
    """
    found: dict[str, tuple[int, int]] = {}
    free: list[int] = []
    for count, name in enumerate(sorted(set(names) - {UNLABELLED, ""})):
        if not free:
            free = list(range(len(COLOURS)))
        own = (crc32(name.encode()) + SHIFT) % len(COLOURS)
        place = min(free, key=lambda each: (each - own) % len(COLOURS))
        free.remove(place)
        found[name] = place, count // len(COLOURS)
    return found


def on_dark(names: Iterable[str]) -> dict[str, str]:
    """Colour of each name on a dark ground.

    >>> on_dark(["unlabel"])
    {'unlabel': '#BBBBBB'}
    """
    names = tuple(names)
    found = places(names)
    return {name: COLOURS_ON_DARK[found[name][0]] if name in found else GREY for name in names}
