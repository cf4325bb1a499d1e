"""Recordings in which it is known when something is strange: from an event file, or made by the synthetic arena."""

import csv
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import AnomalyEvent, ArenaConfig, ModelConfig, SyntheticConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.embedding import Embedded, Progress, embed_whole, no_progress

COLUMNS = ["what", "start", "stop"]

KINDS: tuple[Literal["third_object", "freezing", "odd_gait"], ...] = ("third_object", "freezing", "odd_gait")
EVERY_S = 30.0
LASTING_S = 8.0
QUIET_S = 180.0
"""The synthetic recordings' own schedule: a strange stretch of 8 s in every 30 s, after three quiet minutes."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something strange; exposures, both ends inclusive."""

    what: str
    start_index: int
    stop_index: int


@dataclass(frozen=True, eq=False)
class Watched:
    """A recording and what is known of it: outside the events, nothing strange happens."""

    recording: Embedded
    events: tuple[Event, ...]

    def truth(self, guard_exposures: int) -> NDArray[np.int8]:
        """Of each embedding (N,): 1 strange, 0 normal, -1 within `guard_exposures` of an event and neither."""
        index = self.recording.frame_index
        truth = np.zeros(len(index), dtype=np.int8)
        for event in self.events:
            near = (index >= event.start_index - guard_exposures) & (index <= event.stop_index + guard_exposures)
            truth[near & (truth == 0)] = -1
        for event in self.events:
            truth[(index >= event.start_index) & (index <= event.stop_index)] = 1
        return truth


def read_events(path: Path) -> tuple[Event, ...]:
    """Read a CSV file with the columns `what,start,stop`: exposures from 0 on, both ends inclusive.

    Raises:
        LabelsError: the file cannot be read, or a line is malformed; names the line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        raise LabelsError(f"cannot read the events {path}: {error.strerror}; give an existing CSV file") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path} is not a CSV file in UTF-8 ({error}); expected {','.join(COLUMNS)}") from error
    if not rows or rows[0] != COLUMNS:
        got = ",".join(rows[0]) if rows else "nothing"
        raise LabelsError(f"{path}, line 1: got {got}, expected the columns {','.join(COLUMNS)}")
    return tuple(_event(row, f"{path}, line {number}") for number, row in enumerate(rows[1:], start=2))


def _event(row: list[str], where: str) -> Event:
    numbers = [text.strip() for text in row[1:]]
    if len(row) != len(COLUMNS) or not all(text.isascii() and text.isdigit() for text in numbers):
        raise LabelsError(
            f"{where}: got {','.join(row)!r}, expected a name and two exposures, such as third_fly,90,120"
        )
    start, stop = (int(text) for text in numbers)
    if stop < start:
        raise LabelsError(f"{where}: the event ends with exposure {stop}, before it starts with {start}; exchange them")
    return Event(row[0].strip(), start, stop)


def synthetic_config(seed: int, seconds: float, fps: float) -> SyntheticConfig:
    """Configure the synthetic arena with a schedule of known anomalies that depends on the seed alone."""
    rng = random.Random(f"anomalies {seed}")
    count = max(0, math.floor((seconds - QUIET_S) / EVERY_S))
    spare_s = EVERY_S - LASTING_S - 10.0
    events = tuple(
        AnomalyEvent(
            what=KINDS[number % len(KINDS)],
            start_s=QUIET_S + number * EVERY_S + rng.uniform(0, spare_s),
            seconds=LASTING_S,
        )
        for number in range(count)
    )
    return SyntheticConfig(seed=seed, seconds=seconds, fps=fps, speed="max", anomalies=events)


def events_of(config: SyntheticConfig) -> tuple[Event, ...]:
    """The exposures in which the synthetic arena shows each of its anomalies."""
    return tuple(
        Event(
            event.what,
            math.ceil(event.start_s * config.fps),
            math.ceil((event.start_s + event.seconds) * config.fps) - 1,
        )
        for event in config.anomalies
    )


def watch_synthetic(config: SyntheticConfig, model: ModelConfig, *, progress: Progress = no_progress) -> Watched:
    """Embed a synthetic recording; errors as `embed_whole`."""
    recording = embed_whole(config, model, ArenaConfig(name="arena"), progress=progress)
    return Watched(recording, events_of(config))
