"""A board that understands the serial protocol of DeepLabCut-Live's processor TeensyLaser."""

import time

from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.config import DlcLiveSerialConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, DeviceInfo, Order
from selfee_rt.trigger.dlclive_words import HANDSHAKE, OFF, Words, answer, command, spoken, unspeakable
from selfee_rt.trigger.guarded import Guarded
from selfee_rt.trigger.serial_port import SerialPort

KNOCK_EVERY_MS = 250
"""How often an opened port is asked whether its board has booted."""


class DlcLiveSerial(Guarded):
    """Pulses are timed by the board, and end by themselves when the duration that it was told is over.

    A sham is the same command with a width of 0 ms, which makes no light and is answered alike; to a board that does
    not answer (`answers = false`) nothing is sent.
    """

    def __init__(self, config: DlcLiveSerialConfig) -> None:
        super().__init__()
        self._config = config
        self._port: SerialPort | None = None

    def _connect(self) -> DeviceInfo:
        config = self._config
        within_s = config.answer_within_ms / 1000
        self._port = SerialPort(config.port, config.baud, read_within_s=within_s / 4, write_within_s=within_s)
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
            heard = self._say(HANDSHAKE, KNOCK_EVERY_MS)
            if _answers(heard, HANDSHAKE):
                return
            if now_ns() >= until_ns:
                raise DeviceError(
                    f"the board at {self._config.port} does not speak DeepLabCut-Live's protocol: got {heard!r}, "
                    f"expected {answer(HANDSHAKE)!r}, within {self._config.boot_s:g} s; check device.port and the "
                    "sketch, or set answers = false for a board that never answers"
                )

    def _disconnect(self) -> None:
        if self._port is not None:
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
        within_ms = self._config.answer_within_ms
        sent_ns = now_ns()
        heard = self._say(wanted, within_ms)
        acknowledged_ns = now_ns()
        if not _answers(heard, wanted):
            raise DeviceLost(  # without the numbers, which would tell a sham
                f"the board at {self._config.port} gave {'an answer to something else' if heard else 'no answer'} "
                f"within {within_ms} ms; check its cable"
            )
        return Acknowledgement("acknowledged", "", sent_ns, acknowledged_ns, device_us=None)

    def _off(self) -> None:
        self._send(OFF)

    def _send(self, message: bytes) -> None:
        assert self._port is not None, "open"
        self._port.write(message)

    def _say(self, words: Words, within_ms: int) -> bytes:
        """Send the command and return what the board says until it has answered that one, or time is over."""
        assert self._port is not None, "open"
        heard, until_ns = b"", now_ns() + within_ms * NS_PER_MS
        self._port.write(command(words))
        while not _answers(heard, words) and now_ns() < until_ns:
            heard += self._port.read()
        return heard


def _answers(heard: bytes, words: Words) -> bool:
    """Whether the last line of `heard` is the answer to `words`; answers to earlier commands may come before it."""
    return heard.endswith(b"\n") and heard.splitlines(keepends=True)[-1] == answer(words)
