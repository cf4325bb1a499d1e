"""How figures look: colours that a colour-blind reader tells apart, one per label and the same in every figure.

Sources of the palette: Okabe and Ito 2008, Color Universal Design; Paul Tol 2021, SRON/EPS/TN/09-002 ("muted").
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from selfee_rt.errors import MissingExtra
from selfee_rt.workbench.labels import UNLABELLED

FigureKind = Literal["png", "svg"]

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
    "#F0E442",
)
MARKERS = ("o", "^", "s", "D", "v")

GREY = "#BBBBBB"
"""Whatever has no label."""

DOTS_PER_INCH = 150


@dataclass(frozen=True, slots=True)
class Style:
    """How one label is drawn, everywhere."""

    colour: str
    marker: str


def styles(names: Sequence[str]) -> dict[str, Style]:
    """A style for each name, in alphabetical order: the same set of labels looks the same in every figure.

    Names beyond the palette take its colours again with another marker; `unlabel` is grey.
    """
    found = {UNLABELLED: Style(GREY, "o"), "": Style(GREY, "o")}
    for place, name in enumerate(sorted(set(names) - set(found))):
        turn, colour = divmod(place, len(COLOURS))
        found[name] = Style(COLOURS[colour], MARKERS[turn % len(MARKERS)])
    return {name: found[name] for name in names}


def numbered(count: int) -> list[str]:
    """Colours (count) for things that have a number and no name."""
    return [COLOURS[number % len(COLOURS)] for number in range(count)]


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
