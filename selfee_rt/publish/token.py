"""The secret that a control request must carry, and where to send it."""

import os
import secrets
from pathlib import Path

from selfee_rt.errors import FolderError
from selfee_rt.folder.schema import TOKEN_FILE

ADDRESS_FILE = "control_address"


def make_token(folder: Path) -> str:
    """Make a random token and leave it in `folder`/control_token, for its user to read.

    Where the system has POSIX permissions the file is 0600 from birth. On Windows Python cannot set an access list:
    the file has its folder's, which under a user's own profile means that user and administrators; elsewhere
    nothing is guaranteed.

    Raises:
        FolderError: the file exists or cannot be written.
    """
    token = secrets.token_urlsafe(32)
    path = folder / TOKEN_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token)
    except OSError as error:
        raise FolderError(
            f"cannot write the control token {path}: {error.strerror}; use a new session folder"
        ) from error
    return token


def leave_address(folder: Path, address: str) -> None:
    """Leave in `folder`/control_address where the session can be asked.

    Raises:
        FolderError: it cannot be written.
    """
    try:
        (folder / ADDRESS_FILE).write_text(address, encoding="ascii")
    except OSError as error:
        raise FolderError(
            f"cannot write {folder / ADDRESS_FILE}: {error.strerror}; use a new session folder"
        ) from error


def read_access(folder: Path) -> tuple[str, str]:
    """Where the session that writes to `folder` can be asked, and its token.

    Raises:
        FolderError: there is no such session.
    """
    try:
        address, token = ((folder / name).read_text(encoding="ascii") for name in (ADDRESS_FILE, TOKEN_FILE))
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(
            f"{folder} holds no {ADDRESS_FILE} and {TOKEN_FILE} that can be read ({error}); give the folder of a "
            "running session whose publish.control is on, as its user"
        ) from error
    return address.strip(), token.strip()
