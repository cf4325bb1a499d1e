"""Which format a label file is in, and reading it."""

import re
from pathlib import Path

from selfee_rt.config import LabelsConfig, LabelsFormat
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels.authors import fields, read_fly, read_mouse
from selfee_rt.workbench.labels.boris import read_aggregated, read_tabular
from selfee_rt.workbench.labels.boris_table import find_table
from selfee_rt.workbench.labels.document import Document, open_document
from selfee_rt.workbench.labels.matrix import BACKGROUND, INDEX_NAMES, read_deepethogram, read_simba
from selfee_rt.workbench.labels.plain import read_plain
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import KINDS, Scored

NUMBER = re.compile(r"[-+]?\d+(\.\d*)?", re.ASCII)


def read_scored(path: Path, config: LabelsConfig | None = None) -> Scored:
    """Read a label file in any format.

    Raises:
        LabelsError: it cannot be read, its format is not recognised, a line is malformed, or the file leaves a choice
            that `config` does not make; names the line.
    """
    config = config or LabelsConfig()
    document = open_document(path)
    match config.format or recognised(document, config):
        case "csv":
            return read_plain(document)
        case "fly":
            return read_fly(document, config)
        case "mouse":
            return read_mouse(document)
        case "boris-aggregated":
            return read_aggregated(document, config)
        case "boris-tabular":
            return read_tabular(document, config)
        case "deepethogram":
            return read_deepethogram(document)
        case "simba":
            return read_simba(document, config)


def recognised(document: Document, config: LabelsConfig) -> LabelsFormat:
    """Tell the format from the content; the name of the file plays no part.

    Raises:
        LabelsError: it is like none.
    """
    found = _by_columns(document, config) or _by_words(document)
    if found is None:
        raise _unknown(document, config)
    return found


def _by_columns(document: Document, config: LabelsConfig) -> LabelsFormat | None:
    columns = [name.strip().strip('"') for name in document.lines[0].split(",")]
    if columns[0] == "frame":
        return "csv"
    table = find_table(document)
    if table is not None:
        return table[0]
    if len(columns) > 1 and columns[0] in INDEX_NAMES:
        return "deepethogram" if columns[1] == BACKGROUND else "simba"
    if config.targets and set(config.targets) <= set(columns):
        return "simba"
    return None


def _by_words(document: Document) -> LabelsFormat | None:
    _, words = next(fields(document), (0, []))
    if len(words) == 5 and words[4] in ("start", "stop"):
        return "mouse"
    if len(words) == 3 and all(NUMBER.fullmatch(word) for word in words):
        return "fly"
    return None


def _unknown(document: Document, config: LabelsConfig) -> LabelsError:
    known = ", ".join(f"{name} ({kind})" for name, kind in KINDS.items())
    return document.wrong(
        1, f"is like none of the label files that are known: {known}; force one" + remedy(config, format="csv")
    )
