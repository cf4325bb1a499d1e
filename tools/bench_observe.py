"""Measure what observing one exposure costs; prints Markdown tables.

    OMP_NUM_THREADS=1 python tools/bench_observe.py
    OMP_NUM_THREADS=1 python tools/bench_observe.py --exposures 1000000

Random embeddings of 2,048 dimensions, projected to 64 or --points-dim; the own past is that of 10 minutes at 30 fps.
First the parts, by size of the bank, medians of 5 runs of 400 calls. Then whole exposures as the deciding step observes
them (projection, classifier, Selfee's anomaly score, own past) with a bank of 50,000: percentiles of 1,000, medians of
5 runs, by the clock and of the core's own time, which does not count the work of others. With --exposures N, a stream
of N exposures instead, its first and last tenth compared: nothing may grow. That one has a small bank and a short past,
which fill at once, so that a million exposures end within minutes.
"""

import argparse
import itertools
import statistics
import sys
from collections.abc import Callable, Iterator
from time import perf_counter_ns, thread_time_ns

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import KnnConfig, ProbeConfig, SelfeeAnomalyConfig, SessionConfig
from selfee_rt.decide import Decider
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import Reference, random_projection
from selfee_rt.observe.reference_parts import Transitions
from selfee_rt.types import Embeddings, Exposure

DIM, FPS = 2048, 30.0
RUNS, CALLS, EXPOSURES = 5, 400, 1000
BANK = 50_000
SMALL_BANK, SHORT_PAST_S = 500, 30.0


class Stored:
    """Stands where the embedder would."""

    model_id = "0" * 64

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Refuse: the embeddings are there already."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


def make_reference(rows: int, points_dim: int) -> Reference:
    """A reference of random examples with three labels."""
    rng = np.random.default_rng(0)
    return Reference(
        model_id=Stored.model_id,
        labels=("a", "b", "c"),
        label_of=np.arange(rows) % 3,
        embedding=rng.standard_normal((rows, DIM), dtype=np.float32).astype(np.float16),
        mean=np.zeros(DIM, np.float32),
        projection=random_projection(DIM, points_dim, seed=0),
        transitions=Transitions(((90, 5, 5), (5, 90, 5), (5, 5, 90)), (100, 100, 100), FPS),
    )


def make_decider(reference: Reference, past_s: float, **observe: object) -> Decider:
    """The deciding step of one arena, as a session builds it."""
    detector = {"kind": "selfee", "past_s": past_s}
    document = {"source": {"kind": "synthetic"}, "observe": {"detector": [detector], **observe}}
    observers = build.observers(SessionConfig.model_validate(document), reference, FPS, 8)
    return Decider(Stored(), observers, reference.project, frame_interval=2, align="current")


def stream(vectors: NDArray[np.float32]) -> Iterator[Embeddings]:
    """Exposures without end, their embeddings (1, D) taken in turn."""
    index = 0
    while True:
        vector = vectors[index % len(vectors)][None]
        exposure = Exposure(index, index, index, index, index + 2, index + 2, index + 2, index + 2)
        yield Embeddings(exposure, vector, Stored.model_id, index, index, image_stats=None)
        index += 1


def times_us(decider: Decider, embeddings: Iterator[Embeddings], count: int) -> NDArray[np.float64]:
    """Microseconds (2, count) of each exposure: by the clock, and of the core's own time."""
    times = np.empty((2, count))
    for at in range(count):
        given = next(embeddings)
        start, busy = perf_counter_ns(), thread_time_ns()
        decider.observe(given)
        times[:, at] = perf_counter_ns() - start, thread_time_ns() - busy
    return times / 1000


def in_turn(call: Callable[[NDArray[np.float32]], object], rows: NDArray[np.float32]) -> Callable[[], object]:
    """Call with another row every time, since the same one again costs nothing."""
    turn = itertools.cycle(rows)
    return lambda: call(next(turn))


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


def print_parts(vectors: NDArray[np.float32], points_dim: int) -> None:
    """Print one line per size of the bank; each part asks a bank of its own about another point every time."""
    print("| examples in the bank | project | product with the bank | k-NN | anomaly score | add to the own past |")
    print("|---|---|---|---|---|---|")
    for rows in (1_000, 5_000, 20_000, BANK):
        reference = make_reference(rows, points_dim)
        points = np.array([reference.project(vector) for vector in vectors])
        detector = SelfeeAnomaly(reference, SelfeeAnomalyConfig(), FPS)
        for past in np.random.default_rng(1).standard_normal((round(600 * FPS), points_dim)).astype(np.float32):
            detector.observe(past)
        calls = (
            in_turn(reference.project, vectors),
            in_turn(Bank(reference.bank).similarity, points),
            in_turn(Knn(reference, KnnConfig()).probabilities, points),
            in_turn(detector.score, points),
            in_turn(detector.observe, points),
        )
        print(f"| {rows:,} | {' | '.join(f'{median_us(call):.0f} µs' for call in calls)} |", flush=True)


def print_exposures(vectors: NDArray[np.float32], points_dim: int) -> None:
    """Print the percentiles of whole exposures, for each classifier and smoothing."""
    print(f"\n| one exposure, {BANK:,} examples in the bank | p50 | p99 | p50, core's time | p99, core's time |")
    print("|---|---|---|---|---|")
    reference = make_reference(BANK, points_dim)
    for name, observe in (
        ("k-NN and anomaly score", {"classifier": KnnConfig().model_dump()}),
        ("the same, abstaining by distance", {"abstain": {"beyond_distance": 1.9}}),
        ("the same, hidden Markov model with a lag of 30", {"smoothing": {"kind": "hmm", "lag_exposures": 30}}),
        ("linear probe and anomaly score", {"classifier": ProbeConfig(l2=1.0).model_dump()}),
    ):
        decider, embeddings = make_decider(reference, 600.0, **observe), stream(vectors)
        times_us(decider, embeddings, round(600 * FPS))  # the own past is full
        runs = [np.percentile(times_us(decider, embeddings, EXPOSURES), (50, 99), axis=1).T for _ in range(RUNS)]
        print(f"| {name} | {' | '.join(f'{each:.0f} µs' for each in np.median(runs, axis=0).ravel())} |", flush=True)


def print_growth(vectors: NDArray[np.float32], exposures: int, points_dim: int) -> None:
    """Print the first and last tenth of a long stream."""
    reference = make_reference(SMALL_BANK, points_dim)
    decider = make_decider(reference, SHORT_PAST_S, smoothing={"kind": "hmm", "lag_exposures": 5})
    times = times_us(decider, stream(vectors), exposures)[1]
    tenth = exposures // 10
    print(f"\n| {exposures:,} exposures, {SMALL_BANK} examples in the bank, core's time | p50 | p99 |\n|---|---|---|")
    for name, part in (("first tenth", times[:tenth]), ("last tenth", times[-tenth:])):
        print(f"| {name} | {np.percentile(part, 50):.0f} µs | {np.percentile(part, 99):.0f} µs |")


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exposures", type=int, help="only compare the beginning and end of so long a stream")
    parser.add_argument("--points-dim", type=int, default=64, help="dimensions after the projection")
    given = parser.parse_args()
    vectors = np.random.default_rng(2).standard_normal((997, DIM)).astype(np.float32)
    if given.exposures is not None:
        print_growth(vectors, given.exposures, given.points_dim)
        return 0
    print_parts(vectors, given.points_dim)
    print_exposures(vectors, given.points_dim)
    return 0


if __name__ == "__main__":
    sys.exit(main())
