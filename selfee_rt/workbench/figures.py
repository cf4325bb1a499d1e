"""How figures look: colours that a colour-blind reader tells apart, one per label and the same in every figure."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from selfee_rt import palette
from selfee_rt.errors import MissingExtra
from selfee_rt.palette import COLOURS, GREY

FigureKind = Literal["png", "svg"]

MARKERS = ("o", "^", "s", "D", "v")

GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole part, are spread over 0 to 1 with neighbours far apart."""

DOTS_PER_INCH = 150


@dataclass(frozen=True, slots=True)
class Style:
    """How one label is drawn, everywhere."""

    colour: str
    marker: str


def styles(names: Sequence[str]) -> dict[str, Style]:
    """A style for each name, which follows from the name itself: a label looks the same in every figure and report.

    Where two names would have one style, the alphabetically second takes the next that is free. Names beyond the
    palette take its colours again with another marker; `unlabel` and the empty name are grey.
    """
    found = palette.places(names)
    return {name: Style(GREY, "o") if name not in found else _style(*found[name]) for name in names}


def _style(place: int, turn: int) -> Style:
    return Style(COLOURS[place], MARKERS[turn % len(MARKERS)])


def numbered(count: int) -> list[str]:
    """Colours (count), all different, for things that have a number and no name; neighbours differ most.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    need_matplotlib()
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    scattered = sorted(range(count), key=lambda number: number * GOLDEN % 1)
    shade = {number: rank / (count - 1) for rank, number in enumerate(scattered)}
    return [str(to_hex(colormaps["viridis"](shade[number]))) for number in range(count)]


def need_matplotlib() -> None:
    """Refuse before any work.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401 (whether it is there)
    except ImportError as error:
        raise MissingExtra('figures need matplotlib; install "selfee-rt[analysis]"') from error


@contextmanager
def new_figure(path: Path, width_in: float, height_in: float) -> Iterator[Any]:
    """A matplotlib figure to draw on, written to `path` (.png or .svg) at the end.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    need_matplotlib()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    looks: Any = {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "svg.hashsalt": "selfee_rt",
    }
    with rc_context(looks):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        yield figure
        undated = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata=undated)


def legend_right(axes: Any, **settings: Any) -> None:
    """Put a legend beside the axes, where it covers nothing."""
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, **settings)
