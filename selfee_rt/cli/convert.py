"""`selfee-rt convert`: a session's log as tables."""

from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfee_rt.folder import SessionFolder

FILE = click.Path(path_type=Path)


@click.command("convert")
@click.argument("folder", metavar="SESSION_DIR", type=FILE)
@click.option(
    "--to",
    type=click.Choice(["csv"]),
    default="csv",
    show_default=True,
    expose_value=False,
    help="Format of the tables.",
)
@click.option("--out", required=True, type=FILE, help="The folder to make.")
@click.option("--unblind", "unblinding", is_flag=True, help="Tell which trials of a blinded session were sham.")
@click.option("--why", metavar="TEXT", help="Why you unblind; it is logged in the session folder with your name.")
def convert_command(folder: Path, out: Path, unblinding: bool, why: str | None) -> None:
    """Write trials, observations, bouts, losses and actions of a session as tables, with a README of their columns.

    Works on a session that was killed or is running. In a blinded session nothing differs between sham and real,
    unless --unblind is given.
    """
    from selfee_rt.folder import SessionFolder
    from selfee_rt.workbench.analyses.output import check_new
    from selfee_rt.workbench.convert import convert

    why = None if why is None else why.strip()
    if unblinding and not why:
        raise click.UsageError("--unblind needs --why TEXT: the reason is logged in the session folder")
    if why is not None and not unblinding:
        raise click.UsageError("--why is for --unblind; leave it out, or give both")
    check_new(out)
    with SessionFolder(folder) as session:
        session.hold()
        if why is None:
            convert(session, out, {})
        else:
            _unblinded(session, out, why)
    click.echo(f"written: {out}")


def _unblinded(session: "SessionFolder", out: Path, why: str) -> None:
    from selfee_rt.clock import wall_clock
    from selfee_rt.folder.schema import UNBLINDED_FILE
    from selfee_rt.workbench.convert import convert, unblind

    who, at = _user(), wall_clock().astimezone()
    told = unblind(session, who, why, at)
    click.echo(f"unblinded {len(told)} trials; logged in {session.path / UNBLINDED_FILE}: {who}, {why!r}")
    convert(session, out, told, f"unblinded by {who} at {at.isoformat(timespec='seconds')}, {why!r}")


def _user() -> str:
    """The user's name, as far as the system knows one."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # which of them depends on the system and on Python's version
        return "a user without a name"
