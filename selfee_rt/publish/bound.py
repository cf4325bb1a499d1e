"""One bound socket."""

from collections.abc import Mapping
from contextlib import ExitStack

import zmq

from selfee_rt.config import CurveConfig
from selfee_rt.errors import PublishError
from selfee_rt.publish import addresses, curve

LINGER_MS = 500
"""Closing waits at most this long for what clients have not taken yet."""


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
        """Close; what is queued gets `linger_ms` to leave. Allowed twice."""
        self.socket.close(linger=linger_ms)
        self.context.term()
        if self._gate is not None:
            self._gate.join()
