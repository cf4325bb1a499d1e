"""Trials and bouts of a session in another recorder's time."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from selfee_rt.errors import AlignmentError
from selfee_rt.folder import SessionFolder
from selfee_rt.stimuli import TRIALS, Delivery, Trigger
from selfee_rt.workbench.align.alignment import Alignment
from selfee_rt.workbench.align.host_clock import HostClock, host_clock
from selfee_rt.workbench.analyses.output import write_table
from selfee_rt.workbench.captured import captured_ns

TRIAL_COLUMNS = (
    "trigger_id", "rule", "arena", "device", "origin", "trial", "verdict", "outcome", "other_s", "by", "from_edge_s",
)  # fmt: skip
BOUT_COLUMNS = (
    "arena", "label", "source", "start_index", "stop_index", "start_other_s", "stop_other_s", "from_edge_s",
)  # fmt: skip
Row = Sequence[Any]


def write_trials(path: Path, session: SessionFolder, found: Alignment) -> None:
    """Write one row per trial to a new CSV file: when its first pulse began, or would have.

    `by` says from which clock that is known: the device's, or the host's (of trials without its stamp).

    Raises:
        AlignmentError: the file cannot be written.
    """
    trials = [each for each in session.triggers() if each.verdict in TRIALS]
    deliveries = {each.trigger_id: each for each in session.deliveries()}
    moments = _Moments(session, found)
    at = [moments.of(deliveries.get(trial.trigger_id)) for trial in trials]
    times_s, distances_s = found.at(np.array([device_us for device_us, _ in at], np.float64))
    rows = [
        _trial_row(trial, deliveries.get(trial.trigger_id), by, float(time_s), float(distance_s))
        for trial, (_, by), time_s, distance_s in zip(trials, at, times_s, distances_s, strict=True)
    ]
    _write(path, TRIAL_COLUMNS, rows)


class _Moments:
    """Finds the aligned device's time of deliveries, also of other devices'."""

    def __init__(self, session: SessionFolder, found: Alignment) -> None:
        self._session = session
        self._found = found
        self._clocks: dict[str, HostClock | None] = {found.device: found.clock}

    def of(self, delivery: Delivery | None) -> tuple[float, str]:
        """The aligned device's clock at its first pulse, NaN if not known, and whose clock that comes from."""
        if delivery is None:
            return np.nan, ""
        if delivery.device == self._found.device and delivery.device_us is not None:
            return float(delivery.device_us), "device"
        host_ns = self._host_ns(delivery)
        if host_ns is None or self._found.clock is None:
            return np.nan, ""
        return float(self._found.clock.device_at(np.array([host_ns]))[0]), "host"

    def _host_ns(self, delivery: Delivery) -> float | None:
        """By the device's own clock; else in the middle between the command and its confirmation; else the command."""
        clock = self._clock(delivery.device)
        if delivery.device_us is not None and clock is not None:
            return float(clock.host_at(np.array([float(delivery.device_us)]))[0])
        if delivery.sent_ns is None or delivery.acknowledged_ns is None:
            return delivery.sent_ns
        return (delivery.sent_ns + delivery.acknowledged_ns) / 2

    def _clock(self, device: str) -> HostClock | None:
        if device not in self._clocks:
            self._clocks[device] = host_clock(device, self._session.device_clock(device))
        return self._clocks[device]


def _trial_row(trial: Trigger, delivery: Delivery | None, by: str, time_s: float, distance_s: float) -> Row:
    t = trial
    outcome = None if delivery is None else delivery.outcome
    known = (t.trigger_id, t.rule, t.arena, t.device, t.origin, t.trial, t.verdict, outcome)
    return (*known, _seconds(time_s), by, _seconds(distance_s))


def write_bouts(path: Path, session: SessionFolder, found: Alignment) -> None:
    """Write one row per bout to a new CSV file: when its first and its last exposure were captured.

    Raises:
        AlignmentError: the device's clock is not known on the host's, or the file cannot be written.
    """
    if found.clock is None:
        raise AlignmentError(
            f"{session.path}: the clock of device {found.device!r} was never compared with the host's, so bouts "
            "cannot be placed; leave out --bouts"
        )
    bouts = list(session.bouts())
    starts_ns = captured_ns(session, [bout.start_index for bout in bouts])
    stops_ns = captured_ns(session, [bout.stop_index for bout in bouts])
    starts_s, distances_s = found.at(found.clock.device_at(starts_ns))
    stops_s, _ = found.at(found.clock.device_at(stops_ns))
    rows = [
        (b.arena, b.label, b.source, b.start_index, b.stop_index, *map(_seconds, (start, stop, distance)))
        for b, start, stop, distance in zip(bouts, starts_s, stops_s, distances_s, strict=True)
    ]
    _write(path, BOUT_COLUMNS, rows)


def _seconds(value: float) -> str | None:
    """To the microsecond; None: not known."""
    return None if np.isnan(value) else f"{value:.6f}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    try:
        write_table(path, columns, rows)
    except OSError as error:
        raise AlignmentError(f"cannot write {path}: {error.strerror}; choose another place") from error
