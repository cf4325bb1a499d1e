"""What the window costs: share of one core, and memory, at 30 pictures and 200 observations a second.

Usage: python tools/bench_view.py [--seconds 60] [--size 1280x800] [--arenas 1] [--fps 200]

An acted session publishes as fast as the fastest camera; the window runs as a process of its own on a screen that
nobody sees (Xvfb; the screen's own work is not counted). Linux only: it reads /proc.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from machine import machine  # noqa: E402
from screenshots import Screen  # noqa: E402

PICTURES_HZ = 30
WARM_UP_S = 70.0
"""Until the plots are full."""


class Process:
    """Looks at one process from outside."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")

    def cpu_s(self) -> float:
        """Processor time so far, of all threads."""
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self) -> dict[str, float]:
        """Processor time so far, by thread."""
        found = {}
        for task in (self._folder / "task").iterdir():
            text = (task / "stat").read_text()
            fields = text.rpartition(")")[2].split()
            found[f"{task.name} {text.partition('(')[2].rpartition(')')[0]}"] = (
                int(fields[11]) + int(fields[12])
            ) / os.sysconf("SC_CLK_TCK")
        return found

    def memory_mb(self) -> float:
        """Resident memory."""
        pages = int((self._folder / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def pictures() -> list:
    """A few pictures of the synthetic arena."""
    from selfee_rt import build
    from selfee_rt.config import SyntheticConfig

    source = build.source(SyntheticConfig(speed="max", seconds=1))
    source.open()
    found = [source.read(1.0).image for _ in range(20)]
    source.close()
    return found


class Acting:
    """Lets an acted session go on at its rates."""

    def __init__(self, stage: object, fps: float) -> None:
        self._stage, self._fps = stage, fps
        self._pictures = pictures()
        self._start, self._n_pictures, self._n_seconds = time.monotonic(), 0, 0

    def go_on(self, seconds: float) -> None:
        """For so long."""
        stage, stop = self._stage, time.monotonic() + seconds
        while (now := time.monotonic()) < stop:
            elapsed = now - self._start
            if self._n_seconds <= elapsed:
                self._n_seconds += 1
                stage.introduce()
            if self._n_pictures <= elapsed * PICTURES_HZ:
                self._n_pictures += 1
                stage.show(self._pictures[self._n_pictures % len(self._pictures)])
            while stage.index < elapsed * self._fps:
                if stage.index % 100 == 99:
                    stage.bout(stage.session.arenas[0].name, start=stage.index - 90, stop=stage.index)
                stage.observe()
            time.sleep(1 / self._fps)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--arenas", type=int, default=1)
    parser.add_argument("--fps", type=float, default=200.0)
    given = parser.parse_args()
    from tests.view.stage import Stage

    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), arenas=tuple(f"a{n}" for n in range(given.arenas)), fps=given.fps)
        acting, screen = Acting(stage, given.fps), Screen(given.size, Path(folder))
        try:
            with screen.window(stage.address) as view:
                acting.go_on(WARM_UP_S)
                measure(Process(view.pid), acting, given.seconds)
        finally:
            screen.close()
            stage.close()


def measure(process: Process, acting: Acting, seconds: float) -> None:
    """Print processor time and memory, minute by minute."""
    print(machine(), flush=True)
    left = seconds
    while left > 0:
        step = min(60.0, left)
        before, threads, start = process.cpu_s(), process.threads(), time.monotonic()
        acting.go_on(step)
        took = time.monotonic() - start
        share = (process.cpu_s() - before) / took
        print(f"{share:6.1%} of a core   {process.memory_mb():6.1f} MB resident", flush=True)
        for name, spent in process.threads().items():
            if spent - threads.get(name, 0.0) > 0.01 * took:
                print(f"        {(spent - threads.get(name, 0.0)) / took:6.1%}  {name}", flush=True)
        left -= step


if __name__ == "__main__":
    main()
