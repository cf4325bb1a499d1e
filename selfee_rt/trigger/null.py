"""No device: for rehearsals."""

from selfee_rt.clock import now_ns
from selfee_rt.config import NullConfig
from selfee_rt.light import Light
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.guarded import Guarded


class Null(Guarded):
    """Takes orders as a device would, with its limits, and makes no light.

    A simulated camera may see what it would have made: `light` is told, on the host's clock.
    """

    def __init__(self, config: NullConfig, light: Light | None = None) -> None:
        super().__init__()
        self._light = light

    def _connect(self) -> DeviceInfo:
        return DeviceInfo(
            name="no device",
            acknowledges=False,
            makes_light=False,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=("a rehearsal: nothing is switched on",),
        )

    def _disconnect(self) -> None:
        pass

    def _begin(self, order: Order) -> Acknowledgement:
        sent_ns = now_ns()
        if self._light is not None and not order.withheld:
            self._light.shine(order.train, sent_ns)
        return Acknowledgement("sent", "", sent_ns=sent_ns, acknowledged_ns=None, device_us=None)

    def _off(self) -> None:
        if self._light is not None:
            self._light.off(now_ns())
