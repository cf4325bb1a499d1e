"""The README of converted tables: where they come from, and what each column means."""

from collections.abc import Iterator, Sequence

from selfee_rt.folder import SessionFolder, SessionRecord
from selfee_rt.workbench.convert.table import Table


def readme(session: SessionFolder, tables: Sequence[Table], unblinded: str | None) -> str:
    """Text for people; `unblinded` says who had the trials' truth told and why, None: nobody."""
    return "\n".join(
        [*_session(session), "", _blinding(session.record, unblinded), "", *_conventions(), *_tables(tables)]
    )


def _session(session: SessionFolder) -> Iterator[str]:
    record, end = session.record, session.ended
    yield f"Session {record.session_id}"
    yield f"Source: {record.name}"
    yield f"Started: {record.started.local} ({record.started.time_zone})"
    if end is None:
        yield f"Killed, or still running when this was made; exposures 0 to {session.last_index}"
    else:
        yield f"Ended: {end.how}{f' ({end.why})' if end.why else ''}; exposures 0 to {end.last_index}"


def _blinding(record: SessionRecord, unblinded: str | None) -> str:
    if record.stimulation is None:
        return "The session had no rules: there are no trials."
    if not record.stimulation.blind:
        return "The session was not blinded."
    if unblinded is None:
        return "The session was blinded, and these tables are: a trial's verdict is `blinded`, fired or sham alike."
    return f"The session was blinded; these tables are NOT: {unblinded}."


def _conventions() -> Iterator[str]:
    yield "CSV, UTF-8, commas, a point before decimals; an empty cell: not known, or there is none."
    yield "Seconds since the session started are on the recording computer's own clock, from the instant `Started`."
    yield "Seconds on the stream's own clock are the camera's or the file's; rules are decided on them."


def _tables(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield f"\n{table.name}.csv\n  {table.says}"
        width = max(len(column.name) for column in table.columns)
        yield from (f"  {column.name:<{width}}  {column.meaning}" for column in table.columns)
