"""A whole benchmark: what was compared, on what, and what was found."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.embed.model import ModelCard, read_card, sha256_of
from selfee_rt.workbench.bench.agreement import agreement
from selfee_rt.workbench.bench.candidates import Environment
from selfee_rt.workbench.bench.frames import Taken
from selfee_rt.workbench.bench.recommend import Need, Pace, Verdict, arenas_that_fit, room, verdict
from selfee_rt.workbench.bench.rows import Row
from selfee_rt.workbench.bench.run import Found, Plan

LEAST_COSINE = 0.99
"""Centred cosine with the reference below which a runtime is not recommended, however quick it is."""

PRECISIONS = ("fp32", "fp16 weights")
"""By `ModelCard.precision`: those that are computed with in float32, the finest first."""


@dataclass(frozen=True)
class ModelFile:
    """One model file that takes part."""

    path: Path
    card: ModelCard
    sha256: str
    size_bytes: int

    @classmethod
    def read(cls, path: Path) -> "ModelFile":
        """Read and check a model file; errors as `read_card`."""
        return cls(path, read_card(path), sha256_of(path), path.stat().st_size)


@dataclass(frozen=True)
class Benchmark:
    """What was found, for the terminal and the report."""

    files: tuple[ModelFile, ...]
    environments: tuple[Environment, ...]
    plan: Plan
    need: Need
    frames: str
    """What the live frames are, in words."""
    rounds: int
    """Rounds that were done; fewer than planned where the user had enough."""
    rows: tuple[Row, ...]
    reference: int | None
    """Position of the row that the others' embeddings are compared with."""

    def verdict(self, row: Row) -> Verdict | None:
        """Whether a row keeps up; None unless it ran to its end with all arenas at once."""
        if not row.measured or row.candidate.batch != self.need.arenas:
            return None
        return verdict(_pace(row), self.need)

    def says(self, row: Row) -> str | None:
        """The verdict in words, with how many arenas would fit."""
        found = self.verdict(row)
        if found is None:
            return None
        every, one = _pace(row), self._alone(row)
        fits = room(arenas_that_fit(one, every, self.need), every)
        return "; ".join(part for part in (found.says, fits) if part)

    def best(self) -> Row | None:
        """The row to recommend: of those that keep up and agree with the reference, the one with the lowest p99."""
        fitting = [row for row in self.rows if (found := self.verdict(row)) and found.answer == "yes" and agrees(row)]
        return min(fitting, key=lambda row: row.summary().p99_ms or 0.0, default=None)

    def _alone(self, row: Row) -> Pace | None:
        """The pace of the same runtime and file with a batch of one."""
        same = dataclasses.replace(row.candidate, batch=1)
        return next((_pace(other) for other in self.rows if other.measured and other.candidate == same), None)


def agrees(row: Row) -> bool:
    """Whether a row's embeddings are the reference's, as far as they were compared."""
    return row.agreement is None or row.agreement.centred_cosine_min >= LEAST_COSINE


def settings(row: Row) -> str:
    """The section of a session's file that chooses this runtime, its file apart."""
    chosen = row.candidate.config.model_dump(mode="json", exclude={"file"}, exclude_defaults=True)
    return "\n".join(("[model]", *(f"{name} = {json.dumps(value)}" for name, value in chosen.items())))


def compared(found: Found, files: Sequence[ModelFile]) -> tuple[tuple[Row, ...], int | None]:
    """The rows with their agreement with the reference, and the reference's position; None: nothing embedded.

    The reference is the first of the files with the finest `PRECISIONS`, on the CPU, one live frame at a time, as
    far as there is such a row. Files that take other live frames than the reference's are not compared.
    """
    reference = _reference(found, files)
    if reference is None:
        return found.rows, None
    taken = [Taken.of(file.card) for file in files]
    of_reference = taken[found.rows[reference].candidate.model]
    rows = [
        dataclasses.replace(row, agreement=agreement(found.embeddings[reference], found.embeddings[number]))
        if number in found.embeddings and taken[row.candidate.model] == of_reference
        else row
        for number, row in enumerate(found.rows)
    ]
    return tuple(rows), reference


def _reference(found: Found, files: Sequence[ModelFile]) -> int | None:
    finest = min(range(len(files)), key=lambda number: _coarseness(files[number].card.precision))

    def how_far(number: int) -> tuple[bool, bool, bool, int]:
        row = found.rows[number]
        on_cpu = row.runtime is not None and row.runtime.get("providers") == ["cpu"]
        return row.candidate.model != finest, not on_cpu, row.candidate.batch != 1, number

    return min(found.embeddings, key=how_far, default=None)


def _coarseness(precision: str) -> int:
    """Place among `PRECISIONS`; what is not there comes last."""
    return PRECISIONS.index(precision) if precision in PRECISIONS else len(PRECISIONS)


def _pace(row: Row) -> Pace:
    return Pace(row.candidate.batch, row.mean_ms, row.summary().p99_ms)
