"""Latency from capture to publication behind a paced camera, against the bare inference time, in one run.

Usage: python tools/bench_paced.py [--fps 30] [--seconds 30] [--runs 3]
Records (log, embeddings, video) as a session does by default.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from selfee_rt import build
from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.config import ModelConfig, parse
from selfee_rt.folder import SessionFolder
from selfee_rt.session import Session

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import ANY_PORT, machine


def bare_ms(fps: float, runs: int = 200) -> tuple[float, float]:
    """Median and 99th percentile of one inference, alone in the program, called at the camera's pace."""
    embedder = build.embedder(ModelConfig(), batch=1)
    images = np.random.default_rng(0).integers(
        0, 256, (1, 3, embedder.card.height_px, embedder.card.width_px), np.uint8
    )
    times = []
    due = now_ns()
    for _ in range(runs):
        due += round(NS_PER_S / fps)
        time.sleep(max(0, due - now_ns()) / NS_PER_S)
        start = now_ns()
        embedder.embed(images)
        times.append(now_ns() - start)
    embedder.close()
    p50, p99 = np.percentile(times, (50, 99)) / NS_PER_MS
    return float(p50), float(p99)


def paced(fps: float, seconds: float, video: str) -> tuple[float, float, float, int, int]:
    """p50, p99, max in ms, exposures and losses of one session; the first second is left out."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "s"
        config = parse(
            {
                "source": {"kind": "synthetic", "fps": fps},
                "seconds": seconds,
                "publish": ANY_PORT,
                "record": {"folder": str(out), "video": video},
                "observe": {"detector": [{"kind": "selfee", "threshold": 1.0}]},
            },
            where="bench",
            base=Path.cwd(),
        )
        session = Session(config)
        session.start()
        session.wait()
        last = session.finish()
        if session.error is not None:
            raise session.error
        with SessionFolder(out) as done:
            captured = {row.exposure.index: row.exposure.newest_captured_ns for row in done.observations("arena")}
            added = [
                (hop.at_ns - captured[hop.frame_index]) / NS_PER_MS
                for hop in done.hop_times()
                if hop.hop == "published" and hop.frame_index > fps
            ]
    p50, p99 = np.percentile(added, (50, 99))
    lost = sum(count for hop, count in last.losses.items() if hop != "edge")
    return float(p50), float(p99), max(added), last.n_exposures, lost


def main() -> None:
    """Measure and print rows for docs/measurements.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--video", default="h264")
    given = parser.parse_args()
    print(machine())
    for _ in range(given.runs):
        alone, alone_p99 = bare_ms(given.fps)
        p50, p99, largest, exposures, lost = paced(given.fps, given.seconds, given.video)
        print(
            f"| {given.fps:g} | {given.video} | {alone:.2f} / {alone_p99:.2f} | {p50:.2f} (+{p50 - alone:.2f}) | "
            f"{p99:.2f} (+{p99 - alone:.2f}) | {largest:.1f} | {lost} of {exposures} |"
        )


if __name__ == "__main__":
    main()
