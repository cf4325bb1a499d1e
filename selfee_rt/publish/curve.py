"""Encryption and authentication with CURVE, for sockets that other computers can reach.

Keys are files in zmq's own certificate format: NAME.key (public) and NAME.key_secret.
"""

import re
import tempfile
import threading
from pathlib import Path

import zmq
import zmq.auth
from zmq.utils import z85

from selfee_rt.config import CurveConfig
from selfee_rt.errors import PublishError

_ZAP_ADDRESS = "inproc://zeromq.zap.01"
_DOMAIN = b"selfee_rt"


def make_keys(folder: Path, names: tuple[str, ...]) -> list[Path]:
    """Make one key pair per name in `folder`; return the secret files.

    Where the system has POSIX permissions a secret file is never readable by others. On Windows it has the
    permissions of its folder: keep it in a folder of your own profile.

    Raises:
        PublishError: a name is not usable, or a file exists: keys are never overwritten.
    """
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
            raise PublishError(f"a key cannot be named {name!r}; use letters, digits, - and _")
        for path in (folder / f"{name}.key", folder / f"{name}.key_secret"):
            if path.exists():
                raise PublishError(f"{path} exists, and keys are never overwritten; give another name or folder")
    folder.mkdir(parents=True, exist_ok=True)
    return [_make_pair(folder, name) for name in dict.fromkeys(names)]


def _make_pair(folder: Path, name: str) -> Path:
    with tempfile.TemporaryDirectory(dir=folder) as private:  # readable by its maker only, so the file is from birth
        public, secret = (Path(path) for path in zmq.auth.create_certificates(private, name))
        assert secret is not None
        secret.chmod(0o600)
        public.rename(folder / public.name)
        return secret.rename(folder / secret.name)


def check_keys(curve: CurveConfig) -> list[str]:
    """Every problem with the key files; an empty list if there is none."""
    problems = []
    for load in (server_keys, client_keys):
        try:
            load(curve)
        except PublishError as error:
            problems.append(str(error))
    return problems


def server_keys(curve: CurveConfig) -> tuple[bytes, bytes]:
    """The session's own public and secret key, Z85.

    Raises:
        PublishError: the file cannot be read, or is not a secret key file.
    """
    path = curve.secret_key_file
    public, secret = _load(path)
    if secret is None:
        raise PublishError(f"publish.curve.secret_key_file {path} holds no secret key; give NAME.key_secret")
    return public, secret


def client_keys(curve: CurveConfig) -> frozenset[bytes]:
    """Public keys, Z85, of the clients that may connect.

    Raises:
        PublishError: there is none, or a file is not a key file.
    """
    files = sorted(curve.client_keys_dir.glob("*.key"))
    if not files:
        raise PublishError(
            f"publish.curve.client_keys_dir {curve.client_keys_dir} holds no *.key file; "
            "nobody could connect: make keys with `selfee-rt keys` and put the clients' public ones there"
        )
    return frozenset(_load(path)[0] for path in files)


def _load(path: Path) -> tuple[bytes, bytes | None]:
    try:
        return zmq.auth.load_certificate(path)
    except (OSError, ValueError) as error:
        raise PublishError(f"{path} is not a key file ({error}); make one with `selfee-rt keys`") from error


class Gate:
    """Tells libzmq which clients may connect (ZAP, ZeroMQ RFC 27), in a thread of its own until the context ends."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", allowed: frozenset[bytes]) -> None:
        self._allowed = allowed
        self._socket = context.socket(zmq.REP)
        self._socket.linger = 0
        self._socket.bind(_ZAP_ADDRESS)
        self._thread = threading.Thread(target=self._serve, name="curve gate")
        self._thread.start()

    def join(self) -> None:
        """Wait for its end, once the context has been terminated."""
        self._thread.join()

    def _serve(self) -> None:
        with self._socket:
            while True:
                try:
                    self._socket.send_multipart(self._answer(self._socket.recv_multipart()))
                except zmq.ContextTerminated:
                    return

    def _answer(self, request: list[bytes]) -> list[bytes]:
        """Answer [version, id, domain, address, identity, mechanism, client's key]."""
        version, request_id, *_, mechanism, key = request
        allowed = mechanism == b"CURVE" and z85.encode(key) in self._allowed
        status = [b"200", b"OK"] if allowed else [b"400", b"key not listed"]
        return [version, request_id, *status, b"", b""]


def secure(socket: "zmq.Socket[bytes]", curve: CurveConfig) -> None:
    """Make `socket` a CURVE server that asks the context's gate about every client.

    Raises:
        PublishError: the session's keys cannot be read.
    """
    socket.curve_publickey, socket.curve_secretkey = server_keys(curve)
    socket.curve_server = True
    socket.zap_domain = _DOMAIN
