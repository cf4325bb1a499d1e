"""What this window may do at a session: its keys, and the token."""

from dataclasses import dataclass
from pathlib import Path

import zmq
import zmq.auth

from selfee_rt.errors import ConfigError
from selfee_rt.folder.schema import TOKEN_FILE
from selfee_rt.wire import SessionMessage


@dataclass(frozen=True, slots=True)
class Keys:
    """For an encrypted session, Z85."""

    public: bytes
    secret: bytes
    server: bytes

    def secure(self, socket: "zmq.Socket[bytes]") -> None:
        """Make a socket a CURVE client."""
        socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = self.public, self.secret, self.server


def load_keys(own_secret: Path, server_public: Path) -> Keys:
    """Read one's own secret key file and the session's public one.

    Raises:
        ConfigError: one of them is no such file.
    """
    try:
        public, secret = zmq.auth.load_certificate(own_secret)
        server, _ = zmq.auth.load_certificate(server_public)
    except (OSError, ValueError) as error:
        raise ConfigError([f"cannot read the keys: {error}; make them with `selfee-rt keys`"]) from error
    if secret is None:
        raise ConfigError([f"{own_secret} holds no secret key; give NAME.key_secret"])
    return Keys(public, secret, server)


def token_of(session: SessionMessage, token_file: Path | None) -> tuple[str, str]:
    """The token of a session's control socket, and an empty string; or an empty token, and why there is none."""
    if session.control is None:
        return "", "the session takes no requests (publish.control is off)"
    if token_file is None and session.folder is None:
        return "", "the session does not say where its token is; give --token-file"
    path = token_file if token_file is not None else Path(session.folder or "") / TOKEN_FILE
    try:
        return path.read_text(encoding="ascii").strip(), ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a token"
        return "", f"cannot read the session's token {path}: {why}; copy it here and give --token-file"
