"""The report of an anomaly evaluation: one self-contained HTML file, and its figures as CSV."""

import csv
import html
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.errors import ConfigError, FolderError, MissingExtra
from selfee_rt.workbench.anomaly_evaluation import GUARD_S, Evaluated, Scored
from selfee_rt.workbench.anomaly_recordings import Watched
from selfee_rt.workbench.offline_anomaly import Departure

STYLE = "body{font:15px sans-serif;max-width:60em;margin:2em auto}td,th{padding:.2em .8em;text-align:left}"
TABLE = ("detector", "AUC (95 %)", "AUC by kind", "threshold", "events found", "median delay", "false alarms per hour")
DEPARTURES = (
    "recording",
    "exposures",
    "rank correlation",
    "live less offline",
    "alarms live / offline / both",
    "kappa",
)


def write_report(
    out: Path,
    watched: Sequence[Watched],
    scored: Sequence[Scored],
    results: Sequence[Evaluated],
    departures: Sequence[Departure] = (),
) -> tuple[Path, Path]:
    """Write `out` (HTML) and, beside it, a CSV of the curves; return both.

    Raises:
        MissingExtra: matplotlib is not installed.
        ConfigError: a file exists already.
        FolderError: a file cannot be written.
    """
    curves = out.with_suffix(".csv")
    for path in (out, curves):
        if path.exists():
            raise ConfigError([f"{path} exists; nothing is ever overwritten, choose another file"])
    page = _page(watched, scored, results, departures)
    try:
        out.write_text(page, encoding="utf-8")
        curves.write_text(_curves(results), encoding="utf-8", newline="")
    except OSError as error:
        raise FolderError(f"cannot write {out}: {error.strerror}; choose a writable folder with space") from error
    return out, curves


def table_rows(results: Sequence[Evaluated]) -> list[tuple[str, ...]]:
    """One row of text per detector, as in `TABLE`; a hyphen where nothing is known."""
    return [
        (
            each.name,
            str(each.auc),
            ", ".join(f"{what} {area:.2f}" for what, area in each.auc_of.items()),
            "-" if each.threshold is None else f"{each.threshold:.4g}",
            "-" if not each.found else f"{sum(f.delay_s is not None for f in each.found)} of {len(each.found)}",
            "-" if each.median_delay_s is None else f"{each.median_delay_s:.1f} s",
            "-" if each.false_alarms is None else str(each.false_alarms),
        )
        for each in results
    ]


def _departure_rows(departures: Sequence[Departure]) -> list[tuple[str, ...]]:
    return [
        (
            each.recording,
            f"{each.compared:,}",
            f"{each.rank_correlation:.2f}",
            f"{each.mean_difference:+.3f}",
            f"{each.alarms_live} / {each.alarms_offline} / {each.alarms_both}",
            "-" if each.kappa is None else f"{each.kappa:.2f}",
        )
        for each in departures
    ]


def _page(
    watched: Sequence[Watched], scored: Sequence[Scored], results: Sequence[Evaluated], departures: Sequence[Departure]
) -> str:
    events = sum(len(each.events) for each in watched)
    hours = sum(len(each.recording.frame_index) / each.recording.fps for each in watched) / 3600
    parts = [
        f"<p>{len(watched)} recordings, {hours:.2f} h, {events} known events. Exposures within {GUARD_S:g} s of an "
        "event count neither as strange nor as normal; nor do those before a detector has a score. False alarms "
        "are counted over normal exposures, those close in time being one, with exact Poisson intervals; the interval "
        "of the area is over resampled blocks of time, not over animals.</p>",
        _table(TABLE, table_rows(results)),
        _svg(_roc_figure(results)),
        _svg(_trace_figure(watched[0], scored)),
    ]
    if departures:
        parts += [
            "<h2>The live score against the paper's offline score</h2>",
            _table(DEPARTURES, _departure_rows(departures)),
        ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Anomaly detectors</title><style>{STYLE}</style>'
        f"<h1>Anomaly detectors against known events</h1>{''.join(parts)}</html>\n"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"<tr>{''.join(f'<th>{html.escape(cell)}</th>' for cell in head)}</tr>"]
    lines += [f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table>{''.join(lines)}</table>"


def _figure(width: float, height: float) -> Any:
    """An empty figure that belongs to no window."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra('matplotlib is not installed; install "selfee-rt[analysis]"') from error
    return Figure(figsize=(width, height), layout="constrained")


def _roc_figure(results: Sequence[Evaluated]) -> Any:
    figure = _figure(10, 4.5)
    by_exposure, by_event = figure.subplots(1, 2)
    for each in results:
        by_exposure.plot(*each.roc.T, label=f"{each.name} ({each.auc.value:.2f})")
        line = by_event.step(*each.by_event.T, where="post", label=each.name)[0]
        if each.false_alarms is not None and each.found:
            part = float(np.mean([f.delay_s is not None for f in each.found]))
            by_event.plot(each.false_alarms.per_hour, part, "o", color=line.get_color())
    by_exposure.plot((0, 1), (0, 1), color="grey", linewidth=0.5)
    by_exposure.set(xlabel="part of normal exposures", ylabel="part of strange exposures", title="ROC (area)")
    by_event.set(
        xlabel="false alarms per hour", ylabel="part of events found", title="by event; dot: threshold in force"
    )
    by_exposure.legend(loc="lower right", fontsize="small")
    return figure


def _trace_figure(first: Watched, scored: Sequence[Scored]) -> Any:
    """Scores of the first recording over time, events shaded."""
    figure = _figure(10, 1.6 * len(scored) + 0.5)
    fps = first.recording.fps
    for axes, each in zip(figure.subplots(len(scored), 1, sharex=True, squeeze=False)[:, 0], scored, strict=True):
        axes.plot(first.recording.frame_index / fps, each.scores[0], linewidth=0.6)
        if each.threshold is not None:
            axes.axhline(each.threshold, color="black", linewidth=0.6, linestyle="--")
        for event in first.events:
            axes.axvspan(event.start_index / fps, (event.stop_index + 1) / fps, color="orange", alpha=0.3, linewidth=0)
        axes.set_ylabel(each.name, fontsize="small")
    axes.set_xlabel(f"time in {first.recording.name}, s")
    return figure


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _curves(results: Sequence[Evaluated]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("detector", "curve", "x", "y"))
    writer.writerows(_points(results))
    return text.getvalue()


def _points(results: Sequence[Evaluated]) -> Iterator[tuple[str, str, str, str]]:
    for each in results:
        for curve, points in (("roc", each.roc), ("by_event", each.by_event)):
            for x, y in points.tolist():
                yield each.name, curve, f"{x:.6g}", f"{y:.6g}"
