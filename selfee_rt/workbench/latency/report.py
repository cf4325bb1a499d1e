"""What a self-test found, for the terminal, as a page to share (HTML), and for programs (JSON)."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from selfee_rt.workbench.latency.histogram import histogram, svg, text_lines
from selfee_rt.workbench.latency.measurement import Measurement, Series
from selfee_rt.workbench.latency.statistics import Summary, fewest
from selfee_rt.workbench.new_file import check_new_file, write_new_file

TITLES = {
    "software": "Latency of the software loop",
    "camera": "Latency of the camera loop",
}
COLUMNS = ("p50", "p95", "p99", "min", "max", "jitter")
KEY = (
    "Milliseconds. Percentiles are of all probes, one that was not answered counting as slower than any; min, max and "
    f"jitter (standard deviation) are of those that were. -: fewer than {fewest(95)} probes for p95, {fewest(99)} for "
    "p99; >max: it falls on a probe that was not answered."
)
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 860px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid #ddd; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
p.says { color: #555; } p.flaw { border-left: 3px solid #d55e00; padding-left: 10px; } svg { max-width: 100%; }
"""


def text(found: Measurement) -> str:
    """The report for a terminal."""
    return "\n".join(_text_lines(found))


def _text_lines(found: Measurement) -> Iterator[str]:
    yield f"{TITLES[found.loop]}: {_asked(found)}"
    yield from (f"WARNING: {flaw}" for flaw in found.flaws)
    for series in found.totals:
        drawn = histogram(series.values_ms)
        yield f"\n{series.name}: {series.says}"
        yield from text_lines(drawn) if drawn is not None else ["(no probe was answered)"]
    yield f"\n{'ms':<28}" + "".join(f"{column:>10}" for column in COLUMNS)
    for heading, group in _groups(found):
        yield heading
        for series in group:
            yield f"  {series.name:<26.26}" + "".join(f"{cell:>10}" for cell in cells(found.summary(series)))
    yield f"\n{KEY}"
    yield from (f"note: {note}" for note in found.notes)


def _asked(found: Measurement) -> str:
    tally = found.tally
    return f"{tally.probes:,} probes, {tally.answered:,} answered, {found.n_exposures:,} exposures"


def _groups(found: Measurement) -> tuple[tuple[str, tuple[Series, ...]], ...]:
    return (
        ("total", found.totals),
        ("of which neither software nor device", found.apart),
        ("of which software and device", found.hops),
    )


def cells(summary: Summary) -> tuple[str, ...]:
    """A row of the table, below `COLUMNS`."""
    percentiles = ((50, summary.p50_ms), (95, summary.p95_ms), (99, summary.p99_ms))
    return (
        *(_percentile(percent, value, summary.n) for percent, value in percentiles),
        *(_number(value) for value in (summary.min_ms, summary.max_ms, summary.jitter_ms)),
    )


def _percentile(percent: int, value: float | None, n: int) -> str:
    return ">max" if value is None and n >= fewest(percent) else _number(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def html(found: Measurement) -> str:
    """The report as one page that refers to nothing outside itself."""
    title = escape(TITLES[found.loop])
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    body = "\n".join(_html_parts(found))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n<h1>{title}</h1>\n{body}\n</body></html>\n'


def _html_parts(found: Measurement) -> Iterator[str]:
    yield f"<p>{escape(_asked(found))}.</p>"
    yield from (f'<p class="flaw">{escape(flaw)}</p>' for flaw in found.flaws)
    for series in found.totals:
        yield f'<h2>{escape(series.name)}</h2><p class="says">{escape(series.says)}, in milliseconds</p>'
        yield _drawing(found, series)
    yield f'<h2>Numbers</h2><p class="says">{escape(KEY)}</p>'
    yield _table(found)
    yield from (f"<p>{escape(note)}</p>" for note in found.notes)
    facts = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in found.facts.items())
    yield f"<h2>Measured on</h2><table>{facts}</table>"


def _drawing(found: Measurement, series: Series) -> str:
    drawn, summary = histogram(series.values_ms), found.summary(series)
    if drawn is None:
        return "<p>No probe was answered.</p>"
    marks = (("p50", summary.p50_ms), ("p95", summary.p95_ms), ("p99", summary.p99_ms))
    return svg(drawn, series.name, [(name, value) for name, value in marks if value is not None])


def _table(found: Measurement) -> str:
    head = "<th></th>" + "".join(f'<th class="n">{column}</th>' for column in COLUMNS) + "<th></th>"
    rows = []
    for heading, group in _groups(found):
        rows.append(f'<tr><th colspan="{len(COLUMNS) + 2}">{escape(heading)}</th></tr>')
        for series in group:
            numbers = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells(found.summary(series)))
            rows.append(f"<tr><td>{escape(series.name)}</td>{numbers}<td>{escape(series.says)}</td></tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def document(found: Measurement) -> dict[str, Any]:
    """The report for programs; every measured value is in it."""
    tally = found.tally
    return {
        "loop": found.loop,
        "probes": {name: getattr(tally, name) for name in ("probes", *type(tally).__dataclass_fields__)},
        "latencies": {
            kind: {series.name: _series(found, series) for series in group}
            for kind, group in (("total", found.totals), ("apart", found.apart), ("hops", found.hops))
        },
        "exposures": found.n_exposures,
        "losses": dict(found.losses),
        "flaws": list(found.flaws),
        "notes": list(found.notes),
        "facts": dict(found.facts),
    }


def _series(found: Measurement, series: Series) -> dict[str, Any]:
    summary = found.summary(series)
    numbers = {name: getattr(summary, name) for name in type(summary).__dataclass_fields__}
    return {"says": series.says, **numbers, "values_ms": list(series.values_ms)}


def check_report(path: Path) -> None:
    """Refuse a report's file before anything is measured.

    Raises:
        ConfigError: it exists, its folder does not, or it is neither HTML nor JSON.
    """
    check_new_file("--report", path, "a report is HTML or JSON", (".html", ".json"))


def write_report(found: Measurement, path: Path) -> None:
    """Write the report as the file's name says.

    Raises:
        FolderError: the file cannot be written.
    """
    page = html(found) if path.suffix.lower() == ".html" else json.dumps(document(found), indent=1, allow_nan=False)
    write_new_file(path, page)
