"""One bound socket."""

import logging
import threading
from collections.abc import Mapping
from contextlib import ExitStack

import zmq

from selfee_rt.config import CurveConfig
from selfee_rt.errors import PublishError
from selfee_rt.publish import addresses, curve

logger = logging.getLogger(__name__)

LINGER_MS = 500
"""Closing waits at most this long for what clients have not taken yet."""
PATIENCE_S = 2.0
"""How much longer libzmq may take to end, which otherwise takes milliseconds."""


class BoundSocket:
    """A socket in a context of its own, bound, and encrypted if there are keys."""

    def __init__(
        self,
        kind: int,
        address: str | None,
        what: str,
        keys: CurveConfig | None,
        options: Mapping[zmq.SocketOption, int],
    ) -> None:
        """Bind at once.

        Raises:
            PublishError: it is off, may not be bound there, cannot be, or the keys are wrong.
        """
        if address is None:
            raise PublishError(f"{what} is off in the configuration; give it an address")
        problem = addresses.check_address(what, address, keys is not None)
        if problem is not None:
            raise PublishError(problem)
        allowed = curve.client_keys(keys) if keys is not None else frozenset()
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.socket = self.context.socket(kind)
        self._gate: curve.Gate | None = None
        self._ending: threading.Thread | None = None
        self.address = address
        with ExitStack() as undo:
            undo.callback(self.close, linger_ms=0)
            for option, value in options.items():
                self.socket.setsockopt(option, value)
            if keys is not None:
                self._gate = curve.Gate(self.context, allowed)
                curve.secure(self.socket, keys)
            self.address = addresses.bind(self.socket, address, what)
            undo.pop_all()

    def close(self, linger_ms: int = LINGER_MS) -> None:
        """Close; what is queued gets `linger_ms` to leave. Allowed twice.

        libzmq's own ending rarely never returns, where a subscriber has just vanished (see docs/decisions/0011): it is
        given a while longer and then left behind.
        """
        self.socket.close(linger=linger_ms)
        if self._ending is None:
            self._ending = threading.Thread(target=self.context.term, name="selfee-rt zmq ending", daemon=True)
            self._ending.start()
        self._ending.join(linger_ms / 1000 + PATIENCE_S)
        if self._ending.is_alive():
            logger.warning("ZeroMQ did not end at %s; it is left behind", self.address)
        if self._gate is not None:
            self._gate.join()
