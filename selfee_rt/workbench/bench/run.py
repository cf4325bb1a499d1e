"""Every runtime starts, then they take turns in short blocks, so that a busy machine disturbs all alike."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from selfee_rt.workbench.bench.candidates import Candidate
from selfee_rt.workbench.bench.child import Child, ChildEnded
from selfee_rt.workbench.bench.gpu_memory import gpu_memory_mib
from selfee_rt.workbench.bench.messages import Block, Ready, Task, Times
from selfee_rt.workbench.bench.rows import Row


@dataclass(frozen=True)
class Plan:
    """How much is timed, and in what order."""

    rounds: int = 20
    """In each, every runtime has one block, in an order drawn anew."""
    inferences: int = 10
    """Of a block."""
    settle: int = 2
    """Inferences before a block that are not timed: another runtime has just had the caches."""
    seed: int = 0
    """Of the order."""
    start_timeout_s: float = 900.0
    """For one runtime to start; building an engine takes minutes."""


@dataclass(frozen=True)
class Telling:
    """What the measurement tells while it runs, and what it asks."""

    doing: Callable[[str], None]
    """Called with what begins now, in words."""
    done: Callable[[int, int], None]
    """Called with the rounds that are done, of how many."""
    enough: Callable[[], bool]
    """Whether the user has had enough: the measurement then ends in order, with what there is."""


@dataclass(frozen=True, eq=False)
class Found:
    """Every row, in the order of the candidates, and what each embedded."""

    rows: tuple[Row, ...]
    embeddings: Mapping[int, NDArray[np.float32]]
    """(N, D) float32, by the row's position; without those that did not start."""
    rounds: int
    """Rounds that every runtime had part in."""


class Measurement:
    """Runs the candidates side by side; `images` are the live frames (N, 3, H, W) uint8 of each one's model file."""

    def __init__(
        self, candidates: Sequence[Candidate], images: Sequence[NDArray[np.uint8]], plan: Plan, telling: Telling
    ) -> None:
        self._candidates, self._images, self._plan, self._telling = tuple(candidates), images, plan, telling
        self._rows = {number: Row(each) for number, each in enumerate(candidates)}
        self._running: dict[int, Child] = {}

    def run(self) -> Found:
        """Start, time and end every runtime; no process is left, however it ends."""
        with TemporaryDirectory(prefix="selfee_rt_bench_") as folder, self._ending():
            files = self._files(Path(folder))
            for number in self._rows:
                self._start(number, Path(folder), files)
            rounds = self._take_turns()
            self._ask_gpu()
            self._say_who_had_no_turn()
            embeddings = {
                number: np.load(_embeddings(Path(folder), number))
                for number, row in self._rows.items()
                if row.runtime is not None
            }
        return Found(tuple(self._rows.values()), embeddings, rounds)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        try:
            yield
        finally:
            for number in tuple(self._running):
                self._running.pop(number).close()

    def _files(self, folder: Path) -> list[Path]:
        """Write the live frames of each model file."""
        files = [folder / f"model_{number}.npy" for number in range(len(self._images))]
        for file, images in zip(files, self._images, strict=True):
            np.save(file, images)
        return files

    def _start(self, number: int, folder: Path, files: Sequence[Path]) -> None:
        if self._telling.enough():
            self._put(number, problem="stopped before it had started")
            return
        candidate = self._candidates[number]
        self._telling.doing(f"starting {candidate.runtime}, batch {candidate.batch}")
        task = Task(
            model=candidate.config.model_dump(mode="json"),
            batch=candidate.batch,
            images=str(files[candidate.model]),
            embeddings=str(_embeddings(folder, number)),
        )
        self._running[number] = child = Child(candidate.environment.python)
        with self._or_ended(number):
            ready: Ready = child.start(task, timeout_s=self._plan.start_timeout_s, enough=self._telling.enough)
            self._put(number, runtime=ready.runtime, start_ms=ready.start_ms)

    def _take_turns(self) -> int:
        """Blocks in turn; the rounds that are done."""
        random = np.random.default_rng(self._plan.seed)
        self._telling.doing("timing")
        for done in range(self._plan.rounds):
            if not self._running:
                return done
            for number in random.permutation(np.array(sorted(self._running), dtype=np.int64)).tolist():
                if self._telling.enough():
                    return done
                self._time(number)
            self._telling.done(done + 1, self._plan.rounds)
        return self._plan.rounds

    def _time(self, number: int) -> None:
        with self._or_ended(number):
            times: Times = self._running[number].block(Block(self._plan.inferences, self._plan.settle))
            durations = (*self._rows[number].durations_ns, *times.durations_ns)
            self._put(number, durations_ns=durations, peak_memory_bytes=times.peak_memory_bytes)

    @contextmanager
    def _or_ended(self, number: int) -> Iterator[None]:
        """Make a row's problem of a process that ends; the others go on."""
        try:
            yield
        except ChildEnded as error:
            self._put(number, problem=str(error))
            self._running.pop(number).close()

    def _ask_gpu(self) -> None:
        of_process = gpu_memory_mib()
        for number, child in self._running.items():
            self._put(number, gpu_memory_mib=of_process.get(child.pid))

    def _say_who_had_no_turn(self) -> None:
        for number, row in self._rows.items():
            if row.problem is None and not row.durations_ns:
                self._put(number, problem="stopped before its first block")

    def _put(self, number: int, **what: object) -> None:
        self._rows[number] = dataclasses.replace(self._rows[number], **what)  # type: ignore[arg-type]


def _embeddings(folder: Path, number: int) -> Path:
    return folder / f"embeddings_{number}.npy"
