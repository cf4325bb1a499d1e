"""`selfee-rt align`: a session's clocks against those of an ephys system."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfee_rt.workbench.align import Alignment, Count, HostClock, Spread, Stretch, Unit

FILE = click.Path(path_type=Path)


@click.command("align")
@click.argument("folder", metavar="SESSION_DIR", type=FILE)
@click.option("--ttl", "edges", required=True, type=FILE, help="Rising edges of the sync output, one per line (CSV).")
@click.option("--column", metavar="NAME", help="Its column with the times: a heading, or its place from 1 on.")
@click.option("--unit", type=click.Choice(("s", "ms", "samples")), default="s", show_default=True, help="Of the times.")
@click.option("--rate", "rate_hz", type=float, metavar="HZ", help="Samples per second, with --unit samples.")
@click.option("--device", metavar="NAME", help="Whose sync output it is, where several devices have one.")
@click.option("--out", type=FILE, help="JSON file to make: the alignment with all matched edges.")
@click.option("--trials", type=FILE, help="CSV file to make: the trials in the other recorder's time.")
@click.option("--bouts", type=FILE, help="CSV file to make: the bouts in the other recorder's time.")
def align_command(
    folder: Path,
    edges: Path,
    column: str | None,
    unit: "Unit",
    rate_hz: float | None,
    device: str | None,
    out: Path | None,
    trials: Path | None,
    bouts: Path | None,
) -> None:
    """Fit the clocks of a session to those of an ephys system that recorded the device's sync output.

    The pauses between the pulses are random, so they say which edge in the file is which of the session's: the
    recordings may begin and end at different times, lack edges or have some too many. Edges of another session are
    refused.
    """
    from selfee_rt.folder import SessionFolder
    from selfee_rt.workbench.align import (
        EdgesFormat,
        align_session,
        new_files,
        read_edges,
        write_alignment,
        write_bouts,
        write_trials,
    )

    new_files(out, trials, bouts)
    how = EdgesFormat(column, unit, rate_hz)
    other_s = read_edges(edges, how)
    with SessionFolder(folder) as session:
        session.hold()
        found = align_session(session, other_s, device)
        _report(found)
        if out is not None:
            write_alignment(out, found, session.record, edges, how)
        if trials is not None:
            write_trials(trials, session, found)
        if bouts is not None:
            write_bouts(bouts, session, found)
    for path in (out, trials, bouts):
        if path is not None:
            click.echo(f"written: {path}")


def _report(found: "Alignment") -> None:
    click.echo(f"device {found.device!r}: {_counted(found.device_edges)}")
    click.echo(f"file: {_counted(found.other_edges)}")
    _report_host(found.clock)
    for stretch in found.stretches:
        _report_stretch(stretch)


def _report_host(clock: "HostClock | None") -> None:
    if clock is None:
        click.echo("host's clock: not known against the device's, since the session has no samples of it")
        return
    click.echo(
        f"device's clock against the host's: drift {clock.drift_ppm:+.2f} ppm, "
        f"residual {clock.residual_us:.0f} µs, known to {clock.bound_us:.0f} µs (half the shortest round trip)"
    )
    for jump in clock.jumps:
        click.echo(
            f"warning: the device's clock jumped by {jump.by_us / 1000:+.3f} ms against the host's, as when the "
            "computer sleeps; trials and bouts around it that only the host's clock knows are misplaced by that much"
        )


def _counted(count: "Count") -> str:
    return (
        f"{count.matched} edges matched, {count.unmatched} between them without a partner, {count.outside} before the "
        "first or after the last"
    )


def _report_stretch(stretch: "Stretch") -> None:
    if stretch.jump_s is not None:
        click.echo(
            f"warning: here the file's clock jumped by {stretch.jump_s * 1000:+.3f} ms against the device's: samples "
            "were lost or a recording was paused; times between these edges are left empty"
        )
    line = stretch.line
    click.echo(
        f"{len(stretch.number)} edges from {stretch.other_s[0]:.3f} s to {stretch.other_s[-1]:.3f} s of the file: "
        f"device's clock {stretch.drift_ppm:+.2f} ppm faster; {line.y_at_0:.6f} s when it shows 0"
    )
    click.echo(f"  off one line: {_spread(stretch.residual)}")
    if stretch.between is not None:
        click.echo(f"  off the line between their neighbours: {_spread(stretch.between)}")


def _spread(spread: "Spread") -> str:
    return f"median {spread.median_us:.1f} µs, p99 {spread.p99_us:.1f} µs, max {spread.max_us:.1f} µs"
