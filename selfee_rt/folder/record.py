"""session.json: what a session was made of, written once before the first exposure."""

import os
from importlib import metadata
from pathlib import Path
from platform import platform, python_version
from typing import Any

import msgspec

from selfee_rt import clock
from selfee_rt.errors import FolderError
from selfee_rt.folder.record_stimuli import StimulationRecord
from selfee_rt.folder.schema import SCHEMA_VERSION, SESSION_FILE
from selfee_rt.types import SourceInfo

_DISTRIBUTIONS = (
    *("selfee-rt", "numpy", "av", "onnxruntime", "onnxruntime-gpu", "pyzmq", "msgspec", "river", "pypylon"),
    *("tensorrt", "tensorrt-rtx-cu12", "tensorrt-rtx-cu13", "onnxruntime-ep-nv-tensorrt-rtx-cu13"),
)


class FileIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the session used and did not copy."""

    path: str
    """As it was found then; absolute."""
    sha256: str
    """Hexadecimal, of its bytes."""


class ModelRecord(FileIdentity, frozen=True, kw_only=True):
    """The model, with its card as it was."""

    card: dict[str, Any]


class DetectorRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A detector and the threshold that its score was compared with at the start."""

    name: str
    threshold: float | None


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """One instant on both clocks; the only place where the wall clock appears."""

    utc: str
    """ISO 8601."""
    local: str
    """ISO 8601 with the offset of the computer's time zone."""
    time_zone: str
    """The zone's name on this computer."""
    host_ns: int
    """`clock.now_ns()` at that instant."""

    @classmethod
    def now(cls) -> "Anchor":
        """Read both clocks."""
        utc, host_ns = clock.wall_clock(), clock.now_ns()
        local = utc.astimezone()
        return cls(utc=utc.isoformat(), local=local.isoformat(), time_zone=local.tzname() or "", host_ns=host_ns)


class ContinuedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The session that this one continues, with its doses, its order of shams and what it was taught."""

    path: str
    """Its folder as it was found then; absolute."""
    session_id: str


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a session that is known before its first exposure."""

    schema: int = SCHEMA_VERSION
    session_id: str
    """uuid4, 32 hexadecimal digits."""
    name: str
    config: dict[str, Any]
    """The configuration as it was resolved, defaults included."""
    experiment: dict[str, Any] = {}
    subject: dict[str, Any] = {}
    model: ModelRecord
    reference: FileIdentity | None = None
    templates: tuple[FileIdentity, ...] = ()
    """The examples whose likes were searched for."""
    labels: tuple[str, ...]
    """In the order of the probabilities."""
    arenas: tuple[str, ...]
    detectors: tuple[DetectorRecord, ...] = ()
    """In the order of configuration; the first is `anomaly_score`."""
    source: SourceInfo
    replayed: FileIdentity | None = None
    """The recording that was replayed instead of a camera."""
    frame_interval: int
    """Exposures between past and current, and between current and future."""
    frame_interval_ms: float
    stimulation: StimulationRecord | None = None
    """None: there was no rule."""
    continues: ContinuedRecord | None = None
    versions: dict[str, str]
    started: Anchor


def installed_versions() -> dict[str, str]:
    """Versions of Python, the system, and of every distribution that can change a result."""
    found = {"python": python_version(), "platform": platform()}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_record(folder: Path, record: SessionRecord) -> None:
    """Write session.json, whole or not at all.

    Raises:
        FolderError: there is one already, or it cannot be written.
    """
    path = folder / SESSION_FILE
    if path.exists():
        raise FolderError(f"{path} exists; a session is never overwritten")
    partial = path.with_suffix(".partial")
    try:
        with partial.open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(record), indent=2))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}; choose a folder on a disk with space") from error


def read_record(folder: Path) -> SessionRecord:
    """Read session.json.

    Raises:
        FolderError: the folder is not a session's, or the file is damaged, or made by a newer version.
    """
    path = folder / SESSION_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FolderError(
            f"{folder} is not a session folder: cannot read {SESSION_FILE} ({error.strerror}); "
            "give the folder that a session made"
        ) from error
    try:
        _check_schema(path, msgspec.json.decode(content))
        return msgspec.json.decode(content, type=SessionRecord)
    except msgspec.MsgspecError as error:
        raise FolderError(f"{path} is damaged: {error}; the log beside it can still be read with SQLite") from error


def _check_schema(path: Path, document: Any) -> None:
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA_VERSION:
        raise FolderError(
            f"{path} has schema {schema!r}, expected {SCHEMA_VERSION}; read it with the version that made it"
        )
