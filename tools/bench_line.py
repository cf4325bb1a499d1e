"""Throughput of the whole line at `max` against a bare inference loop, in one run, alternating.

Usage: python tools/bench_line.py VIDEO [--runs 5] [--frames 1000] [--model M]
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from selfee_rt import build
from selfee_rt.config import ModelConfig, SessionConfig, VideoFileConfig, parse
from selfee_rt.session import Session

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import ANY_PORT, machine


def live_frames(video: Path, model: ModelConfig, most: int) -> list[np.ndarray]:
    """The very tensors that the line will embed."""
    from selfee_rt.config import ArenaConfig
    from selfee_rt.workbench.embedding import OpenRecording

    tensors = []
    with OpenRecording(VideoFileConfig(path=video, speed="max"), model, ArenaConfig(name="arena")) as recording:
        for live in recording.live_frames():
            tensors.append(live.image.copy())
            if len(tensors) == most:
                break
    return tensors


def bare(model: ModelConfig, tensors: list[np.ndarray]) -> float:
    """Frames per second of InferenceSession.run alone, with the same session options."""
    embedder = build.embedder(model, batch=1)
    session, name = embedder._session, embedder._input
    start = time.perf_counter()
    for tensor in tensors:
        session.run(None, {name: tensor})
    took = time.perf_counter() - start
    embedder.close()
    return len(tensors) / took


def line(config: SessionConfig) -> float:
    """Frames per second of a whole session, from the first exposure to the last observation on disk."""
    session = Session(config)
    session.start()
    session.wait()
    last = session.finish()
    if session.error is not None:
        raise session.error
    return last.n_observed / last.elapsed_s


def main() -> None:
    """Measure and print a row for docs/measurements.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--reference", type=Path)
    given = parser.parse_args()
    model = ModelConfig(file=given.model)
    tensors = live_frames(given.video, model, given.frames)
    pairs = []
    for _ in range(given.runs):
        alone = bare(model, tensors)
        with tempfile.TemporaryDirectory() as folder:
            config = parse(
                {
                    "source": {"kind": "video_file", "path": str(given.video), "speed": "max"},
                    "publish": ANY_PORT,
                    "record": {"folder": str(Path(folder) / "s")},
                    "model": {} if given.model is None else {"file": str(given.model)},
                    "observe": {} if given.reference is None else {"reference": str(given.reference)},
                },
                where="bench",
                base=Path.cwd(),
            )
            pairs.append((alone, line(config)))
        print(f"bare {pairs[-1][0]:.1f} fps, line {pairs[-1][1]:.1f} fps, ratio {pairs[-1][1] / pairs[-1][0]:.3f}")
    print(machine())
    print(
        f"| {given.video.name} | {statistics.median(a for a, _ in pairs):.1f} | "
        f"{statistics.median(b for _, b in pairs):.1f} | {statistics.median(b / a for a, b in pairs):.3f} |"
    )


if __name__ == "__main__":
    main()
