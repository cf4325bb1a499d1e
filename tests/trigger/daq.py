"""NI's driver as far as nidaqmx needs it for a digital line: the package's own code runs on top of it."""

from contextlib import contextmanager
from unittest.mock import patch

from nidaqmx.constants import ChannelType
from nidaqmx.errors import DaqError

LINES = ("Dev1/port0/line0", "Dev1/port0/line1")


class Driver:
    """Stands where nidaqmx calls NI's library (its interpreter): one device, Dev1, with two lines."""

    def __init__(self) -> None:
        self.levels: list[bool] = []
        """Every level written."""
        self.open_tasks = 0
        self.gone = False
        self._line = ""
        self._running = False

    @property
    def is_on(self) -> bool:
        return bool(self.levels) and self.levels[-1]

    def create_task(self, name):
        self.open_tasks += 1
        return "task", True

    def clear_task(self, handle):
        self.open_tasks -= 1
        self._running = False

    def internal_get_last_created_chan(self):
        return self._line

    def create_do_chan(self, handle, lines, name, grouping):
        if self.gone or lines not in LINES:
            raise DaqError(f"Physical channel specified does not exist on this device.\nChannel: {lines}", -200170)
        self._line = lines

    def get_task_attribute_string(self, handle, attribute):
        return self._line

    def get_task_attribute_uint32(self, handle, attribute):
        return 1

    def get_chan_attribute_int32(self, handle, channel, attribute):
        return ChannelType.DIGITAL_OUTPUT.value

    def get_write_attribute_uint32(self, handle, attribute):
        return 1

    def start_task(self, handle):
        self._check()
        self._running = True

    def write_digital_lines(self, handle, n_samples, auto_start, timeout, layout, data):
        self._check()
        assert self._running, "one task is kept running"
        assert n_samples == 1
        self.levels.append(bool(data))
        return 1

    def hash_task_handle(self, handle):
        return 0

    def _check(self):
        if self.gone:
            raise DaqError("Device not available for routing or was removed.\nDevice: Dev1", -201003)


@contextmanager
def installed(driver: Driver):
    """As if NI-DAQmx were installed."""
    with patch("nidaqmx.utils._select_interpreter", lambda *args, **kwargs: driver):
        yield driver
