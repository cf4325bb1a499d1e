"""Questions to a board and the answers to them, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.trigger.board_messages import PROTOCOL, UNASKED, Answer, Hello, Kind, answer, hello, request
from selfee_rt.trigger.framing import Decoder, encode
from selfee_rt.trigger.serial_port import SerialPort

TRIES = 2
HELLO_EVERY_NS = 250 * NS_PER_MS
_LARGEST_NUMBER = 0xFFFF


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer."""

    answer: Answer
    sent_ns: int
    """When it was first sent."""
    received_ns: int


class BoardLink:
    """Numbers each request and finds its answer; asks again, under the same number, when none comes.

    A board does nothing twice for one number. What comes late, for an earlier one, is counted and dropped.
    """

    def __init__(self, port: SerialPort, name: str, answer_within_ms: int) -> None:
        self._port = port
        self._name = name
        self._within_ms = answer_within_ms
        self._decoder = Decoder()
        self._number = UNASKED
        self._resets: int | None = None
        self.n_late = 0
        """Answers to earlier requests, dropped."""

    def shake_hands(self, boot_ns: int) -> tuple[Exchange, Hello]:
        """Wait for the board to boot and say who it is; after it, the board is off and disarmed.

        Raises:
            DeviceError: it is silent, or speaks another protocol.
            DeviceLost: the port went away.
        """
        until_ns = now_ns() + boot_ns
        asked: dict[int, int] = {}
        n_bytes = 0
        ask_again_ns = now_ns()
        while now_ns() < until_ns:
            if now_ns() >= ask_again_ns:
                asked[self._send(Kind.HELLO)] = now_ns()
                ask_again_ns = now_ns() + HELLO_EVERY_NS
            data = self._port.read()
            n_bytes += len(data)
            for each in self._answers(data):
                if each.kind != Kind.HELLO and each.number not in asked:
                    self.n_late += 1  # to whoever had the port before
                    continue
                said = self._identified(each)
                if each.number in asked:
                    self._resets = each.resets
                    return Exchange(each, asked[each.number], now_ns()), said
                ask_again_ns = now_ns()
        raise DeviceError(self._nobody(n_bytes, boot_ns))

    def ask(self, kind: Kind, payload: bytes = b"", *, not_after_ns: int | None = None) -> Exchange:
        """Send a request and return its answer. It is sent once more if none comes, but never after `not_after_ns`.

        Raises:
            DeviceLost: no answer came in time, the board was reset, or the port went away.
        """
        sent_ns = now_ns()
        try_ns = self._within_ms * NS_PER_MS // TRIES
        number = self._send(kind, payload)
        for tried in range(1, TRIES + 1):
            found = self._await(kind, number, sent_ns + tried * try_ns)
            if found is not None:
                return Exchange(found, sent_ns, now_ns())
            if tried == TRIES or (not_after_ns is not None and now_ns() >= not_after_ns):
                break
            self._port.write(encode(request(kind, number, payload)))
        raise DeviceLost(
            f"the board on {self._name} did not answer within {self._within_ms} ms (device.answer_within_ms); "
            "check its cable and power"
        )

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def _send(self, kind: Kind, payload: bytes = b"") -> int:
        self._number = self._number % _LARGEST_NUMBER + 1
        self._port.write(encode(request(kind, self._number, payload)))
        return self._number

    def _await(self, kind: Kind, number: int, until_ns: int) -> Answer | None:
        while now_ns() < until_ns:
            for each in self._answers(self._port.read()):
                if each.resets != self._resets:
                    raise DeviceLost(
                        f"the board on {self._name} was reset; check its power, and that nothing else opens its port"
                    )
                if (each.kind, each.number) == (kind, number):
                    return each
                self.n_late += 1
        return None

    def _answers(self, data: bytes) -> Iterator[Answer]:
        for body in self._decoder.push(data):
            found = answer(body)
            if found is not None:
                yield found

    def _identified(self, said: Answer) -> Hello:
        found = hello(said.more) if said.kind == Kind.HELLO else None
        if found is None:
            raise DeviceError(
                f"what answers on {self._name} is not this project's firmware; flash tools/firmware (make flash)"
            )
        if found.protocol != PROTOCOL:
            raise DeviceError(
                f"the board on {self._name} speaks protocol {found.protocol}, expected {PROTOCOL}; flash the firmware "
                "that came with this version (make flash in tools/firmware)"
            )
        return found

    def _nobody(self, n_bytes: int, boot_ns: int) -> str:
        waited = f"in {boot_ns / NS_PER_MS / 1000:g} s (device.boot_s)"
        if n_bytes:
            return (
                f"what is on {self._name} sent {n_bytes} bytes {waited}, but not this project's protocol; "
                "set port to the right board, or flash tools/firmware (make flash)"
            )
        return (
            f"nothing on {self._name} answered {waited}; check the board's power, set port to the right board, "
            "or flash tools/firmware (make flash)"
        )
