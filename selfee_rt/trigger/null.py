"""No device: for rehearsals."""

from selfee_rt.clock import now_ns
from selfee_rt.config import NullConfig
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.guarded import Guarded


class Null(Guarded):
    """Takes orders as a device would, with its limits, and makes no light."""

    def __init__(self, config: NullConfig) -> None:
        super().__init__()

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
        return Acknowledgement("sent", "", sent_ns=now_ns(), acknowledged_ns=None, device_us=None)

    def _off(self) -> None:
        pass
