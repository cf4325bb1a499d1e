"""A board with this project's firmware (tools/firmware), on a serial port."""

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config.device import MicrocontrollerConfig
from selfee_rt.errors import DeviceError, DeviceLost
from selfee_rt.stimuli import Acknowledgement, ClockSample, DeviceEvent, DeviceInfo, DeviceLimits, Order
from selfee_rt.trigger import board_messages as messages
from selfee_rt.trigger.board_link import BoardLink, Exchange
from selfee_rt.trigger.board_messages import Hello, Kind, Status
from selfee_rt.trigger.board_words import limits_of, why
from selfee_rt.trigger.serial_port import SerialPort

BAUD = 500_000
"""Exact at 16 MHz, where 115200 is 2.1 % off, and known by name to every system."""


class Microcontroller:
    """Acknowledges, times pulses itself, and switches off by itself when nobody keeps it alive."""

    def __init__(self, config: MicrocontrollerConfig) -> None:
        self._config = config
        self._link: BoardLink | None = None
        self._hello: Hello | None = None

    def open(self) -> DeviceInfo:
        """Open the port, wait for the board to boot, and leave it off and disarmed.

        Raises:
            DeviceError: the port is absent or in use; the board is silent, or speaks another protocol.
        """
        within_s = self._config.answer_within_ms / 1000
        port = SerialPort(self._config.port, BAUD, read_within_s=within_s / 4, write_within_s=within_s)
        link = BoardLink(port, self._config.port, self._config.answer_within_ms)
        try:
            exchange, self._hello = link.shake_hands(round(self._config.boot_s * NS_PER_S))
        except BaseException:
            link.close()
            raise
        self._link = link
        return _introduced(self._config.port, self._hello, exchange)

    def arm(self, limits: DeviceLimits) -> None:
        """Allow `fire`, within `limits`, as soon as there is a lease.

        Raises:
            DeviceError: it refuses these limits, or cannot count so far.
            DeviceLost: it does not answer.
        """
        payload = messages.arm(limits)
        if payload is None:
            raise DeviceError(f"the board on {self._config.port} cannot count as far as {limits}; set lower limits")
        self._carried_out(self._opened().ask(Kind.ARM, payload))

    def fire(self, order: Order) -> Acknowledgement:
        """Start the order's train; if withheld, on the trigger copy alone.

        Raises:
            DeviceLost: no answer came in time, twice, or once if the order had expired by then.
        """
        payload = messages.fire(order.train, withheld=order.withheld)
        if payload is None:
            return Acknowledgement("refused", "the train is longer than the board can count", now_ns(), None, None)
        exchange = self._opened().ask(Kind.FIRE, payload, not_after_ns=order.expires_ns)
        refusal = self._refusal(exchange)
        return Acknowledgement(
            "refused" if refusal else "acknowledged",
            refusal,
            exchange.sent_ns,
            exchange.received_ns,
            None if refusal else exchange.answer.device_us,
        )

    def release(self) -> None:
        """Switch the output off now and forget the train; stay armed.

        Raises:
            DeviceLost: it does not answer.
        """
        self._carried_out(self._opened().ask(Kind.RELEASE))

    def disarm(self) -> None:
        """Switch the output off now and refuse `fire` until `arm`.

        Raises:
            DeviceLost: it does not answer.
        """
        self._carried_out(self._opened().ask(Kind.DISARM))

    def keep_alive(self, lease_ms: int) -> tuple[DeviceEvent, ...]:
        """Let it go on for `lease_ms` more, 0 to what `open` said; return a clock sample and what happened since.

        Raises:
            DeviceError: the lease is longer than is built in.
            DeviceLost: it does not answer.
        """
        exchange = self._opened().ask(Kind.KEEP_ALIVE, messages.keep_alive(lease_ms))
        self._carried_out(exchange)
        return (_clock_sample(exchange), *messages.events(exchange.answer.more))

    def mark(self) -> ClockSample:
        """Pulse the trigger copy for 1 ms now, armed or not; return when the pulse began on the board's clock.

        Raises:
            DeviceError: a train runs.
            DeviceLost: it does not answer.
        """
        exchange = self._opened().ask(Kind.MARK)
        self._carried_out(exchange)
        return _clock_sample(exchange)

    def close(self) -> None:
        """Disarm, if it still answers, and close the port; allowed twice."""
        link, self._link = self._link, None
        if link is None:
            return
        try:
            link.ask(Kind.DISARM)
        except DeviceLost:
            pass  # it switches off by itself when its lease ends
        finally:
            link.close()

    def _opened(self) -> BoardLink:
        if self._link is None:
            raise DeviceError(f"the board on {self._config.port} is not open")
        return self._link

    def _carried_out(self, exchange: Exchange) -> None:
        refusal = self._refusal(exchange)
        if refusal:
            raise DeviceError(f"the board on {self._config.port} refuses: {refusal}")

    def _refusal(self, exchange: Exchange) -> str:
        """Why the board refuses; empty if it does not."""
        status = exchange.answer.status
        assert self._hello is not None
        return "" if status == Status.DONE else why(status, self._hello)


def _clock_sample(exchange: Exchange) -> ClockSample:
    return ClockSample(exchange.sent_ns, exchange.received_ns, exchange.answer.device_us)


def _introduced(port: str, said: Hello, exchange: Exchange) -> DeviceInfo:
    first = exchange.answer
    return DeviceInfo(
        name=f"microcontroller on {port}, firmware {said.firmware}",
        acknowledges=True,
        makes_light=True,
        keeps_alive=True,
        longest_lease_ms=said.longest_lease_ms,
        notes=(
            f"built in: {limits_of(said)}",
            f"reset {first.resets} times before, the last one {first.device_us / 1e6:.1f} s ago",
        ),
    )
