"""Opening a recording for scoring: the window is handed who reads its video, and who reads and writes labels."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from selfee_rt.errors import ConfigError

if TYPE_CHECKING:
    from selfee_rt.view.scoring.window import Recording, ScoringWindow
    from selfee_rt.view.theme import Theme


class Clerk:
    """Label files as the workbench reads and writes them."""

    def read(self, path: Path) -> tuple[str, ...]:
        """Label of every exposure of a `frame,label` file.

        Raises:
            LabelsError: it is none.
        """
        from selfee_rt.workbench.labels import read_labels

        return read_labels(path)

    def write(self, path: Path, labels: tuple[str, ...]) -> None:
        """Write a `frame,label` file that does not exist yet.

        Raises:
            LabelsError: it cannot be written.
        """
        from selfee_rt.workbench.labels import Writable, write_labels

        write_labels(path, "csv", Writable(labels))


class Scoring:
    """Opens scoring windows, one per recording; `names` are labels in the order of their keys.

    `out` is the labels file; None: `NAME_labels.csv` beside the recording, or here where nobody may write there.
    """

    def __init__(self, theme: "Theme", names: tuple[str, ...], out: Path | None) -> None:
        self._theme, self._names, self._out = theme, names, out
        self._open: dict[Path, ScoringWindow] = {}

    def dressed(self, theme: "Theme") -> "Scoring":
        """Open what is opened from now on in this theme."""
        self._theme = theme
        return self

    def show(self, path: Path, at_ns: int | None = None) -> None:
        """Show the window on a video file or a session folder, at a moment of its media time.

        Raises:
            SourceError: the video cannot be opened.
            FolderError, LabelsError: a file cannot be read.
        """
        window = self._open.get(path)
        if window is None or window.isHidden():
            window = self._open[path] = self._make(path, at_ns)
        window.show()
        window.raise_()
        window.activateWindow()

    def _make(self, path: Path, at_ns: int | None) -> "ScoringWindow":
        from selfee_rt.view.scoring.desk import Desk
        from selfee_rt.view.scoring.window import ScoringWindow

        recording, labels = _session(path, at_ns) if path.is_dir() else (_video(path), ())
        arenas = [arena.name for arena in recording.arenas] or ["arena"]
        desk = Desk(self._out or default_out(path), Clerk(), self._names or labels, arenas)
        return ScoringWindow(recording, desk, self._theme)


def names_of(text: str | None) -> tuple[str, ...]:
    """Labels as they are given, separated by commas.

    Raises:
        ConfigError: a name cannot be one, or is there twice.
    """
    from selfee_rt.view.scoring.score import wrong_name

    names: tuple[str, ...] = ()
    for name in (each.strip() for each in (text or "").split(",")) if text is not None else ():
        problem = wrong_name(name, names)
        if problem is not None:
            raise ConfigError([f"--labels {text}: {problem}"])
        names = (*names, name)
    return names


def default_out(path: Path) -> Path:
    """Where the labels of a recording go if nobody says.

    >>> default_out(Path("fly.mp4")).name
    'fly_labels.csv'
    """
    name = path.name if path.is_dir() else path.stem
    folder = path.parent if os.access(path.parent, os.W_OK) else Path.cwd()
    return folder / f"{name}_labels.csv"


def _video(path: Path) -> "Recording":
    from selfee_rt import build
    from selfee_rt.view.scoring.window import Recording

    footage = build.footage(path)
    info = footage.look()
    return Recording(path.name, footage, info.frames, notes=info.notes)


def _session(path: Path, at_ns: int | None) -> "tuple[Recording, tuple[str, ...]]":
    """The recording of a session, and its labels."""
    from selfee_rt import build
    from selfee_rt.folder import read_record
    from selfee_rt.view.scoring.window import Recording
    from selfee_rt.view.summary import session_message

    record = read_record(path)
    source = record.source
    recording = Recording(
        path.name,
        build.footage(path),
        arenas=session_message(record, path).arenas,
        camera_px=(source.width_px, source.height_px),
        at_ns=at_ns,
    )
    return recording, record.labels
