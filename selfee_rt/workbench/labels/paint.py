"""Putting spans on a recording: none beyond its end, none twice, and an order where they overlap."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import LabelsConfig
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import Event, Scored


@dataclass(frozen=True, slots=True)
class Span:
    """Exposures with one label, both ends inclusive."""

    label: str
    first: int
    last: int
    event: Event


def check_bounds(scored: Scored, spans: list[Span], length: int) -> None:
    """Refuse a span that goes beyond the recording; a point may last beyond it, but not lie there.

    Raises:
        LabelsError: there is one; names the line.
    """
    for span in spans:
        last = span.first if span.event.point else span.last
        if last >= length:
            raise scored.wrong(
                span.event.line,
                f"labels exposure {last}, but the recording ends with exposure {length - 1}; give the labels of this "
                "recording",
            )


def check_twice(scored: Scored, spans: list[Span]) -> None:
    """Refuse one behaviour of one subject that is scored twice at a time."""
    latest: dict[tuple[str, str, str], Span] = {}
    for span in sorted(spans, key=lambda each: (each.first, each.event.line)):
        event = span.event
        key = (event.behaviour, event.subject, event.modifiers)
        before = latest.get(key)
        if before is not None and span.first <= before.last and not (event.point or before.event.point):
            raise scored.wrong(
                event.line,
                f"{event.behaviour!r} is scored twice at exposure {span.first}; line {before.event.line} has it until "
                f"exposure {before.last}",
            )
        if before is None or span.last >= before.last:
            latest[key] = span


def painted(scored: Scored, spans: list[Span], length: int, config: LabelsConfig) -> tuple[str, ...]:
    """Put the spans on the recording; where labels meet, `priority` decides."""
    owner = np.full(length, -1, dtype=np.int64)
    rank = {label: position for position, label in enumerate(config.priority)}
    ranks = np.array([rank.get(span.label, len(rank)) for span in spans] + [len(rank) + 1])  # the last: nobody
    for position, span in enumerate(spans):
        part = owner[span.first : span.last + 1]
        for other in np.unique(part[part >= 0]).tolist():
            _check_overlap(scored, spans[other], span, config)
        part[ranks[part] > ranks[position]] = position
    return _named(owner, [span.label for span in spans], config.unscored)


def _named(owner: NDArray[np.int64], names: list[str], unscored: str) -> tuple[str, ...]:
    return tuple(names[position] if position >= 0 else unscored for position in owner.tolist())


def _check_overlap(scored: Scored, one: Span, other: Span, config: LabelsConfig) -> None:
    if one.label == other.label or {one.label, other.label} <= set(config.priority):
        return
    first, second = sorted((one, other), key=lambda span: span.event.line)
    wanted = [*config.priority, *(span.label for span in (first, second) if span.label not in config.priority)]
    raise scored.wrong(
        second.event.line,
        f"{second.label!r} overlaps {first.label!r} of line {first.event.line} at exposure "
        f"{max(one.first, other.first)}; say which comes first" + remedy(config, priority=tuple(wanted)),
    )
