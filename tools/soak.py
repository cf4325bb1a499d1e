"""Resident memory of a session on the synthetic camera: its slope after warm-up.

Usage: python tools/soak.py [--minutes 20] [--warm-up-minutes 12]
The warm-up has to fill what is bounded: the own past (10 minutes) and the history of 10,000 exposures.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from selfee_rt.config import parse
from selfee_rt.session import Session

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import ANY_PORT, machine

MIB = 2**20


def resident_mib() -> float:
    """Resident memory of this process (Linux)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmRSS in /proc/self/status; this script runs on Linux")


def main() -> None:
    """Run one session and fit a line through its memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--warm-up-minutes", type=float, default=12)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--past-s", type=float, default=600, help="own past of the detector; full before measuring")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = parse(
            {
                "source": {"kind": "synthetic", "fps": given.fps},
                "observe": {"detector": [{"kind": "selfee", "past_s": given.past_s, "threshold": 1.0}]},
                "seconds": 60 * (given.minutes + given.warm_up_minutes),
                "publish": ANY_PORT,
                "record": {"folder": str(Path(folder) / "s")},
            },
            where="soak",
            base=Path.cwd(),
        )
        session = Session(config)
        session.start()
        seconds, memory = [], []
        while not session.wait(5):
            elapsed = session.snapshot().elapsed_s
            if elapsed > 60 * given.warm_up_minutes:
                seconds.append(elapsed)
                memory.append(resident_mib())
        last = session.finish()
        if session.error is not None:
            raise session.error
    slope = np.polyfit(seconds, memory, 1)[0] * 600
    print(machine())
    print(f"{last.n_exposures} exposures, lost: {dict(last.losses)}")
    print(
        f"resident {memory[0]:.1f} -> {memory[-1]:.1f} MiB over {given.minutes:g} min, "
        f"slope {slope:+.2f} MiB per 10 minutes"
    )


if __name__ == "__main__":
    main()
