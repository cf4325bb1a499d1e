"""The real firmware, executed by simavr, with its serial line on a pseudo-terminal and its pins written down.

    with SimulatedBoard() as board:
        config = MicrocontrollerConfig(name="led", port=board.port)
        ...
        board.edges("light")    # [(device_us, level), ...] since the last reset, on the clock of the firmware

The simulated clock is never ahead of the wall clock, and catches up when the machine was too slow. What the board did
before it answered is in the edges as soon as the answer is here. Judge by device times, never by the wall clock. With
`slowdown=4` the board lives at a quarter of the speed, and a busy machine has four times the time to keep it alive.
"""

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Literal

from tests.support import ROOT, need_header, need_tool

FIRMWARE = ROOT / "tools" / "firmware"
HEX = FIRMWARE / "selfee_rt_uno.hex"
CYCLES_PER_US = 16

Pin = Literal["light", "copy", "sync"]


def runner() -> Path:
    """The program that runs the firmware, compiled into .build once for each state of its sources."""
    compiler = need_tool("gcc")
    need_header("simavr/sim_avr.h", "libsimavr-dev")
    need_header("libelf.h", "libelf-dev")
    sources = sorted((FIRMWARE / "simulate").glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]
    program = ROOT / ".build" / f"simulate-{digest}"
    if not program.exists():
        program.parent.mkdir(exist_ok=True)
        unfinished = program.with_suffix(f".{os.getpid()}")
        wanted = [str(each) for each in sources if each.suffix == ".c"]
        options = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *options, "-o", str(unfinished), *wanted, "-lsimavr", "-lelf"], check=True)
        unfinished.replace(program)
    return program


class SimulatedBoard:
    """A board that is powered up on entering and gone on leaving."""

    def __init__(self, firmware: Path = HEX, slowdown: int = 1) -> None:
        self._command = [str(runner()), str(firmware), str(slowdown)]
        self._slowdown = slowdown
        self._n_read = 0
        self._unfinished = ""
        self._lines: list[list[str]] = []
        self.port = ""
        """Path of the serial port."""

    def __enter__(self) -> "SimulatedBoard":
        self._output = tempfile.TemporaryFile("w+b")
        # Its end of this pipe tells the runner that nobody needs it any more, should this process be killed.
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=self._output)
        try:
            self.port = self._first("port")[0]
            self.started_ns = int(self._first("start")[0])
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._output.close()

    def edges(self, pin: Pin) -> list[tuple[int, int]]:
        """(device_us, level) of each edge since the last reset, on the firmware's clock, rounded down."""
        reset = self._reset_cycles()[-1]
        return [((cycle - reset) // CYCLES_PER_US, level) for cycle, level in self._edges(pin) if cycle >= reset]

    def all_edges(self, pin: Pin) -> list[tuple[int, int]]:
        """(microseconds since the board was powered up, level) of each edge, whatever was reset in between."""
        return [(cycle // CYCLES_PER_US, level) for cycle, level in self._edges(pin)]

    def resets_us(self) -> list[int]:
        """When the processor was reset, in microseconds since the board was powered up, which is the first, 0."""
        return [cycle // CYCLES_PER_US for cycle in self._reset_cycles()]

    def level(self, pin: Pin) -> int:
        """Of the pin now."""
        edges = self._edges(pin)
        return edges[-1][1] if edges else 0

    def latest_us(self) -> int:
        """What the board's time, since it was powered up, is at the most now, and is soon."""
        return (time.monotonic_ns() - self.started_ns) // (1000 * self._slowdown)

    def press_reset(self) -> None:
        """As the button does."""
        self._process.send_signal(signal.SIGUSR1)

    def lose_the_way(self) -> None:
        """Let the processor loop for ever with its interrupts off."""
        self._process.send_signal(signal.SIGUSR2)

    def unplug(self) -> None:
        """Take board and port away."""
        self._process.kill()
        self._process.wait()

    def cpu_s(self) -> float:
        """Processor time that the simulation has taken."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _edges(self, pin: Pin) -> list[tuple[int, int]]:
        return [(int(words[3]), int(words[2])) for words in self._said() if words[:2] == ["pin", pin]]

    def _reset_cycles(self) -> list[int]:
        return [0, *(int(words[1]) for words in self._said() if words[0] == "reset")]

    def _said(self) -> list[list[str]]:
        """The words of each line that the runner has said so far."""
        size = os.fstat(self._output.fileno()).st_size
        news = os.pread(self._output.fileno(), size - self._n_read, self._n_read).decode("ascii")
        self._n_read = size
        *lines, self._unfinished = (self._unfinished + news).split("\n")
        self._lines += (line.split() for line in lines)
        return self._lines

    def _first(self, word: str) -> list[str]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            for words in self._said():
                if words[0] == word:
                    return words[1:]
            time.sleep(0.005)
        raise RuntimeError(f"the simulation said nothing of its {word}; its exit status is {self._process.poll()}")
