"""What the window costs: share of one core, and memory over time, at 30 pictures and 200 observations a second.

Usage: python tools/bench_view.py [--seconds 3600] [--size 1280x800] [--arenas 1] [--fps 200] [--csv FILE]

An acted session publishes over ZeroMQ as fast as the fastest camera, the same from run to run; the window runs as a
process of its own on a screen that nobody sees (Xvfb; the screen's own work is not counted). After the plots are full
it is looked at every ten seconds; at the end its first and last ten minutes are compared (of a shorter run its first
and last third), with the slope of its memory. Linux only: it reads /proc.
"""

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from machine import machine  # noqa: E402
from screenshots import Screen  # noqa: E402

PICTURES_HZ = 30
WARM_UP_S = 300.0
"""Until plots, and the pictures that are kept (24 MiB), are full."""
EVERY_S = 10.0
PRINTED = 6
"""Samples in a line that is printed: a minute."""
PART_S = 600.0
"""The first and the last so many seconds are compared."""


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
    """Measure, print, and compare the end with the beginning."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--arenas", type=int, default=1)
    parser.add_argument("--fps", type=float, default=200.0)
    parser.add_argument("--csv", type=Path, help="write every sample to this file")
    given = parser.parse_args()
    from tests.view.stage import Stage

    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), arenas=tuple(f"a{n}" for n in range(given.arenas)), fps=given.fps)
        acting, screen = Acting(stage, given.fps), Screen(given.size, Path(folder))
        try:
            with screen.window(stage.address) as view:
                acting.go_on(WARM_UP_S)
                samples = measure(Process(view.pid), acting, given.seconds)
        finally:
            screen.close()
            stage.close()
    print_over_time(samples)
    if given.csv is not None:
        write_csv(given.csv, samples)


@dataclass(frozen=True)
class Sample:
    """The window after so many seconds of measuring."""

    at_s: float
    share: float
    """Of one core, since the sample before."""
    memory_mb: float


def measure(process: Process, acting: Acting, seconds: float) -> list[Sample]:
    """Look at the window every ten seconds; print what it takes minute by minute."""
    print(machine(), flush=True)
    samples: list[Sample] = []
    begin = start = time.monotonic()
    before, threads = process.cpu_s(), process.threads()
    while start - begin < seconds:
        acting.go_on(min(EVERY_S, seconds - (start - begin)))
        now, spent = time.monotonic(), process.cpu_s()
        samples.append(Sample(now - begin, (spent - before) / (now - start), process.memory_mb()))
        before, start = spent, now
        if len(samples) % PRINTED == 0:
            print(summary(f"to {now - begin:5.0f} s", samples[-PRINTED:]), flush=True)
    print_threads(process, threads, start - begin)
    return samples


def print_threads(process: Process, before: dict[str, float], took_s: float) -> None:
    """Which of its threads spent what."""
    for name, spent in process.threads().items():
        share = (spent - before.get(name, 0.0)) / took_s
        if share > 0.01:
            print(f"        {share:6.1%}  {name}")


def summary(name: str, samples: list[Sample]) -> str:
    """Mean share and mean memory of some samples, in a line."""
    share = sum(each.share for each in samples) / len(samples)
    memory = sum(each.memory_mb for each in samples) / len(samples)
    return f"{name:22} {share:6.1%} of a core   {memory:7.1f} MB resident"


def print_over_time(samples: list[Sample]) -> None:
    """The beginning against the end, and the line through all of it."""
    total = samples[-1].at_s
    part = min(PART_S, total / 3)
    print(summary(f"first {part / 60:.1f} min", [each for each in samples if each.at_s <= part]))
    print(summary(f"last {part / 60:.1f} min", [each for each in samples if each.at_s > total - part]))
    print(summary(f"all {total / 60:.1f} min", samples))
    slope = linear_regression([each.at_s / 3600 for each in samples], [each.memory_mb for each in samples]).slope
    print(f"memory: {slope:+.2f} MB/h, highest {max(each.memory_mb for each in samples):.1f} MB")


def write_csv(path: Path, samples: list[Sample]) -> None:
    """Every sample, to be drawn."""
    rows = [f"{each.at_s:.1f},{each.share:.4f},{each.memory_mb:.2f}" for each in samples]
    path.write_text("\n".join(["seconds,share_of_a_core,resident_mb", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
