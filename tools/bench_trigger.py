"""From a decision to the acknowledged pulse, and from light to it, on the firmware as simavr executes it.

Usage: python tools/bench_trigger.py [--triggers 10000] [--every-ms 30] [--probes 200] [--fps 100]
Needs simavr, a C compiler and pyserial. The board is simulated, and shares the processor with what is measured.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from selfee_rt.cli.latency import run_session
from selfee_rt.clock import NS_PER_MS
from selfee_rt.config import MicrocontrollerConfig, SessionConfig, parse
from selfee_rt.workbench.latency.probes import ProbePlan
from selfee_rt.workbench.latency.report import text
from selfee_rt.workbench.latency.sessions import RULE, SoftwareLoop, usual
from selfee_rt.workbench.latency.software_loop import measure_software_loop
from selfee_rt.workbench.latency.told import read

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench_paced import bare_ms
from machine import ANY_PORT, machine

from tests.trigger.simulated_board import SimulatedBoard

PULSE_MS = 1.0
WARM_UP_S = 3.0


def board_config(board: SimulatedBoard) -> MicrocontrollerConfig:
    """The simulated board as a device; it may be slow to answer where the machine is."""
    return MicrocontrollerConfig(name="board", port=board.port, answer_within_ms=1000, boot_s=20)


def scheduled(board: SimulatedBoard, folder: Path, triggers: int, every_ms: float, fps: float) -> SessionConfig:
    """A session whose only rule orders so many pulses, whatever the animals do."""
    seconds = WARM_UP_S + triggers * every_ms / 1000 + 1
    return parse(
        {
            "source": {"kind": "synthetic", "fps": fps, "seconds": seconds, "width_px": 320, "height_px": 240},
            "observe": usual(None).observe.model_dump(),
            "publish": ANY_PORT,
            "record": {"folder": str(folder), "video": "none"},
            "device": [board_config(board).model_dump()],
            "trigger": [
                {
                    "name": RULE,
                    "device": "board",
                    "schedule": {"start_s": WARM_UP_S, "every_s": every_ms / 1000, "count": triggers},
                    "pulse": {"on_ms": PULSE_MS},
                    "max_age_ms": every_ms - PULSE_MS,
                    "seen_in": [],
                }
            ],
            "stimulation": {"arm_for_s": seconds + 120},
        },
        where="bench",
        base=Path.cwd(),
    )


def unaccounted(folder: Path) -> tuple[int, Counter[str], int]:
    """Decisions, what became of each, and trials without exactly one delivery, by a query of our own."""
    with sqlite3.connect(folder / "log.sqlite") as log:
        fates = Counter(
            dict(
                log.execute(
                    "SELECT coalesce(outcome, verdict), count(*) FROM triggers LEFT JOIN deliveries USING (trigger_id) "
                    "GROUP BY 1"
                )
            )
        )
        (odd,) = log.execute(
            "SELECT count(*) FROM (SELECT trigger_id FROM triggers LEFT JOIN deliveries d USING (trigger_id) "
            "WHERE verdict = 'fired' GROUP BY trigger_id HAVING count(d.outcome) != 1)"
        ).fetchone()
    return sum(fates.values()), fates, odd


def spans_ms(folder: Path) -> dict[str, np.ndarray]:
    """Decision to sending, to confirmation, and both, of every acknowledged pulse."""
    with sqlite3.connect(folder / "log.sqlite") as log:
        stamps = np.array(
            list(
                log.execute(
                    "SELECT decided_ns, sent_ns, acknowledged_ns FROM triggers JOIN deliveries USING (trigger_id) "
                    "WHERE outcome = 'acknowledged'"
                )
            )
        )
    decided, sent, confirmed = stamps.T
    return {
        "decision to command": (sent - decided) / NS_PER_MS,
        "command to confirmation": (confirmed - sent) / NS_PER_MS,
        "decision to acknowledged pulse": (confirmed - decided) / NS_PER_MS,
    }


def pulses(triggers: int, every_ms: float, fps: float) -> None:
    """Print how long pulses take, and that none is unaccounted for, in the log and on the pin."""
    with tempfile.TemporaryDirectory() as out, SimulatedBoard() as board:
        folder = Path(out) / "s"
        run_session(scheduled(board, folder, triggers, every_ms, fps))
        decisions, fates, odd = unaccounted(folder)
        risen = sum(level for _, level in board.edges("light"))
        print(f"{decisions} decisions of {triggers} planned: {dict(fates)}; without exactly one delivery: {odd}")
        print(f"pulses on the pin: {risen}, acknowledged: {fates['acknowledged']}")
        for name, values in spans_ms(folder).items():
            shown = " | ".join(f"{value:.2f}" for value in (*np.percentile(values, (50, 95, 99)), values.max()))
            print(f"| {name} | {shown} |")


def light_to_pulse(probes: int, fps: float) -> None:
    """Print the software loop on the board, beside what inference and the camera's period take alone."""
    alone, alone_p99 = bare_ms(fps)
    with tempfile.TemporaryDirectory() as out, SimulatedBoard() as board:
        folder = Path(out) / "s"
        config = usual(None)
        plan = ProbePlan(probes, 3 * 1000 / fps, (400.0, 800.0), WARM_UP_S, 0)
        run_session(
            SoftwareLoop(plan, 640, 480, fps, config.model, config.observe, board_config(board)).session(folder)
        )
        found = measure_software_loop(read(folder, "arena"), RULE, plan.at_s(), plan.on_ms)
    print(text(found))
    print(f"bare inference p50 {alone:.2f}, p99 {alone_p99:.2f} ms; frame period {1000 / fps:.2f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triggers", type=int, default=10_000)
    parser.add_argument("--every-ms", type=float, default=30)
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--fps", type=float, default=100)
    given = parser.parse_args()
    print(machine())
    if given.triggers:
        pulses(given.triggers, given.every_ms, given.fps)
    if given.probes:
        light_to_pulse(given.probes, given.fps)


if __name__ == "__main__":
    main()
