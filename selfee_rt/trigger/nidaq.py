"""A digital line of an NI-DAQ device, through NI's own driver. It has never met a device."""

import warnings
from contextlib import suppress

import nidaqmx
from nidaqmx.errors import Error as NiError

from selfee_rt.clock import now_ns
from selfee_rt.config import NidaqConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.edges import Edges, pulses, unplayable
from selfee_rt.trigger.guarded import Guarded


class Nidaq(Guarded):
    """Writes the line on demand, in one task that is open as long as the device; the computer times every edge.

    A write on demand returns when the line has its level, which is the acknowledgement.
    """

    def __init__(self, config: NidaqConfig) -> None:
        super().__init__()
        self._line = config.line
        self._task: nidaqmx.Task | None = None
        self._edges = Edges(self._write)

    def _connect(self) -> DeviceInfo:
        try:
            self._task = nidaqmx.Task()
            self._task.do_channels.add_do_chan(self._line)
            self._task.start()
            self._task.write(False)
        except NiError as error:
            raise DeviceError(
                f"cannot open the NI-DAQ line {self._line!r}: {_first_line(error)}; install NI-DAQmx, and check "
                "device.line (Dev1/port0/line0 is one line) in NI MAX"
            ) from error
        return DeviceInfo(
            name=f"NI-DAQ line {self._line}",
            acknowledges=True,
            makes_light=True,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=(
                "the computer times every pulse, to about a millisecond; pulses that fall into a stall are left out",
                "the line keeps its level if the computer dies: put hardware of your own between it and the animal",
                "this driver has been tested with NI's Python package, never with a device",
            ),
        )

    def _disconnect(self) -> None:
        if self._task is not None:
            with suppress(NiError), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._task.close()
            self._task = None

    def _cannot(self, order: Order) -> str | None:
        return unplayable(order.train)

    def _begin(self, order: Order) -> Acknowledgement:
        sent_ns = now_ns()
        self._write(not order.withheld)  # a sham writes the level that it has, which takes as long
        acknowledged_ns = now_ns()
        self._edges.begin(pulses(order.train), sent_ns, withheld=order.withheld)
        return Acknowledgement("acknowledged", "", sent_ns, acknowledged_ns, device_us=None)

    def _off(self) -> None:
        self._edges.stop()
        self._write(False)

    def _go_on(self, lease_ms: int) -> None:
        self._edges.go_on(lease_ms)

    def _write(self, on: bool) -> None:
        assert self._task is not None, "open"
        try:
            self._task.write(on)
        except NiError as error:
            raise DeviceLost(f"the NI-DAQ line {self._line} cannot be written: {_first_line(error)}") from error


def _first_line(error: NiError) -> str:
    return str(error).strip().splitlines()[0]
