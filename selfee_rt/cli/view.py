"""`selfee-rt view`: the window on sessions and videos, and opening it beside a session that is started here."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfee_rt.config import PublishConfig
from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.folder.schema import SESSION_FILE
from selfee_rt.signals import give_way, has_display, on_stop_signal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from selfee_rt.view.access import Keys
    from selfee_rt.view.link import Where
    from selfee_rt.view.theme import Theme

ADDRESS = "tcp://127.0.0.1:5571"
NO_DISPLAY = "there is no display, so no window is opened; use --headless, or set DISPLAY"


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS|SESSION_DIR|VIDEO]...")
@click.option("--key", type=click.Path(path_type=Path), help="Own secret key file, for an encrypted session.")
@click.option("--server-key", type=click.Path(path_type=Path), help="The encrypted session's public key file.")
@click.option("--token-file", type=click.Path(path_type=Path), help="The session's control_token, copied here.")
@click.option("--score", is_flag=True, help="Open a session folder for scoring, without its other panels.")
@click.option("--labels", metavar="A,B,…", help="Labels to score, in the order of their number keys.")
@click.option("--out", type=click.Path(path_type=Path), help="Labels file to write; NAME_labels.csv beside VIDEO.")
@click.option("--scale", type=click.FloatRange(0.5, 8), help="Size of everything; by default as fits the screen.")
@click.option("--settings", type=click.Path(path_type=Path), help="File that remembers where the panels are.")
def view(
    addresses: tuple[str, ...],
    key: Path | None,
    server_key: Path | None,
    token_file: Path | None,
    score: bool,
    labels: str | None,
    out: Path | None,
    scale: float | None,
    settings: Path | None,
) -> None:
    """Open a window on the session whose observations are published at ADDRESS (tcp://127.0.0.1:5571).

    It may be opened before the session, late, several times, or on another computer, and closed at any time: the
    session does not notice. Several addresses make tabs. A session folder is opened the same way, with a time slider.

    A VIDEO is opened for scoring behaviour by keys; a session folder is too with --score, or by the key E. Labels go
    to a file that `selfee-rt fit --labels` takes, and are kept beside it after every change.
    """
    need_view()
    from selfee_rt.cli.scoring import Scoring, names_of
    from selfee_rt.view.access import load_keys
    from selfee_rt.view.app import Desk, application, close_soon, open_window, remembered_scale, settings_file

    given = tuple(dict.fromkeys(addresses or (ADDRESS,)))
    if out is not None and len(given) > 1:
        raise ConfigError(["--out is one labels file; give one recording with it"])
    names = names_of(labels)
    if (key is None) != (server_key is None):
        raise ConfigError(["give both --key (your own secret file) and --server-key (the session's public file)"])
    keys = load_keys(key, server_key) if key is not None and server_key is not None else None
    sessions, scored = _told_apart(given, keys, token_file, score=score)
    if (labels is not None or out is not None) and not any(isinstance(each, Path) for each in (*sessions, *scored)):
        raise ConfigError(["--labels and --out are for scoring; give a VIDEO or a SESSION_DIR"])
    if not has_display():
        raise ConfigError([NO_DISPLAY])
    give_way()
    remembered = settings or settings_file()
    app, theme = application(scale or remembered_scale(remembered))
    with on_stop_signal(lambda _name: close_soon()):
        scoring = Scoring(theme, names, out)

        def shown(theme: "Theme") -> "QWidget":
            return open_window(sessions, theme, remembered, scoring.dressed(theme).show)

        _desk = Desk(shown, theme, remembered) if sessions else None
        for path in scored:
            scoring.show(path)
        sys.exit(app.exec())


def _told_apart(
    given: tuple[str, ...], keys: "Keys | None", token_file: Path | None, *, score: bool
) -> "tuple[list[Where | Path], list[Path]]":
    """Sessions, running or over, and what is opened for scoring."""
    from selfee_rt.view.link import Where

    sessions: list[Where | Path] = []
    scored: list[Path] = []
    for each in given:
        path = Path(each)
        if "://" in each:
            sessions.append(Where(each, keys, token_file))
        elif path.is_file() or (score and (path / SESSION_FILE).exists()):
            scored.append(path.resolve())
        elif (path / SESSION_FILE).exists():
            sessions.append(path.resolve())
        else:
            raise ConfigError(
                [f"{each} is neither an address (such as {ADDRESS}) nor a session folder nor a video file"]
            )
    return sessions, scored


def need_view() -> None:
    """Refuse before anything is opened.

    Raises:
        MissingExtra: what draws the window is not installed.
    """
    for module in ("PySide6", "pyqtgraph"):
        if find_spec(module) is None:
            raise MissingExtra(f'the window needs {module}; install "selfee-rt[view]"')


def can_open() -> bool:
    """Whether there is a display, and what a window needs is installed."""
    return has_display() and all(find_spec(each) for each in ("PySide6", "pyqtgraph"))


def check_beside(publish: PublishConfig) -> None:
    """Refuse, before a session starts, to open a window beside it.

    Raises:
        MissingExtra: what draws the window is not installed.
        ConfigError: the session publishes nothing that it could show, or not to it.
    """
    need_view()
    if publish.observations is None:
        raise ConfigError(["--view needs publish.observations, which this configuration has switched off"])
    if publish.curve is not None:
        raise ConfigError(["--view cannot open an encrypted session: use `selfee-rt view` with --key and --server-key"])


def open_beside(address: str) -> None:
    """Open the window as a process of its own, which outlives the session; a note where there is no display."""
    if not has_display():
        click.echo(f"note: {NO_DISPLAY}")
        return
    command = [sys.executable, "-m", "selfee_rt", "view", address]
    subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program
