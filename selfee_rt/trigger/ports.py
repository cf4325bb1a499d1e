"""Which serial ports there are."""

from dataclasses import dataclass

from serial.tools.list_ports import comports


@dataclass(frozen=True, slots=True)
class PortInfo:
    """One serial port."""

    port: str
    """As `device.port` wants it."""
    description: str
    """As the system has it; empty where it says nothing."""


def serial_ports() -> tuple[PortInfo, ...]:
    """The serial ports of this computer, in the order of their names; those with nothing behind them are left out."""
    found = (PortInfo(each.device, _described(each.description)) for each in comports() if each.hwid != "n/a")
    return tuple(sorted(found, key=lambda each: each.port))


def _described(text: str | None) -> str:
    return "" if text in (None, "n/a") else str(text)
