"""What a window costs a session: latency from capture to publication with and without it, in turns.

Usage: python tools/bench_beside.py [--seconds 40] [--turns 3]

The demo's session runs headless, without video; every other turn a window looks at it, on a screen that nobody sees
(Xvfb; its software rendering, which a real screen does not need, is counted against the window).
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from machine import ANY_PORT, machine  # noqa: E402
from screenshots import Screen  # noqa: E402

from selfee_rt.cli.live import DEMO  # noqa: E402
from selfee_rt.clock import NS_PER_MS  # noqa: E402
from selfee_rt.config import parse  # noqa: E402
from selfee_rt.folder import SessionFolder  # noqa: E402
from selfee_rt.session import Session  # noqa: E402

SETTLE_S = 12.0
"""Left out at the beginning of each turn."""


def turn(seconds: float, screen: Screen | None) -> tuple[float, float, int]:
    """p50 and p99 in ms, and exposures lost between capture and decision."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        out = Path(folder) / "s"
        document = DEMO | {"publish": ANY_PORT, "record": {"folder": str(out), "video": "none"}}
        session = Session(parse(document, where="bench", base=Path.cwd()))
        session.start()
        try:
            if screen is not None:
                stack.enter_context(screen.window(str(session.observations_address)))
            time.sleep(seconds)
        finally:
            session.stop("the turn is over")
            session.wait()
            session.finish()
        return measured(out)


def measured(out: Path) -> tuple[float, float, int]:
    """The same, from the session's log."""
    with SessionFolder(out) as folder:
        published = {row.frame_index: row.at_ns for row in folder.hop_times() if row.hop == "published"}
        rows = [row.exposure for row in folder.observations() if row.exposure.index in published]
        begin = rows[0].newest_captured_ns + SETTLE_S * 1e9
        counted = [each for each in rows if each.newest_captured_ns > begin]
        took = [(published[each.index] - each.newest_captured_ns) / NS_PER_MS for each in counted]
        first = counted[0].index
        lost = sum(loss.count for loss in folder.losses("arena") if loss.first_index > first and loss.hop != "edge")
    cuts = statistics.quantiles(took, n=100)
    return cuts[49], cuts[98], lost


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen("1280x800", Path(folder))
        try:
            for _ in range(given.turns):
                for name, where in (("without", None), ("with", screen)):
                    p50, p99, lost = turn(given.seconds, where)
                    print(f"{name:8} p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   lost {lost}", flush=True)
        finally:
            screen.close()


if __name__ == "__main__":
    main()
