"""Every device that the contract suite runs over; adding one is a class in `RIGS`.

A rig starts the other side of its device, hands out an actuator that is not open yet, and tells what is seen there.
What has to end with the test goes onto the `ExitStack`.
"""

from abc import ABC, abstractmethod
from contextlib import ExitStack

from selfee_rt import build
from selfee_rt.config import (
    DlcLiveSerialConfig,
    LslConfig,
    MicrocontrollerConfig,
    NidaqConfig,
    NullConfig,
    OpenEphysConfig,
    OscConfig,
)
from selfee_rt.protocols import Actuator
from selfee_rt.stimuli import Train
from tests.support import need_module
from tests.trigger.orders import pulse


class Rig(ABC):
    """A device and what is at its other end."""

    short: Train = pulse(10)
    """A train that is over soon."""
    long: Train = pulse(5000)
    """A train that is still running when the test looks."""
    several: Train = Train(width_us=5_000, period_us=50_000, pulses=5)
    """A train of pulses."""
    tells_loss = True
    """Whether the protocol notices that the other side has gone."""

    @abstractmethod
    def __init__(self, stack: ExitStack) -> None:
        """Start the other side."""

    @abstractmethod
    def actuator(self) -> Actuator:
        """The device, not open."""

    def opened(self) -> None:  # noqa: B027
        """The actuator has been opened; who has to listen from then on begins to."""

    @abstractmethod
    def begun(self) -> int | None:
        """How many trains, shams left out, the other side has seen begin; None: it sees nothing."""

    @abstractmethod
    def is_on(self) -> bool:
        """Whether the output is on, as far as the other side knows."""

    def absent(self) -> Actuator:
        """The same kind of device where there is none; left out by kinds that are never absent."""
        raise NotImplementedError

    def vanish(self) -> None:  # noqa: B027
        """The other side goes away."""


class NullRig(Rig):
    """Nothing."""

    tells_loss = False

    def __init__(self, stack: ExitStack) -> None:
        pass

    def actuator(self) -> Actuator:
        return build.actuator(NullConfig(name="led"))

    def begun(self) -> int | None:
        return None

    def is_on(self) -> bool:
        return False


class MicrocontrollerRig(Rig):
    """A board with this project's firmware, simulated."""

    def __init__(self, stack: ExitStack) -> None:
        need_module("serial")
        from tests.trigger.simulated_board import SimulatedBoard

        self.board = stack.enter_context(SimulatedBoard())

    def actuator(self) -> Actuator:
        return self._at(self.board.port)

    def absent(self) -> Actuator:
        return self._at("/dev/nothing_of_the_kind")

    def _at(self, port: str) -> Actuator:
        return build.actuator(MicrocontrollerConfig(name="led", port=port, answer_within_ms=500))

    def begun(self) -> int | None:
        return sum(level for _, level in self.board.edges("light"))

    def is_on(self) -> bool:
        return bool(self.board.level("light"))

    def vanish(self) -> None:
        self.board.__exit__(None, None, None)


class DlcLiveRig(Rig):
    """A board with the published sketch, on a pseudo-terminal."""

    answers = True

    def __init__(self, stack: ExitStack) -> None:
        need_module("serial")
        from tests.trigger.teensy import Teensy

        self.teensy = Teensy()
        stack.callback(self.teensy.close)

    def actuator(self) -> Actuator:
        return self._at(self.teensy.port)

    def absent(self) -> Actuator:
        return self._at("/dev/nothing_of_the_kind")

    def _at(self, port: str) -> Actuator:
        boot_s = 2.0 if self.answers else 0.05
        return build.actuator(
            DlcLiveSerialConfig(name="led", port=port, boot_s=boot_s, answers=self.answers, answer_within_ms=500)
        )

    def begun(self) -> int | None:
        return sum(width > 0 for _, width, _ in self.teensy.commands)

    def is_on(self) -> bool:
        return self.teensy.is_on

    def vanish(self) -> None:
        self.teensy.unplug()


