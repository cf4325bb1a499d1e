"""Rows of the two exports of BORIS, in the columns of version 8."""

from collections.abc import Iterator, Sequence
from typing import Any

from selfee_rt.workbench.labels.boris import NO_SUBJECT
from selfee_rt.workbench.labels.writable import Writable, check_events


def aggregated(content: Writable) -> Iterator[Sequence[Any]]:
    """A line per bout."""
    fps = content.rate("BORIS")
    check_events(content, "BORIS")
    shared = _shared_columns(content, fps)
    yield [
        *("Observation id", "Observation date", "Description", "Observation type", "Source", "Time offset (s)"),
        *("Coding duration", "Media duration (s)", "FPS (frame/s)", "Subject"),
        *("Observation duration by subject by observation", "Behavior", "Behavioral category", "Behavior type"),
        *("Start (s)", "Stop (s)", "Duration (s)", "Media file name", "Image index start", "Image index stop"),
        *("Image file path start", "Image file path stop", "Comment start", "Comment stop"),
    ]
    scored_s = sum(bout.last + 1 - bout.first for bout in content.bouts) / fps
    for bout in content.bouts:
        start, stop = bout.first / fps, (bout.last + 1) / fps
        yield [
            *shared[:6],
            *(shared[6], shared[6], shared[7], NO_SUBJECT, f"{scored_s:.3f}", bout.label, "", "STATE"),
            *(f"{start:.3f}", f"{stop:.3f}", f"{stop - start:.3f}", "", bout.first, bout.last + 1, "NA", "NA", "", ""),
        ]


def tabular(content: Writable) -> Iterator[Sequence[Any]]:
    """A line per start and per stop."""
    fps = content.rate("BORIS")
    check_events(content, "BORIS")
    shared = _shared_columns(content, fps)
    yield [
        *("Observation id", "Observation date", "Description", "Observation duration", "Observation type", "Source"),
        *("Time offset (s)", "Media duration (s)", "FPS", "Subject", "Behavior", "Behavioral category"),
        *("Behavior type", "Time", "Media file name", "Image index", "Image file path", "Comment"),
    ]
    for bout in content.bouts:
        for what, exposure in (("START", bout.first), ("STOP", bout.last + 1)):
            yield [
                *(*shared[:3], shared[6], *shared[3:6], shared[6], shared[7], NO_SUBJECT, bout.label, "", what),
                *(f"{exposure / fps:.3f}", "", exposure, "NA", ""),
            ]


def _shared_columns(content: Writable, fps: float) -> list[str]:
    """Id, date, description, type, source, offset, duration, frame rate."""
    return [content.name, "", "", "Media file(s)", "", "0.0", f"{len(content.labels) / fps:.3f}", repr(float(fps))]
