"""A TTL line of Open Ephys' plugin Network Events: text over ZeroMQ, REQ to its REP.

`TTL Line=1 State=1` (lines 1 to 256; plugin 0.2 and later) is answered with `TTLHandled: ` and line and state;
`IsAcquiring` with `1` or `0`. Source: Open Ephys' manual and the plugin's source.
"""

import re

import zmq

from selfee_rt.errors import DeviceLost


class NetworkEvents:
    """Asks, and waits for each answer; used by one thread. What is late is not taken for a later answer."""

    def __init__(self, host: str, port: int, line: int, answer_within_ms: int) -> None:
        self._where = f"tcp://{host}:{port}"
        self._line = line
        self._answer_within_ms = answer_within_ms
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REQ)
        self._socket.linger = answer_within_ms
        self._socket.setsockopt(zmq.REQ_RELAXED, 1)
        self._socket.setsockopt(zmq.REQ_CORRELATE, 1)
        try:
            self._socket.connect(self._where)
        except zmq.ZMQError as error:
            self.close()
            raise DeviceLost(f"{self._where} cannot be connected to: {error}; check device.host") from error

    def switch(self, on: bool) -> None:
        """Set the line, which shows in the recording if the GUI acquires.

        Raises:
            DeviceLost: no answer, or not the right one.
        """
        state = int(on)
        heard = self._ask(f"TTL Line={self._line} State={state}")
        if not heard.startswith("TTLHandled") or re.findall(r"\d+", heard) != [str(self._line), str(state)]:
            raise DeviceLost(
                f"Network Events at {self._where} answered {heard!r} to line {self._line}, state {state}; expected "
                "TTLHandled with the same numbers; update the plugin"
            )

    def pretend(self) -> None:
        """Ask and wait as `switch` does, and change nothing."""
        self._ask("IsAcquiring")

    def _ask(self, request: str) -> str:
        try:
            self._socket.send_string(request, zmq.DONTWAIT)
            if self._socket.poll(self._answer_within_ms):
                return self._socket.recv().decode(errors="replace")
        except zmq.ZMQError as error:
            raise DeviceLost(f"Network Events at {self._where} cannot be asked: {error}") from error
        raise DeviceLost(
            f"Network Events at {self._where} did not answer within {self._answer_within_ms} ms; check that "
            "the plugin is in the signal chain, and device.events_port"
        )

    def close(self) -> None:
        """Release the socket; what was sent last is given the time of an answer to leave."""
        self._socket.close()
        self._context.term()
