"""The figures of what was said: ethograms, confusion, reliability, the price of waiting."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.evaluate.drawing import NOTHING_SAID, Drawn, colours, legend, module, new_figure, plain
from selfee_rt.workbench.evaluate.reliability import Reliability
from selfee_rt.workbench.evaluate.results import Evaluation, Variant

WIDTH_IN = 9.0
MOST_RECORDINGS = 12
"""Ethograms of more are not drawn."""
MOST_ROWS = 24
"""Most variants in one figure."""


def ethograms(found: Evaluation) -> Iterator[Drawn]:
    """Truth above what was said live, one figure per recording."""
    live = [variant for variant in found.variants if variant.window == "current"]
    rows = live[:MOST_ROWS]
    left_out = f" The first {MOST_ROWS} of {len(live)} are shown." if len(live) > MOST_ROWS else ""
    for number, recording in enumerate(found.recordings[:MOST_RECORDINGS]):
        yield Drawn(
            key=f"ethogram-{number + 1}",
            title=f"Ethogram of {recording.name}",
            says="Above what somebody scored, below what was said of each exposure by a line that was taught without "
            f"it (lookahead {found.interval} exposures, and the lag of an HMM). White: not scored, or nothing said; "
            f"grey lines: where held-out parts meet.{left_out}",
            figure=_ethogram(found, number, rows),
        )
    if len(found.recordings) > MOST_RECORDINGS:
        yield Drawn(
            "ethograms-left-out",
            "More ethograms",
            f"The first {MOST_RECORDINGS} of {len(found.recordings)} recordings are drawn; the numbers are of all.",
            None,
        )


def _ethogram(found: Evaluation, recording: int, rows: Sequence[Variant]) -> Any:
    seconds = found.exposure_ms / 1000
    whole = found.recordings[recording].exposures
    lines = [("scored", _over(found, recording, None, whole))]
    lines += [(f"{each.classifier}, {each.smoothing}", _over(found, recording, each, whole)) for each in rows]
    figure = new_figure(WIDTH_IN, 1.1 + 0.32 * len(lines))
    axes = figure.add_subplot()
    shades = module("matplotlib.colors").ListedColormap([NOTHING_SAID, *colours(found.labels)])
    for place, (_, label_of) in enumerate(lines):
        axes.imshow(
            label_of[None] + 1,
            cmap=shades,
            vmin=0,
            vmax=len(found.labels),
            aspect="auto",
            interpolation="nearest",
            extent=(0, whole * seconds, place + 0.42, place - 0.42),
        )
    for part in found.folds:
        if part.recording == recording and part.first > 0:
            axes.axvline(part.first * seconds, color="0.6", linewidth=0.6)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_xlim(0, whole * seconds)
    axes.set_yticks(range(len(lines)), [name for name, _ in lines])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("time (s)")
    plain(axes)
    legend(figure, found.labels)
    return figure


def _over(found: Evaluation, recording: int, variant: Variant | None, whole: int) -> NDArray[np.int64]:
    """Label of every exposure of a recording; -1 where nothing is scored or said."""
    out = np.full(whole, -1, dtype=np.int64)
    if variant is None:
        given = found.recordings[recording].label_of
        out[: len(given)] = given
        return out
    for piece, said in zip(found.pieces, variant.said, strict=True):
        if piece.fold.recording == recording:
            inside = piece.fold.scored(recording, piece.exposure)
            out[piece.exposure[inside]] = said.label_of[inside]
    return out


def confusions(found: Evaluation) -> Drawn:
    """True against predicted label, of every live variant."""
    live = [variant for variant in found.variants if variant.window == "current"][:MOST_ROWS]
    columns = min(3, len(live))
    size = max(2.6, 0.42 * (len(found.labels) + 1) + 1.6)
    figure = new_figure(max(WIDTH_IN * columns / 3, size * columns), size * math.ceil(len(live) / columns))
    grid = figure.subplots(math.ceil(len(live) / columns), columns, squeeze=False).ravel()
    for axes, variant in zip(grid, live, strict=False):
        _confusion(axes, variant, found.labels)
    for axes in grid[len(live) :]:
        axes.set_visible(False)
    return Drawn(
        "confusion",
        "Confusion",
        f"Share of the exposures of each true label (rows sum to 1) by what was said, lookahead {found.interval} "
        "exposures and the lag of an HMM. The column (none): nothing was said.",
        figure,
    )


def _confusion(axes: Any, variant: Variant, labels: tuple[str, ...]) -> None:
    table = variant.scores.confusion
    share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    silent = table[:, -1].any()
    shown = share if silent else share[:, :-1]
    names = [*labels, "(none)"] if silent else list(labels)
    axes.imshow(shown, cmap="Blues", vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(shown):
        axes.text(
            column, row, f"{value:.2f}", ha="center", va="center", fontsize=8, color="white" if value > 0.6 else "black"
        )
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=8, rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_xlabel("said", fontsize=8)
    axes.set_ylabel("scored", fontsize=8)
    axes.set_title(f"{variant.classifier}, {variant.smoothing}", fontsize=9)


def reliabilities(found: Evaluation) -> Drawn:
    """Confidence against the share that was right, per classifier, before and after calibration."""
    shown = [each for each in found.chances if each.raw is not None]
    if not shown:
        return Drawn("reliability", "Reliability", "No classifier gave probabilities.", None)
    columns = min(3, len(shown))
    rows = math.ceil(len(shown) / columns)
    figure = new_figure(WIDTH_IN * columns / 3, 3.4 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, each in zip(grid, shown, strict=False):
        lines = [each.classifier]
        lines += _reliability(axes, each.raw, "as it is", "#0072B2")
        lines += _reliability(axes, each.calibrated, "calibrated", "#D55E00")
        axes.plot((0, 1), (0, 1), color="0.7", linewidth=0.8, linestyle="--")
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability of the label said", ylabel="share that was right")
        axes.set_title("\n".join(lines), fontsize=8)
        axes.legend(fontsize=7, frameon=False, loc="lower right")
        plain(axes)
    for axes in grid[len(shown) :]:
        axes.set_visible(False)
    return Drawn(
        "reliability",
        "Reliability",
        "What the highest probability promises against how often it was right, in bins of 0.1 over the held-out "
        "exposures, before smoothing; the larger the dot, the more exposures. On the dashed line probabilities mean "
        "what they say. "
        "ECE: the mean distance from it; NLL: the mean negative log likelihood, natural logarithm.",
        figure,
    )


def _reliability(axes: Any, of: Reliability | None, name: str, shade: str) -> list[str]:
    """Draw one line; return what the title says of it."""
    if of is None:
        return []
    some = of.count > 0
    axes.plot(of.confidence[some], of.right[some], color=shade, linewidth=1, label=name)
    axes.scatter(of.confidence[some], of.right[some], s=4 + 60 * of.count[some] / of.count.max(), color=shade)
    return [f"{name}: ECE {of.calibration_error:.2f}, NLL {of.negative_log_likelihood:.2f}"]


def price_of_waiting(found: Evaluation) -> Drawn:
    """Macro F1 against the lag of the HMM."""
    title = "Accuracy bought with delay"
    if not found.lags:
        return Drawn("lag", title, "No HMM was asked for; give --smoothing hmm to see what waiting would buy.", None)
    figure = new_figure(WIDTH_IN * 0.7, 3.4)
    axes = figure.add_subplot()
    classifiers = tuple(dict.fromkeys(point.classifier for point in found.lags))
    for shade, classifier in zip(colours(classifiers), classifiers, strict=True):
        points = [point for point in found.lags if point.classifier == classifier]
        milliseconds = [(found.interval + point.lag_exposures) * found.exposure_ms for point in points]
        known = [point.macro_f1 for point in points]
        axes.plot(milliseconds, [each.value for each in known], color=shade, marker="o", label=classifier)
        if all(each.low is not None for each in known):
            low, high = [each.low for each in known], [each.high for each in known]
            axes.fill_between(milliseconds, low, high, color=shade, alpha=0.15, linewidth=0)
    axes.set(xlabel="delay of the label: lookahead + lag (ms)", ylabel="macro F1", ylim=(0, 1))
    axes.legend(fontsize=8, frameon=False)
    plain(axes)
    return Drawn(
        "lag",
        title,
        "Macro F1 of the HMM when each exposure is judged again L exposures later (L = "
        f"{', '.join(str(lag) for lag in dict.fromkeys(point.lag_exposures for point in found.lags))}); "
        "band: 95 % interval.",
        figure,
    )
