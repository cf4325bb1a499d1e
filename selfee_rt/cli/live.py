"""Commands that run a session: demo, run, replay."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from selfee_rt.cli.summary import ending, one_line
from selfee_rt.cli.terminal import view
from selfee_rt.cli.view import can_open, check_beside, open_beside
from selfee_rt.config import SessionConfig, load, parse
from selfee_rt.errors import ConfigError
from selfee_rt.folder import read_record
from selfee_rt.session import Session
from selfee_rt.signals import on_stop_signal

REFRESH_S = 0.25
WIDEST = 120
DEMO: dict[str, Any] = {
    "source": {"kind": "synthetic"},
    "observe": {"smoothing": {"kind": "mode", "exposures": 15}, "bout_min_exposures": 5},
}
"""The same as configs/demo.toml, which is not part of an installed package."""

CLOSED_LOOP: dict[str, Any] = DEMO | {
    "source": {"kind": "synthetic", "led": {"device": "led", "x": 590, "y": 50}},
    "device": [{"kind": "null", "name": "led"}],
    "trigger": [
        {
            "name": "light on chasing",
            "device": "led",
            "when": "chasing > 0.5 for 300 ms",
            "pulse": {"on_ms": 500, "frequency_hz": 20, "width_ms": 25},
            "refractory_ms": 2000,
            "limits": {"per_minute": 12, "total_on_s": 60},
            "sham_fraction": 0.5,
        }
    ],
    "stimulation": {"arm_for_s": 3600},
}
"""The same as configs/closed_loop.toml."""

_seconds = click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End by itself after this long.")
_headless = click.option("--headless", is_flag=True, help="Plain lines, once a second, instead of the live view.")
_window = click.option("--view", "window", is_flag=True, help="Open a window on it, where there is a display.")
_out = click.option("--out", type=click.Path(path_type=Path), help="The session folder to make; must not exist.")


@click.command()
@click.option("--closed-loop", is_flag=True, help="With a rule that lights a simulated LED, half of the trials sham.")
@click.option("--view/--no-view", "window", default=None, help="A window too; by default where there is a display.")
@_seconds
@_headless
@_out
def demo(closed_loop: bool, window: bool | None, seconds: float | None, headless: bool, out: Path | None) -> None:
    """Watch the synthetic arena: two simulated animals, the shipped model, nothing else needed."""
    config = parse(CLOSED_LOOP if closed_loop else DEMO, where="demo", base=Path.cwd())
    if window is None:
        window = not headless and on_a_terminal() and can_open()
    run_session(_with(config, seconds=seconds, out=out), headless, armed=closed_loop, window=window)


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@click.option(
    "--continue",
    "continues",
    type=click.Path(path_type=Path),
    help="Folder of a session, killed perhaps, whose doses, order of shams and taught labels go on; starts disarmed.",
)
@click.option("--arm", "armed", is_flag=True, help="Arm every rule at the start, instead of `selfee-rt arm` later.")
@_seconds
@_headless
@_window
@_out
def run(
    config: Path | None,
    continues: Path | None,
    armed: bool,
    seconds: float | None,
    headless: bool,
    window: bool,
    out: Path | None,
) -> None:
    """Run the session that CONFIG (a TOML file) describes; without it, as the one that is continued was."""
    if armed and continues is not None:
        raise ConfigError(["a session that is continued starts disarmed; leave --arm out, look, then `selfee-rt arm`"])
    given = _with(_configuration(config, continues), seconds=seconds, out=out)
    run_session(given, headless, continues, armed=armed, window=window)


def on_a_terminal() -> bool:
    """Whether somebody looks at what is printed."""
    return sys.stdout.isatty()


def _configuration(given: Path | None, continues: Path | None) -> SessionConfig:
    """What was given, else what the session to continue was made of."""
    if given is not None:
        return load(given)
    if continues is None:
        raise ConfigError(["got neither a configuration nor --continue; give the TOML file of a session"])
    config = SessionConfig.model_validate(read_record(continues).config)
    return config.model_copy(update={"record": config.record.model_copy(update={"folder": None})})


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Model file (.onnx); the shipped one by default.")
@click.option("--reference", type=click.Path(path_type=Path), help="Reference file, made by `selfee-rt fit`.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="TOML file for everything else.")
@click.option("--speed", default="recorded", show_default=True, metavar="recorded|N|max", help="How fast to replay.")
@_seconds
@_headless
@_out
def replay(
    recording: Path,
    model: Path | None,
    reference: Path | None,
    config_file: Path | None,
    speed: str,
    seconds: float | None,
    headless: bool,
    out: Path | None,
) -> None:
    """Replay RECORDING, a video or a session folder, as if it were a camera.

    At recorded speed, or N times it, exposures are lost where the machine is too slow, and counted; at max nothing
    is lost and the result is the same every time.
    """
    source: dict[str, Any] = {"kind": "video_file", "path": str(recording), "speed": _speed(speed)}
    if recording.is_dir():
        source = {"kind": "recorded", "folder": str(recording), "speed": _speed(speed)}
    given = parse({"source": source}, where="replay", base=Path.cwd())
    if config_file is not None:
        given = load(config_file).model_copy(update={"source": given.source})
    if model is not None:
        given = given.model_copy(update={"model": given.model.model_copy(update={"file": model})})
    if reference is not None:
        given = given.model_copy(update={"observe": given.observe.model_copy(update={"reference": reference})})
    run_session(_with(given, seconds=seconds, out=out), headless)


def _speed(text: str) -> float | str:
    if text in ("recorded", "max"):
        return 1.0 if text == "recorded" else "max"
    try:
        return float(text)
    except ValueError:
        raise ConfigError([f"--speed is {text!r}, expected recorded, max, or a number such as 2 or 0.5"]) from None


def _with(config: SessionConfig, *, seconds: float | None, out: Path | None) -> SessionConfig:
    """The configuration with what the command line says on top."""
    if seconds is not None:
        config = config.model_copy(update={"seconds": seconds})
    if out is not None:
        config = config.model_copy(update={"record": config.record.model_copy(update={"folder": out})})
    return config


def run_session(
    config: SessionConfig, headless: bool, continues: Path | None = None, *, armed: bool = False, window: bool = False
) -> None:
    """Run one session to its end with a view in the terminal; raises what ended it if it did not end in order.

    `window` opens a window on it as well, which stays when the session has ended.
    """
    if window:
        check_beside(config.publish)
    session = Session(config, continues)
    with on_stop_signal(lambda name: session.stop(f"stopped by {name}")):
        session.start()
        try:
            if window and session.observations_address is not None:
                open_beside(session.observations_address)
            if armed:
                session.arm()
            _show(session, headless)
        except BaseException as error:  # a terminal that goes away must not leave devices armed behind it
            session.stop(f"it could no longer be shown: {error!r}")
            session.finish()
            raise
        last = session.finish()
    for line in ending(last):
        click.echo(line)
    if session.error is not None:
        sys.stdout.flush()
        raise session.error


def _show(session: Session, headless: bool) -> None:
    """Show a session until it has ended."""
    console = Console()
    for note in _notes(session):
        console.print(f"note: {note}", highlight=False, soft_wrap=True)
    if headless or not console.is_terminal:
        _lines(session)
    else:
        _view(session, console)


def _notes(session: Session) -> Iterator[str]:
    snapshot = session.snapshot()
    yield from snapshot.source.notes
    if not snapshot.labels:
        yield "no labels, since no reference or no classifier is set; `selfee-rt fit` makes a reference"
    if any(not rule.armed for rule in snapshot.stimulation.values()):
        yield f"disarmed; to arm: selfee-rt arm {session.folder}"


def _lines(session: Session) -> None:
    while not session.wait(1.0):
        click.echo(one_line(session.snapshot()))


def _view(session: Session, console: Console) -> None:
    rung = set[str]()
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while not session.wait(REFRESH_S):
            snapshot = session.snapshot()
            live.update(view(snapshot, min(console.width, WIDEST)), refresh=True)
            alarms = {rule.alarm for rule in snapshot.stimulation.values() if rule.alarm is not None}
            if alarms - rung:
                console.bell()
            rung = alarms
