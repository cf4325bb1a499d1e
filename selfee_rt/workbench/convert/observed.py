"""Tables of what was seen: observations, bouts, and exposures without either."""

from collections.abc import Iterator, Sequence
from typing import Any

from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.captured import captured_ns
from selfee_rt.workbench.convert.table import Column, HostTimes, Table, seconds

ARENA = Column("arena", "name of the arena")
OBSERVATION_COLUMNS = (
    ARENA,
    Column("frame_index", "current exposure of the live frame, counted from 0"),
    Column("label_index", "exposure that the label describes"),
    Column("newest_index", "newest exposure that was needed"),
    Column("label", "what the animal does; empty: not known"),
    Column("alarm", "1: an anomaly score is above its threshold; empty: not known"),
    Column("stimulus", "off, on or after: whether the light of a trial, sham or not, may be in the picture"),
    Column("revision", "counts what was taught or changed in the session before"),
    Column("media_s", "time of the current exposure on the stream's own clock, s"),
    Column("captured_s", "when the current exposure was captured, s since the session started"),
    Column("decided_s", "when it was decided about, s since the session started"),
)
BOUT_COLUMNS = (
    ARENA,
    Column("label", "what the animal does"),
    Column("source", "predicted, user or template"),
    Column("start_index", "its first exposure"),
    Column("stop_index", "its last exposure, which belongs to it"),
    Column("start_media_s", "time of the first on the stream's own clock, s"),
    Column("stop_media_s", "time of the last on the stream's own clock, s"),
    Column("start_captured_s", "when the first was captured, s since the session started"),
    Column("stop_captured_s", "when the last was captured, s since the session started"),
)
LOSS_COLUMNS = (
    ARENA,
    Column("hop", "where they were lost: source, background, edge, gap, channel:<name> or fault"),
    Column("first_index", "first exposure of the range"),
    Column("last_index", "last exposure of the range, which belongs to it"),
)


def observations_table(session: SessionFolder) -> Table:
    """One row per arena and exposure, in the order in which they were written.

    Raises:
        FolderError: the log is damaged.
    """
    record = session.record
    columns = (
        *OBSERVATION_COLUMNS,
        *(Column(f"probability:{label}", "0 to 1; empty: not known") for label in record.labels),
        *(Column(f"score:{each.name}", "anomaly score; empty: not known") for each in record.detectors),
    )
    return Table("observations", "What was said about an arena at an exposure.", columns, _observations(session))


def _observations(session: SessionFolder) -> Iterator[Sequence[Any]]:
    record, times = session.record, HostTimes(session.record.started)
    unknown = (None,) * len(record.labels)
    for o in session.observations():
        e = o.exposure
        yield (
            o.arena, e.index, o.label_index, e.newest_index, o.label, None if o.alarm is None else int(o.alarm),
            o.stimulus, o.revision, seconds(e.media_ns), times.seconds(e.captured_ns), times.seconds(o.decided_ns),
            *(unknown if o.probabilities is None else o.probabilities),
            *(o.scores.get(each.name) for each in record.detectors),
        )  # fmt: skip


def bouts_table(session: SessionFolder) -> Table:
    """One row per bout.

    Raises:
        FolderError: the log is damaged.
    """
    return Table("bouts", "Uninterrupted runs of one label.", BOUT_COLUMNS, _bouts(session))


def _bouts(session: SessionFolder) -> Iterator[Sequence[Any]]:
    times, bouts = HostTimes(session.record.started), list(session.bouts())
    starts_ns = captured_ns(session, [bout.start_index for bout in bouts]).tolist()
    stops_ns = captured_ns(session, [bout.stop_index for bout in bouts]).tolist()
    for b, start_ns, stop_ns in zip(bouts, starts_ns, stops_ns, strict=True):
        media = (seconds(b.start_media_ns), seconds(b.stop_media_ns))
        captured = (times.seconds(start_ns), times.seconds(stop_ns))
        yield (b.arena, b.label, b.source, b.start_index, b.stop_index, *media, *captured)


def losses_table(session: SessionFolder) -> Table:
    """One row per range of exposures that an arena lost.

    Raises:
        FolderError: the log is damaged.
    """
    return Table("losses", "Ranges of exposures that were not observed.", LOSS_COLUMNS, session.table("losses"))
