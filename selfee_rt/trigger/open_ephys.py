"""Open Ephys' GUI: a message to every recording, and a TTL line of its plugin Network Events."""

import http.client
import json
from typing import Any

from selfee_rt.clock import now_ns
from selfee_rt.config import OpenEphysConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.edges import Edges, envelope
from selfee_rt.trigger.guard import refused
from selfee_rt.trigger.guarded import Guarded
from selfee_rt.trigger.marker import marker
from selfee_rt.trigger.network_events import NetworkEvents


class OpenEphys(Guarded):
    """The line, if there is one, is on from the start of a train to its end; the message follows when it is on.

    The message is a PUT of `{"text": …}` to /api/message, with `marker` as text, answered with the GUI's mode. A sham
    asks for the mode instead, and whether the GUI acquires, so that both are answered alike.
    """

    def __init__(self, config: OpenEphysConfig) -> None:
        super().__init__()
        self._config = config
        self._where = f"{config.host}:{config.http_port}"
        self._events: NetworkEvents | None = None
        self._edges = Edges(self._switch)

    def _connect(self) -> DeviceInfo:
        config = self._config
        try:
            mode = self._ask("GET", "/api/status", None)
            if config.events_port is not None:
                self._events = NetworkEvents(config.host, config.events_port, config.line, config.answer_within_ms)
                self._switch(False)
        except DeviceLost as error:
            raise DeviceError(
                f"{error}; is Open Ephys running, and its HTTP server enabled in the menu File?"
            ) from error
        return DeviceInfo(
            name=f"Open Ephys at {self._where}" + ("" if self._events is None else f", line {config.line}"),
            acknowledges=True,
            makes_light=self._events is not None,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=(
                f"its mode is {mode}; orders are refused while it is IDLE",
                "a line is switched by the computer: its end comes on time to about a millisecond and the time that "
                "the GUI takes to answer, and never if the computer dies",
            ),
        )

    def _disconnect(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _begin(self, order: Order) -> Acknowledgement:
        sent_ns = now_ns()
        acknowledged_ns = self._start_line(order)
        mode = self._ask("GET", "/api/status", None) if order.withheld else self._tell(marker(order))
        if mode == "IDLE":
            self.release()
            return refused("Open Ephys is not acquiring")
        answered_ns = now_ns() if acknowledged_ns is None else acknowledged_ns
        if self._events is not None:
            self._edges.begin(envelope(order.train), sent_ns, withheld=order.withheld)
        return Acknowledgement("acknowledged", "", sent_ns, answered_ns, device_us=None)

    def _start_line(self, order: Order) -> int | None:
        """When the line was on, or the sham's question was answered; None: there is no line."""
        if self._events is None:
            return None
        if order.withheld:
            self._events.pretend()
        else:
            self._events.switch(True)
        return now_ns()

    def _off(self) -> None:
        self._edges.stop()
        self._switch(False)

    def _switch(self, on: bool) -> None:
        if self._events is not None:
            self._events.switch(on)

    def _go_on(self, lease_ms: int) -> None:
        self._edges.go_on(lease_ms)

    def _tell(self, text: str) -> str:
        return self._ask("PUT", "/api/message", json.dumps({"text": text}))

    def _ask(self, method: str, path: str, body: str | None) -> str:
        """One request on a connection of its own; returns the GUI's mode: IDLE, ACQUIRE or RECORD.

        Raises:
            DeviceLost: no answer, or not Open Ephys'.
        """
        connection = http.client.HTTPConnection(
            self._config.host, self._config.http_port, timeout=self._config.answer_within_ms / 1000
        )
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            heard = answer.read()
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            raise DeviceLost(f"Open Ephys at {self._where} does not answer: {error!r}") from error
        finally:
            connection.close()
        return self._mode(answer.status, heard)

    def _mode(self, status: int, heard: bytes) -> str:
        try:
            document: Any = json.loads(heard)
            return str(document["mode"])
        except (ValueError, KeyError, TypeError):
            raise DeviceLost(
                f"Open Ephys at {self._where} answered {status}, {heard[:80]!r}; expected JSON with its mode; check "
                "device.http_port"
            ) from None
