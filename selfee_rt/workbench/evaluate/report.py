"""One HTML file that holds everything: tables, figures, what the data were, and how to repeat it."""

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate import tables
from selfee_rt.workbench.evaluate.document import document
from selfee_rt.workbench.evaluate.drawing import Drawn, data_uri, module
from selfee_rt.workbench.evaluate.figures import confusions, ethograms, price_of_waiting, reliabilities
from selfee_rt.workbench.evaluate.figures_embedding import autocorrelation, embedding_map
from selfee_rt.workbench.evaluate.results import Evaluation
from selfee_rt.workbench.new_file import new_file_problems, write_new_file

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1b1b; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.4rem; }
table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid #ddd; vertical-align: top;
  font-variant-numeric: tabular-nums; }
th { border-bottom: 1px solid #444; } td { white-space: nowrap; }
img { max-width: 100%; height: auto; } p.says { color: #555; max-width: 800px; }
p.empty { border-left: 3px solid #d55e00; padding-left: 10px; }
pre { background: #f4f4f4; padding: 10px; overflow-x: auto; }
"""


def check_writable(out: Path | None, *, with_json: bool) -> None:
    """Refuse an output before the work begins; load what draws.

    Raises:
        ConfigError: a file exists, there is no such folder, or JSON is asked for without a report.
        MissingExtra: matplotlib or scikit-learn is not installed.
    """
    if out is None:
        if with_json:
            raise ConfigError(["--json writes beside the report; give --out report.html too"])
        return
    problems = new_file_problems("--out", out, "the report is an HTML file", (".html", ".htm"))
    if with_json and json_path(out).exists():
        problems.append(f"{json_path(out)} exists; nothing is ever overwritten, choose another --out")
    if problems:
        raise ConfigError(problems)
    for name in ("matplotlib.figure", "sklearn.manifold"):
        module(name)


def json_path(out: Path) -> Path:
    """Where the numbers go, beside the report."""
    return out.with_suffix(".json")


def write_report(found: Evaluation, out: Path, command: str, *, with_json: bool) -> None:
    """Write the report and, beside it, the numbers.

    Raises:
        FolderError: a file cannot be written.
        MissingExtra: matplotlib or scikit-learn is not installed.
    """
    write_new_file(out, html(found, drawn(found), command))
    if with_json:
        write_new_file(json_path(out), json.dumps(document(found, command), indent=1, allow_nan=False))


def drawn(found: Evaluation) -> tuple[Drawn, ...]:
    """All figures, in the order of the report."""
    return (
        *ethograms(found),
        confusions(found),
        price_of_waiting(found),
        reliabilities(found),
        embedding_map(found),
        autocorrelation(found),
    )


def html(found: Evaluation, figures: Sequence[Drawn], command: str) -> str:
    """The whole report; it refers to nothing outside itself."""
    names = ", ".join(recording.name for recording in found.recordings)
    parts = [
        f"<h1>Evaluation of {escape(names)}</h1>",
        *_summary(found),
        *(_table(each) for each in (tables.overview(found), tables.per_label(found), tables.stimulus(found))),
        *(_figure(each) for each in figures),
        _table(tables.probabilities(found)),
        _table(tables.recordings(found)),
        *_repeat(found, command),
    ]
    head = f'<meta charset="utf-8"><title>Evaluation of {escape(names)}</title><style>{STYLE}</style>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _summary(found: Evaluation) -> Iterator[str]:
    if len(found.recordings) > 1:
        how = f"Each of {len(found.recordings)} recordings was held out in turn."
    else:
        how = (
            f"The recording was held out in {len(found.folds)} blocks in turn; {found.settings.gap_exposures} "
            "exposures on either side were neither taught nor scored."
        )
    prepared = (
        "neither centred nor projected, as in the paper"
        if found.settings.preparation.paper
        else "centred and projected by the training part alone"
    )
    yield (
        f"<p>{escape(how)} Embeddings were {prepared}. Classifiers and smoothings ran as in a session, exposure by "
        "exposure; only centred windows need the future and exist offline alone.</p>"
    )
    if found.notes:
        yield "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in found.notes) + "</ul>"


def _table(table: tables.Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    says = f'<p class="says">{escape(table.says)}</p>' if table.says else ""
    return f"<h2>{escape(table.title)}</h2>{says}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _figure(each: Drawn) -> str:
    if each.figure is None:
        return f'<h2>{escape(each.title)}</h2><p class="empty">{escape(each.says)}</p>'
    image = f'<img src="{data_uri(each)}" alt="{escape(each.title)}">'
    return f'<h2>{escape(each.title)}</h2><p class="says">{escape(each.says)}</p>{image}'


def _repeat(found: Evaluation, command: str) -> Iterator[str]:
    told = document(found, command)
    yield "<h2>How to repeat it</h2>"
    yield f"<pre>{escape(command)}</pre>"
    kept = {name: told[name] for name in ("model", "versions", "settings", "folds", "intervals")}
    yield f"<pre>{escape(json.dumps(kept, indent=1, default=str))}</pre>"
