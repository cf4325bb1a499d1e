"""A Lab Streaming Layer marker per trial."""

import pylsl

from selfee_rt.clock import now_ns
from selfee_rt.config import LslConfig
from selfee_rt.errors import DeviceError
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.guarded import Guarded
from selfee_rt.trigger.marker import marker


class LslMarkers(Guarded):
    """An outlet of type Markers: one string, as `marker` makes it, when a train starts that is not withheld.

    The layer never says who listened: an order that it took is "sent".
    """

    def __init__(self, config: LslConfig) -> None:
        super().__init__()
        self._config = config
        self._outlet: pylsl.StreamOutlet | None = None

    def _connect(self) -> DeviceInfo:
        stream = self._config.stream
        source_id = f"selfee_rt:{self._config.name}:{now_ns()}"
        try:
            info = pylsl.StreamInfo(stream, "Markers", 1, pylsl.IRREGULAR_RATE, pylsl.cf_string, source_id)
            info.desc().append_child_value("manufacturer", "selfee_rt")
            self._outlet = pylsl.StreamOutlet(info)
        except RuntimeError as error:
            raise DeviceError(f"cannot open the LSL outlet {stream!r}: {error}; check the network") from error
        return DeviceInfo(
            name=f"LSL marker stream {stream!r}",
            acknowledges=False,
            makes_light=False,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=("one marker when a train starts, none at its end; nobody confirms that it was received",),
        )

    def _disconnect(self) -> None:
        self._outlet = None  # pylsl destroys an outlet when nothing refers to it any more; it has no other way

    def _begin(self, order: Order) -> Acknowledgement:
        assert self._outlet is not None, "armed, therefore open"
        sent_ns = now_ns()
        if not order.withheld:
            self._outlet.push_sample([marker(order)], pylsl.local_clock())
        return Acknowledgement("sent", "", sent_ns=sent_ns, acknowledged_ns=None, device_us=None)

    def _off(self) -> None:
        pass
