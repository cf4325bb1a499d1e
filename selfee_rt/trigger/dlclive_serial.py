"""A board that understands the serial protocol of DeepLabCut-Live's processor TeensyLaser.

The protocol, from that project's teensy_laser.py and teensy_laser.ino (115,200 baud): `O` and three unsigned 16-bit
integers, little-endian: pulse frequency in Hz, pulse width in ms, duration in ms, upon which the board pulses for that
long and answers with the three in decimal, `frequency,width,duration` and a line feed. `X`: off; no answer.
"""

import struct
import time
from contextlib import suppress

import serial

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import DlcLiveSerialConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order, Train
from selfee_rt.trigger.guarded import Guarded

OFF = b"X"

CONSTANT = (1000, 1)
"""Hz and ms: pulses without a pause, the only way to say a single pulse."""

LONGEST_MS = 0xFFFF

KNOCK_EVERY_S = 0.25
"""How often an opened port is asked whether its board has booted."""

Spoken = tuple[int, int, int]
"""Frequency in Hz, width in ms, duration in ms."""


def spoken(train: Train) -> Spoken | None:
    """The protocol's words for `train`; None where it has none: it knows whole Hz, whole ms, and 65,535 ms at most."""
    length_ms = -(-train.length_us // 1000)
    if train.width_us % 1000 or length_ms > LONGEST_MS:
        return None
    if train.pulses == 1:
        return *CONSTANT, length_ms
    frequency_hz = round(1e6 / train.period_us)
    if abs(frequency_hz * train.period_us - 1_000_000) > frequency_hz:  # beyond the rounding of the period
        return None
    next_pulse_ms = train.pulses * train.period_us // 1000
    return frequency_hz, train.width_us // 1000, min(length_ms, next_pulse_ms)


class DlcLiveSerial(Guarded):
    """Pulses are timed by the board, and end by themselves when the duration that it was told is over.

    A sham is the same command with a width of 0 ms, which makes no light and is answered alike; to a board that does
    not answer (`answers = false`) nothing is sent.
    """

    def __init__(self, config: DlcLiveSerialConfig) -> None:
        super().__init__()
        self._config = config
        self._port: serial.Serial | None = None

    def _connect(self) -> DeviceInfo:
        config = self._config
        try:
            patience_s = config.answer_within_ms / 1000
            self._port = serial.Serial(config.port, config.baud, write_timeout=patience_s, exclusive=True)
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"cannot open the serial port {config.port} at {config.baud} baud: {error}; check device.port, and "
                "close other programs that use it"
            ) from error
        if config.answers:
            self._knock()
        else:
            time.sleep(config.boot_s)
        self._send(OFF)
        notes = (
            "the board times the pulses; while it pulses it does not notice that the computer has died",
            "pulses follow the board's own phase: the first may begin up to one period late",
        )
        return DeviceInfo(
            name=f"DeepLabCut-Live board at {config.port}",
            acknowledges=config.answers,
            makes_light=True,
            keeps_alive=False,
            longest_lease_ms=None,
            notes=notes if config.answers else (*notes, "nothing is known of the board: it never answers"),
        )

    def _knock(self) -> None:
        """Send a command that makes no light until it is answered.

        Raises:
            DeviceError: it never was.
        """
        silent: Spoken = (CONSTANT[0], 0, 1)
        until_ns = now_ns() + round(self._config.boot_s * NS_PER_S)
        while True:
            self._send(_command(silent))
            heard = self._listen(KNOCK_EVERY_S)
            if heard == _answer(silent):
                return
            if now_ns() >= until_ns:
                raise DeviceError(
                    f"the board at {self._config.port} does not speak DeepLabCut-Live's protocol: got {heard!r}, "
                    f"expected {_answer(silent)!r}, within {self._config.boot_s:g} s; check device.port and the "
                    "sketch, or set answers = false for a board that never answers"
                )

    def _disconnect(self) -> None:
        if self._port is not None:
            with suppress(OSError):
                self._port.close()
            self._port = None

    def _cannot(self, order: Order) -> str | None:
        if spoken(order.train) is None:
            return "this protocol knows whole Hz, whole ms and at most 65535 ms; change the rule's pulse"
        return None

    def _begin(self, order: Order) -> Acknowledgement:
        words = spoken(order.train)
        assert words is not None, "asked before"
        frequency_hz, width_ms, duration_ms = words
        wanted = (frequency_hz, 0 if order.withheld else width_ms, duration_ms)
        if self._config.answers:
            return self._ask(wanted)
        sent_ns = now_ns()
        if not order.withheld:
            self._send(_command(wanted))
        return Acknowledgement("sent", "", sent_ns=sent_ns, acknowledged_ns=None, device_us=None)

    def _ask(self, wanted: Spoken) -> Acknowledgement:
        self._listen(0)  # forget what came before
        sent_ns = now_ns()
        self._send(_command(wanted))
        heard = self._listen(self._config.answer_within_ms / 1000)
        acknowledged_ns = now_ns()
        if heard != _answer(wanted):
            raise DeviceLost(
                f"the board at {self._config.port} answered {heard!r} within {self._config.answer_within_ms} ms, "
                f"expected {_answer(wanted)!r}; check its cable"
            )
        return Acknowledgement("acknowledged", "", sent_ns, acknowledged_ns, device_us=None)

    def _off(self) -> None:
        self._send(OFF)

    def _send(self, message: bytes) -> None:
        assert self._port is not None, "open"
        try:
            self._port.write(message)
        except OSError as error:
            raise self._lost(error) from error

    def _listen(self, timeout_s: float) -> bytes:
        """What the board says until a line feed, or until `timeout_s` are over."""
        assert self._port is not None, "open"
        heard, until_ns = b"", now_ns() + round(timeout_s * NS_PER_S)
        try:
            while not heard.endswith(b"\n"):
                self._port.timeout = max(0, until_ns - now_ns()) / NS_PER_S
                got = self._port.read(max(1, self._port.in_waiting))
                heard += got
                if not got:
                    break
        except OSError as error:
            raise self._lost(error) from error
        return heard

    def _lost(self, error: OSError) -> DeviceLost:
        return DeviceLost(f"the board at {self._config.port} is gone: {error}; check its cable")


def _command(words: Spoken) -> bytes:
    return b"O" + struct.pack("<HHH", *words)


def _answer(words: Spoken) -> bytes:
    return b"%d,%d,%d\n" % words