class SilentDlcLiveRig(DlcLiveRig):
    """The same, and nobody reads its answers."""

    answers = False


class OpenEphysRig(Rig):
    """Messages only."""

    with_line = False

    def __init__(self, stack: ExitStack) -> None:
        from tests.trigger.ephys import Gui, NetworkEvents

        self.gui, self.events = Gui(), NetworkEvents()
        stack.callback(self.gui.close)
        stack.callback(self.events.close)

    def actuator(self) -> Actuator:
        return self._at(self.gui.port)

    def absent(self) -> Actuator:
        return self._at(1)

    def _at(self, http_port: int) -> Actuator:
        events_port = self.events.port if self.with_line else None
        return build.actuator(
            OpenEphysConfig(name="ephys", http_port=http_port, events_port=events_port, line=3, answer_within_ms=500)
        )

    def begun(self) -> int | None:
        return len(self.gui.messages)

    def is_on(self) -> bool:
        return self.events.is_on

    def vanish(self) -> None:
        self.gui.close()
        self.events.close()


class OpenEphysLineRig(OpenEphysRig):
    """Messages, and a line of Network Events."""

    with_line = True

    def begun(self) -> int | None:
        return sum(state for _, state in self.events.states)


class LslRig(Rig):
    """An inlet."""

    tells_loss = False

    def __init__(self, stack: ExitStack) -> None:
        from tests.trigger.lsl_inlet import Inlet

        self._stack, self._inlet_of, self._inlets = stack, Inlet, []
        self.stream = f"triggers {id(self)}"

    def actuator(self) -> Actuator:
        return build.actuator(LslConfig(name="markers", stream=self.stream))

    def opened(self) -> None:
        """Somebody listens."""
        self._inlets.append(self._inlet_of(self.stream))
        self._stack.callback(self._inlets[-1].close)

    def begun(self) -> int | None:
        return sum(len(each.pull()) for each in self._inlets)

    def is_on(self) -> bool:
        return False


class OscRig(Rig):
    """A python-osc server."""

    tells_loss = False

    def __init__(self, stack: ExitStack) -> None:
        need_module("pythonosc")
        from tests.trigger.listener import Listener

        self.listener = Listener()
        stack.callback(self.listener.close)

    def actuator(self) -> Actuator:
        return build.actuator(OscConfig(name="osc", port=self.listener.port))

    def absent(self) -> Actuator:
        return build.actuator(OscConfig(name="osc", host="no..such..host", port=9000))

    def begun(self) -> int | None:
        return sum(state == 1 for _, state, *_ in self.listener.heard)

    def is_on(self) -> bool:
        return self.listener.is_on

    def vanish(self) -> None:
        self.listener.close()


class NidaqRig(Rig):
    """NI's Python package on a driver of the tests' own."""

    def __init__(self, stack: ExitStack) -> None:
        need_module("nidaqmx")
        from tests.trigger.daq import Driver, installed

        self.driver = stack.enter_context(installed(Driver()))

    def actuator(self) -> Actuator:
        return build.actuator(NidaqConfig(name="laser", line="Dev1/port0/line0"))

    def absent(self) -> Actuator:
        return build.actuator(NidaqConfig(name="laser", line="Dev2/port0/line0"))

    def begun(self) -> int | None:
        return sum(self.driver.levels)

    def is_on(self) -> bool:
        return self.driver.is_on

    def vanish(self) -> None:
        self.driver.gone = True


RIGS: dict[str, type[Rig]] = {
    "null": NullRig,
    "microcontroller": MicrocontrollerRig,
    "dlclive_serial": DlcLiveRig,
    "dlclive_serial, silent": SilentDlcLiveRig,
    "open_ephys": OpenEphysRig,
    "open_ephys, line": OpenEphysLineRig,
    "lsl": LslRig,
    "osc": OscRig,
    "nidaq": NidaqRig,
}
