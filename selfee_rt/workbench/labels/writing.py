"""Writing the label of every exposure in any of the formats; what a format cannot carry is refused, never lost."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from selfee_rt.config import LabelsFormat
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels.authors import FLY_CODES
from selfee_rt.workbench.labels.document import open_document
from selfee_rt.workbench.labels.matrix import BACKGROUND
from selfee_rt.workbench.labels.plain import COLUMNS
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import UNLABELLED, runs
from selfee_rt.workbench.labels.writable import Writable, check_events
from selfee_rt.workbench.labels.writing_boris import aggregated, tabular


def write_labels(path: Path, format_: LabelsFormat, content: Writable) -> None:
    """Write labels to a file that does not exist yet; BORIS files are TSV where the name ends in .tsv, else CSV.

    What the formats do not carry: `fly` names (only codes); `mouse` and BORIS exposures without an event but as
    `config.unscored`, and the length of the recording; `simba` exposures that nobody scored. Read with the same
    `codes`, `unscored` and `targets`, length and frame rate, every file gives the same labels back, or it is not
    written.

    Raises:
        LabelsError: the format cannot carry these labels, or the file exists or cannot be written.
    """
    if path.exists():
        raise LabelsError(f"{path} exists; nothing is ever overwritten, choose another file")
    _check_names(content)
    text_of: dict[LabelsFormat, Callable[[Writable], Iterator[Sequence[Any]]]] = {
        "csv": _plain,
        "boris-aggregated": aggregated,
        "boris-tabular": tabular,
        "deepethogram": _deepethogram,
        "simba": _simba,
    }
    rows = list(text_of[format_](content)) if format_ in text_of else []
    lines = list(_fly(content) if format_ == "fly" else _mouse(content)) if format_ not in text_of else []
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            if rows:
                delimiter = "\t" if path.suffix == ".tsv" and format_.startswith("boris") else ","
                csv.writer(file, lineterminator="\n", delimiter=delimiter).writerows(rows)
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise LabelsError(f"cannot write the labels {path}: {error.strerror}; choose another place") from error


def _check_names(content: Writable) -> None:
    if not content.labels:
        raise LabelsError("there are no labels to write; expected one per exposure")
    for label in sorted(set(content.labels)):
        if not label or label != label.strip() or len(label.splitlines()) > 1:
            raise LabelsError(f"the label {label!r} cannot be written: expected one line without spaces at its ends")


def _plain(content: Writable) -> Iterator[Sequence[Any]]:
    yield COLUMNS
    yield from enumerate(content.labels)


def _fly(content: Writable) -> Iterator[str]:
    codes = content.config.codes or {label: int(code) for code, label in FLY_CODES.items()}
    for label in sorted(set(content.labels)):
        if label not in codes and label != UNLABELLED:
            free = max(7, *(code + 1 for code in codes.values()))
            raise LabelsError(
                f"the label {label!r} has no code, and the fly format holds codes only, expected of "
                f"{', '.join(codes)}; give it one" + remedy(content.config, codes={**codes, label: free})
            )
    used = {UNLABELLED: 6, **codes}
    shared = [label for label in used if list(used.values()).count(used[label]) > 1]
    if shared:
        raise LabelsError(f"the labels {' and '.join(shared)} have the same code in labels.codes; give each its own")
    yield "#" + " ".join(f"{code} {label}" for label, code in sorted(used.items(), key=lambda item: item[1]))
    for label, first, last in runs(content.labels):
        yield f"{first + 1} {last + 1} {used[label]}"


def _mouse(content: Writable) -> Iterator[str]:
    fps = content.rate("the mouse format")
    check_events(content, "the mouse format")
    for bout in content.bouts:
        if len(bout.label.split()) > 1 or bout.label.startswith("#"):
            raise LabelsError(f"the label {bout.label!r} has a space, which the mouse format cannot hold; rename it")
        for frame, what in ((bout.first + 1, "start"), (bout.last + 1, "stop")):
            minutes, seconds = divmod(round(100 * frame / fps), 6000)
            yield f"{frame:>5} {minutes:>5}:{seconds / 100:05.2f}    {bout.label:<18} either    {what}"


def _deepethogram(content: Writable) -> Iterator[Sequence[Any]]:
    names = [BACKGROUND, *(name for name in content.names if name != BACKGROUND)]
    yield ["", *names]
    for index, label in enumerate(content.labels):
        yield [index, *(-1 if label == UNLABELLED else int(label == name) for name in names)]


def _simba(content: Writable) -> Iterator[Sequence[Any]]:
    if UNLABELLED in content.labels:
        raise LabelsError(
            f"exposure {content.labels.index(UNLABELLED)} is {UNLABELLED!r}; SimBA knows 0 and 1 only, so that nobody "
            "scored it would be lost: label every exposure first"
        )
    names = [name for name in content.names if name != content.config.unscored]
    if not names:
        raise LabelsError(f"every exposure is {content.config.unscored!r}; SimBA needs one behaviour at least")
    features = _features(content)
    clash = sorted(set(features[0]) & set(names))
    if clash:
        raise LabelsError(f"{content.features} has a column {clash[0]!r} already; give the features without targets")
    yield [*features[0], *names]
    for row, label in zip(features[1:], content.labels, strict=True):
        yield [*row, *(int(label == name) for name in names)]


def _features(content: Writable) -> list[list[str]]:
    """Header and rows to append the targets to; without a file of features, the exposures' numbers alone."""
    if content.features is None:
        return [[""], *([str(index)] for index in range(len(content.labels)))]
    rows = [row for _, row in open_document(content.features).rows()]
    if len(rows) - 1 != len(content.labels):
        raise LabelsError(
            f"{content.features} holds features of {len(rows) - 1} exposures, expected {len(content.labels)}, one line "
            "per label"
        )
    return rows
