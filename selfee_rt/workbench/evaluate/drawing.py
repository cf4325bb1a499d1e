"""Figures without a screen: matplotlib's object interface, loaded only when a report is asked for."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from selfee_rt.errors import MissingExtra
from selfee_rt.workbench.figures import styles

NOTHING_SAID = "#FFFFFF"
DPI = 150
PADDING_IN = 0.08


@dataclass(frozen=True, eq=False)
class Drawn:
    """One figure of the report."""

    key: str
    title: str
    says: str
    """What is seen, in a sentence or two, with what it was made from."""
    figure: Any
    """None: there is nothing to draw, and `says` says why."""
    points: bool = False
    """Whether it holds so many points that it is a picture (PNG), not lines (SVG)."""


def module(name: str) -> Any:
    """Import a part of the extra `analysis`.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        package = {"sklearn": "scikit-learn"}.get(name.partition(".")[0], name.partition(".")[0])
        raise MissingExtra(f'{package} is not installed; install "selfee-rt[analysis]"') from error


def new_figure(width_in: float, height_in: float) -> Any:
    """An empty figure that keeps its texts apart."""
    figure = module("matplotlib.figure").Figure(figsize=(width_in, height_in), layout="constrained")
    figure.get_layout_engine().set(w_pad=PADDING_IN, h_pad=PADDING_IN)
    return figure


def colours(names: Sequence[str]) -> list[str]:
    """The colour of each name, which follows from the name: a label has the same one in every figure."""
    style_of = styles(names)
    return [style_of[name].colour for name in names]


def plain(axes: Any) -> None:
    """Leave out the frame's upper and right line."""
    axes.spines["top"].set_visible(False)
    axes.spines["right"].set_visible(False)


def legend(figure: Any, labels: tuple[str, ...]) -> None:
    """The labels' colours, above everything."""
    patch = module("matplotlib.patches").Patch
    handles = [patch(facecolor=shade, label=label) for shade, label in zip(colours(labels), labels, strict=True)]
    figure.legend(handles=handles, loc="outside upper left", ncols=min(len(labels), 6), frameon=False, fontsize=9)


def content(drawn: Drawn) -> tuple[str, bytes]:
    """A figure's type and bytes, the same for the same numbers."""
    kind = "png" if drawn.points else "svg"
    written = io.BytesIO()
    settings = {"svg.hashsalt": drawn.key, "svg.fonttype": "path"}
    with module("matplotlib").rc_context(settings):
        metadata = {"Software": None} if drawn.points else {"Date": None}
        drawn.figure.savefig(
            written, format=kind, dpi=DPI, metadata=metadata, bbox_inches="tight", pad_inches=PADDING_IN
        )
    return ("image/png" if drawn.points else "image/svg+xml"), written.getvalue()


def data_uri(drawn: Drawn) -> str:
    """A figure as an address that holds it."""
    mime, written = content(drawn)
    return f"data:{mime};base64,{base64.b64encode(written).decode('ascii')}"
