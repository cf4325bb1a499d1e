"""The two label files of Selfee's authors, as their own scripts read them.

Source: Jia et al. 2022, eLife 11:e76218; the annotations and scripts published with the paper.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from selfee_rt.config import LabelsConfig
from selfee_rt.workbench.labels.document import Document
from selfee_rt.workbench.labels.scored import KINDS, UNLABELLED, Event, Scored

FLY_CODES = {
    "0": "nothing",
    "1": "orientation",
    "2": "chasing",
    "3": "winging",
    "4": "pre-copulation",
    "5": "copulation",
    "6": UNLABELLED,
}
"""What the codes mean in the paper's scripts."""

UNKNOWN_CODE = "6"
"""The code of exposures that nobody scored."""

Lines = Iterator[tuple[int, list[str]]]


def fields(document: Document) -> Lines:
    """Line number and words of every line that is neither empty nor a comment (#)."""
    for number, line in enumerate(document.lines, start=1):
        words = line.split()
        if words and not words[0].startswith("#"):
            yield number, words


def read_fly(document: Document, config: LabelsConfig) -> Scored:
    """Read lines of `start end code`: exposures counted from 1, both ends inclusive; `config.codes` names the codes.

    Raises:
        LabelsError: a line is something else; names it.
    """
    events = tuple(_fly_event(document, line, words) for line, words in fields(document))
    if not events:
        raise document.wrong(1, "there are no labels; expected lines of start end code")
    length = int(max(event.stop for event in events)) + 1
    names = {str(code): label for label, code in config.codes.items()}
    codes = {UNKNOWN_CODE: UNLABELLED} | names if names else FLY_CODES
    return Scored(document.path, KINDS["fly"], events, exposures=length, exact=False, codes=tuple(codes.items()))


def _fly_event(document: Document, line: int, words: list[str]) -> Event:
    if len(words) != 3:
        raise document.wrong(line, f"got {len(words)} words, expected 3: start end code")
    start = document.whole(words[0], line, "start")
    end = document.whole(words[1], line, "end")
    code = document.whole(words[2], line, "code")
    if start < 1:
        raise document.wrong(line, "starts at frame 0; frames of this format are counted from 1")
    if end < start:
        raise document.wrong(line, f"ends at frame {end}, before its start, {start}; expected start <= end")
    return Event(str(code), start - 1, end - 1, line)


def read_mouse(document: Document) -> Scored:
    """Read lines of `frame time behaviour subject start|stop`: frames from 1, time as m:ss.cc, ends inclusive.

    The exposure at which one behaviour stops and another starts belongs to the one that starts, as in the authors'
    script.

    Raises:
        LabelsError: a line is something else, a start has no stop or a stop no start; names the line.
    """
    marks = [_mark(document, line, words) for line, words in fields(document)]
    events = _without_shared_ends(list(_paired(document, marks)))
    if not events:
        raise document.wrong(1, "there are no labels; expected lines of frame time behaviour subject start|stop")
    stated = tuple((mark.line, mark.frame, mark.time_s) for mark in marks)
    return Scored(document.path, KINDS["mouse"], tuple(events), stated=stated)


class _Mark(NamedTuple):
    """One line: a behaviour starts or stops at a frame, counted from 1."""

    line: int
    frame: int
    time_s: float
    behaviour: str
    subject: str
    starts: bool


def _mark(document: Document, line: int, words: list[str]) -> _Mark:
    if len(words) != 5 or words[4] not in ("start", "stop"):
        raise document.wrong(line, f"got {' '.join(words)!r}, expected frame time behaviour subject start|stop")
    frame = document.whole(words[0], line, "frame")
    if frame < 1:
        raise document.wrong(line, "got frame 0; frames of this format are counted from 1")
    return _Mark(line, frame, _time_s(document, words[1], line), words[2], words[3], words[4] == "start")


def _time_s(document: Document, text: str, line: int) -> float:
    match = re.fullmatch(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text, re.ASCII)
    if match is None:
        raise document.wrong(line, f"got the time {text!r}, expected minutes and seconds, such as 1:23.45")
    hours, minutes, seconds = match.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds)


def _paired(document: Document, marks: list[_Mark]) -> Iterator[Event]:
    running: dict[tuple[str, str], _Mark] = {}
    for mark in marks:
        key = (mark.behaviour, mark.subject)
        begun = running.pop(key, None)
        if mark.starts:
            if begun is not None:
                raise document.wrong(
                    mark.line, f"{mark.behaviour!r} starts again; the start in line {begun.line} has no stop"
                )
            running[key] = mark
            continue
        if begun is None:
            raise document.wrong(mark.line, f"{mark.behaviour!r} stops without a start; expected a start before it")
        if mark.frame < begun.frame:
            raise document.wrong(
                mark.line,
                f"{mark.behaviour!r} stops at frame {mark.frame}, before its start, {begun.frame} (line {begun.line})",
            )
        yield Event(mark.behaviour, begun.frame - 1, mark.frame - 1, begun.line, mark.subject)
    for begun in running.values():
        raise document.wrong(begun.line, f"{begun.behaviour!r} starts and never stops; expected a stop after it")


def _without_shared_ends(events: list[Event]) -> list[Event]:
    """End a behaviour one exposure earlier where another of the same subject starts with its last."""
    starts = {(event.subject, event.start) for event in events}
    return [
        replace(event, stop=event.stop - 1)
        if event.stop > event.start and (event.subject, event.stop) in starts
        else event
        for event in events
    ]
