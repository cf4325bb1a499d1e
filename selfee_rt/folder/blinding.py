"""What is kept from people while a session is blinded: the rules' seeds; and who looked at them, when and why."""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import msgspec

from selfee_rt.errors import FolderError
from selfee_rt.folder.schema import BLINDING_FILE, UNBLINDED_FILE


class Blinding(msgspec.Struct, frozen=True):
    """Content of blinding.json."""

    seeds: dict[str, int]
    """Per rule; from them and its number follows which trial was sham."""


class Unblinding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of unblinded.jsonl."""

    at: str
    """ISO 8601, with the offset from UTC."""
    who: str
    why: str


def write_blinding(folder: Path, seeds: Mapping[str, int]) -> str:
    """Write the rules' seeds to blinding.json, once, and return its sha256 for session.json.

    Where the system has POSIX permissions the file is 0600 from birth; on Windows it has its folder's.

    Raises:
        FolderError: there is one already, or it cannot be written.
    """
    path = folder / BLINDING_FILE
    content = msgspec.json.encode(Blinding(dict(seeds)))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        _write(descriptor, content)
    except FileExistsError as error:
        raise FolderError(f"{path} exists; a session is never overwritten, choose another folder") from error
    except OSError as error:
        _cannot_write(path, error)
    return hashlib.sha256(content).hexdigest()


def read_blinding(folder: Path, sha256: str) -> dict[str, int]:
    """Seed of each rule of a blinded session whose session.json says `sha256`.

    Raises:
        FolderError: blinding.json is missing, or is not the one that the session wrote.
    """
    path = folder / BLINDING_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FolderError(
            f"cannot read {path}: {error.strerror}; which trials were sham follows from nothing else, "
            "copy it from where the session was recorded"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise FolderError(
            f"{path} was changed after the session began: its sha256 is {found}, session.json says {sha256}; "
            "copy it again from where the session was recorded"
        )
    return msgspec.json.decode(content, type=Blinding).seeds


def log_unblinding(folder: Path, who: str, why: str, at: datetime) -> None:
    """Append to unblinded.jsonl who learned which trials were sham, why, and when (a time with its zone).

    Raises:
        FolderError: it cannot be written, and so nothing may be unblinded.
    """
    path = folder / UNBLINDED_FILE
    line = msgspec.json.encode(Unblinding(at=at.isoformat(), who=who, why=why)) + b"\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        _write(descriptor, line)
    except OSError as error:
        _cannot_write(path, error)


def read_unblindings(folder: Path) -> tuple[Unblinding, ...]:
    """Who learned which trials were sham, in the order in which they did; none: nobody did.

    Raises:
        FolderError: the file cannot be read.
    """
    path = folder / UNBLINDED_FILE
    try:
        return tuple(msgspec.json.decode(line, type=Unblinding) for line in path.read_bytes().splitlines())
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise FolderError(f"cannot read {path}: {error}; every line should be one JSON object") from error


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _cannot_write(path: Path, error: OSError) -> NoReturn:
    raise FolderError(f"cannot write {path}: {error.strerror}; it must be on a disk that can be written") from error
