"""A board that understands the serial protocol of DeepLabCut-Live's processor TeensyLaser."""

import time
from contextlib import suppress

import serial

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import DlcLiveSerialConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.dlclive_words import HANDSHAKE, OFF, Words, answer, command, spoken, unspeakable
from selfee_rt.trigger.guarded import Guarded

KNOCK_EVERY_S = 0.25
"""How often an opened port is asked whether its board has booted."""


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
        until_ns = now_ns() + round(self._config.boot_s * NS_PER_S)
        while True:
            self._send(command(HANDSHAKE))
            heard = self._listen(KNOCK_EVERY_S)
            if heard == answer(HANDSHAKE):
                return
            if now_ns() >= until_ns:
                raise DeviceError(
                    f"the board at {self._config.port} does not speak DeepLabCut-Live's protocol: got {heard!r}, "
                    f"expected {answer(HANDSHAKE)!r}, within {self._config.boot_s:g} s; check device.port and the "
                    "sketch, or set answers = false for a board that never answers"
                )

    def _disconnect(self) -> None:
        if self._port is not None:
            with suppress(OSError):
                self._port.close()
            self._port = None

    def _cannot(self, order: Order) -> str | None:
        return unspeakable(order.train)

    def _begin(self, order: Order) -> Acknowledgement:
        words = spoken(order.train)
        assert words is not None, "asked before"
        frequency_hz, width_ms, duration_ms = words
        wanted = (frequency_hz, 0 if order.withheld else width_ms, duration_ms)
        if self._config.answers:
            return self._ask(wanted)
        sent_ns = now_ns()
        if not order.withheld:
            self._send(command(wanted))
        return Acknowledgement("sent", "", sent_ns=sent_ns, acknowledged_ns=None, device_us=None)

    def _ask(self, wanted: Words) -> Acknowledgement:
        self._listen(0)  # forget what came before
        sent_ns = now_ns()
        self._send(command(wanted))
        heard = self._listen(self._config.answer_within_ms / 1000)
        acknowledged_ns = now_ns()
        if heard != answer(wanted):
            raise DeviceLost(
                f"the board at {self._config.port} answered {heard!r} within {self._config.answer_within_ms} ms, "
                f"expected {answer(wanted)!r}; check its cable"
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
        except (OSError, TypeError) as error:  # TypeError: how pyserial meets a port that vanishes while it reads
            raise self._lost(error) from error
        return heard

    def _lost(self, error: Exception) -> DeviceLost:
        return DeviceLost(f"the board at {self._config.port} is gone: {error}; check its cable")
