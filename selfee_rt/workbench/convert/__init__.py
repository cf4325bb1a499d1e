"""A session's log as CSV tables, for what people do with them afterwards."""

from collections.abc import Mapping
from pathlib import Path

from selfee_rt.folder import SessionFolder
from selfee_rt.stimuli import Verdict
from selfee_rt.workbench.analyses.output import new_folder, write_table
from selfee_rt.workbench.convert.actions import actions_table
from selfee_rt.workbench.convert.observed import bouts_table, losses_table, observations_table
from selfee_rt.workbench.convert.readme import readme
from selfee_rt.workbench.convert.trials import trials_table
from selfee_rt.workbench.convert.truth import unblind

__all__ = ["convert", "unblind"]


def convert(session: SessionFolder, out: Path, truth: Mapping[int, Verdict], unblinded: str | None = None) -> None:
    """Write a session's tables and their README to the new folder `out`.

    `truth` is what `unblind` returned, and `unblinded` who had it told and why; without both, blinded trials stay so.

    Raises:
        ConfigError: `out` exists, or the folder it would be in does not.
        FolderError: the log is damaged, or `out` cannot be written.
    """
    tables = (
        trials_table(session, truth),
        observations_table(session),
        bouts_table(session),
        losses_table(session),
        actions_table(session),
    )
    with new_folder(out) as folder:
        (folder / "README.txt").write_text(readme(session, tables, unblinded), encoding="utf-8", newline="\n")
        for table in tables:
            write_table(folder / f"{table.name}.csv", [column.name for column in table.columns], table.rows)
