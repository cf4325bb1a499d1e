"""The table of what people, clients and the session itself did."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.convert.table import Column, HostTimes, Table

COLUMNS = (
    Column("at_s", "when, s since the session started"),
    Column("wall_clock", "when, ISO 8601, the recording computer's time zone"),
    Column("frame_index", "exposure from which it holds"),
    Column("action", "what was done"),
    Column("arguments", "with what, as a JSON object"),
    Column("result", "what came of it"),
)


def actions_table(session: SessionFolder) -> Table:
    """One row per action.

    Raises:
        FolderError: the log is damaged.
    """
    return Table("actions", "What people, clients and the session itself did.", COLUMNS, _rows(session))


def _rows(session: SessionFolder) -> Iterator[Sequence[Any]]:
    times = HostTimes(session.record.started)
    for a in session.actions():
        arguments = msgspec.json.encode(a.arguments).decode()
        yield (times.seconds(a.at_ns), times.wall_clock(a.at_ns), a.frame_index, a.action, arguments, a.result)
