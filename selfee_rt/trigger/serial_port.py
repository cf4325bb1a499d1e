"""A serial port, through pyserial, whose exceptions are translated here once."""

import errno

import serial

from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.trigger.ports import serial_ports

_BUSY = (errno.EAGAIN, errno.EBUSY)


class SerialPort:
    """An open port, 8 data bits, no parity, one stop bit; nobody else may open it where the system can see to that.

    Raises:
        DeviceError: there is no such port, it is in use, or it may not be opened.
    """

    def __init__(self, port: str, baud: int, *, read_within_s: float, write_within_s: float) -> None:
        self._name = port
        try:
            self._serial = serial.Serial(
                port, baud, timeout=read_within_s, write_timeout=write_within_s, exclusive=True
            )
        except (serial.SerialException, ValueError) as error:
            raise DeviceError(_why_not(port, error)) from error

    def read(self) -> bytes:
        """Return what has arrived, waiting for it as long as was said; empty if nothing has.

        Raises:
            DeviceLost: the port went away.
        """
        try:
            first: bytes = self._serial.read(1)
            waiting = self._serial.in_waiting if first else 0
            return first + self._serial.read(waiting) if waiting else first
        except (OSError, TypeError) as error:  # TypeError: how pyserial meets a port that vanishes while it reads
            raise self._lost(error) from error

    def write(self, data: bytes) -> None:
        """Send.

        Raises:
            DeviceLost: the port went away, or takes nothing.
        """
        try:
            self._serial.write(data)
        except OSError as error:
            raise self._lost(error) from error

    def close(self) -> None:
        """Close it; allowed twice."""
        self._serial.close()

    def _lost(self, error: Exception) -> DeviceLost:
        return DeviceLost(f"serial port {self._name} went away: {error}; check the cable")


def _why_not(port: str, error: Exception) -> str:
    """Why a port cannot be opened. On Windows pyserial says what happened in its text alone."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.ENOENT or "FileNotFoundError" in text:
        found = ", ".join(each.port for each in serial_ports()) or "none"
        return f"there is no serial port {port}; found: {found}; plug the device in, or set port (selfee-rt devices)"
    if number in _BUSY or "PermissionError" in text:
        return f"serial port {port} is in use by another program; close that one (a serial monitor, another session)"
    if number == errno.EACCES:
        return f"serial port {port} may not be opened by this user; Linux: sudo usermod -aG dialout $USER, log in anew"
    return f"cannot open serial port {port}: {text}; expected a serial port (selfee-rt devices lists them)"
