"""`selfee-rt verify`: does a session folder hold together."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="SESSION_DIR", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Check a session folder: every exposure accounted for once, every picture there, nothing changed since.

    Works on a killed session as on one that ended. Exits with status 1 if a check fails.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from selfee_rt.workbench.verify import verify as check_all

    report = check_all(folder)
    table = Table("", "check", "finding", box=None, pad_edge=False)
    for check in report.checks:
        mark = Text("ok", "green") if check.passed else Text("FAILED", "bold red")
        table.add_row(mark, Text(check.name), Text(check.finding))
    Console().print(table)
    n_failed = sum(not check.passed for check in report.checks)
    if n_failed:
        click.echo(f"{folder}: {n_failed} of {len(report.checks)} checks failed")
        raise SystemExit(1)
    click.echo(f"{folder}: all {len(report.checks)} checks passed, {report.last_index + 1} exposures")
