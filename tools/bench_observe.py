"""Measure what observing one exposure costs: projection, k-NN, anomaly score, own past; prints a Markdown table.

    OMP_NUM_THREADS=1 python tools/bench_observe.py

Random embeddings of 512 dimensions, projected to 64; the own past is that of 10 minutes at 30 fps. Medians of 5 runs of
400 calls, in microseconds.
"""

import statistics
import sys
from collections.abc import Callable
from time import perf_counter_ns

import numpy as np

from selfee_rt.config import KnnConfig, SelfeeAnomalyConfig
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import Reference, random_projection

DIM, POINTS_DIM, FPS = 512, 64, 30.0
RUNS, CALLS = 5, 400


def median_us(call: Callable[[], object]) -> float:
    """Median over runs of the median time of one call."""
    medians = []
    for _ in range(RUNS):
        times = []
        for _ in range(CALLS):
            start = perf_counter_ns()
            call()
            times.append(perf_counter_ns() - start)
        medians.append(statistics.median(times))
    return statistics.median(medians) / 1000


def main() -> int:
    """Print one line per size of the bank."""
    rng = np.random.default_rng(0)
    print("| examples in the bank | project | k-NN | anomaly score | add to the own past |\n|---|---|---|---|---|")
    for rows in (1_000, 5_000, 20_000):
        reference = Reference(
            model_id="0" * 64,
            labels=("a", "b", "c"),
            label_of=np.arange(rows) % 3,
            embedding=rng.standard_normal((rows, DIM)).astype(np.float16),
            mean=np.zeros(DIM, np.float32),
            projection=random_projection(DIM, POINTS_DIM, seed=0),
        )
        vector = rng.standard_normal(DIM).astype(np.float32)
        point = reference.project(vector)
        knn = Knn(reference, KnnConfig())
        detector = SelfeeAnomaly(reference, SelfeeAnomalyConfig(), FPS)
        for past in rng.standard_normal((round(600 * FPS), POINTS_DIM)).astype(np.float32):
            detector.observe(past)
        calls = (
            lambda reference=reference, vector=vector: reference.project(vector),
            lambda knn=knn, point=point: knn.probabilities(point),
            lambda detector=detector, point=point: detector.score(point),
            lambda detector=detector, point=point: detector.observe(point),
        )
        print(f"| {rows:,} | {' | '.join(f'{median_us(call):.0f} µs' for call in calls)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
