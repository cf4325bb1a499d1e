"""Open Sound Control messages, over UDP."""

import socket

from pythonosc.udp_client import SimpleUDPClient

from selfee_rt.clock import now_ns
from selfee_rt.config import OscConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.edges import Edges, envelope
from selfee_rt.trigger.guarded import Guarded

OFF = (0, 0, "", "", 0.0, 0.0, 0)
"""Of the same types as what is sent at the start, since many receivers expect always the same ones."""


class Osc(Guarded):
    """Sends `1, trigger_id, rule, arena, width_ms, period_ms, pulses` when a train starts, and `OFF` when it is over.

    Nobody says whether a message arrived, and a receiver that has gone is not noticed.
    """

    def __init__(self, config: OscConfig) -> None:
        super().__init__()
        self._config = config
        self._where = f"{config.host}:{config.port}"
        self._client: SimpleUDPClient | None = None
        self._edges = Edges(lambda _: self._send(*OFF))

    def _connect(self) -> DeviceInfo:
        host, port = self._config.host, self._config.port
        try:
            address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0]  # once, not with every message
            self._client = SimpleUDPClient(str(address), port)
        except (OSError, UnicodeError) as error:
            raise DeviceError(f"there is no way to {self._where}: {error}; check device.host") from error
        self._send(*OFF)
        return DeviceInfo(
            name=f"OSC {self._config.address} at {self._where}",
            acknowledges=False,
            makes_light=True,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=(
                "a message is sent when a train is over; UDP may lose it, so let the receiver end the train by itself, "
                "from the numbers that it got at the start",
            ),
        )

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _begin(self, order: Order) -> Acknowledgement:
        trigger, train = order.trigger, order.train
        sent_ns = now_ns()
        if not order.withheld:
            what = (trigger.trigger_id, trigger.rule, trigger.arena)
            self._send(1, *what, train.width_us / 1000, train.period_us / 1000, train.pulses)
        self._edges.begin(envelope(train), sent_ns, withheld=order.withheld)
        return Acknowledgement("sent", "", sent_ns=sent_ns, acknowledged_ns=None, device_us=None)

    def _off(self) -> None:
        self._edges.stop()
        self._send(*OFF)

    def _go_on(self, lease_ms: int) -> None:
        self._edges.go_on(lease_ms)

    def _send(self, *arguments: float | str) -> None:
        assert self._client is not None, "open"
        try:
            self._client.send_message(self._config.address, arguments)
        except OSError as error:
            raise DeviceLost(f"OSC to {self._where} cannot be sent: {error}; check the network") from error
