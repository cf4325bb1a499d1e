"""Labels of recordings: reading and writing our own files and those of other programs."""

from selfee_rt.workbench.labels.plain import COLUMNS, check_length, read_labels
from selfee_rt.workbench.labels.reading import read_scored
from selfee_rt.workbench.labels.resolve import check_early, exposure_at, labels_of
from selfee_rt.workbench.labels.scored import KINDS, UNLABELLED, Event, Scored, runs
from selfee_rt.workbench.labels.session import scored_by_session
from selfee_rt.workbench.labels.writable import Writable
from selfee_rt.workbench.labels.writing import write_labels

__all__ = [
    "COLUMNS",
    "KINDS",
    "UNLABELLED",
    "Event",
    "Scored",
    "Writable",
    "check_early",
    "check_length",
    "exposure_at",
    "labels_of",
    "read_labels",
    "read_scored",
    "runs",
    "scored_by_session",
    "write_labels",
]
