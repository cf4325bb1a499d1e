"""From what a label file says to one label per exposure."""

import math
from collections.abc import Iterator
from dataclasses import replace

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels.paint import Span, check_bounds, check_twice, painted
from selfee_rt.workbench.labels.plain import check_lines
from selfee_rt.workbench.labels.remedy import remedy
from selfee_rt.workbench.labels.scored import UNLABELLED, Event, Scored

SAME_FPS = 0.01
"""Frame rates that differ by a smaller fraction are one."""

ROUND_OFF = 1e-7
"""Exposures by which a product of decimal fractions may be wrong."""


def exposure_at(seconds: float, fps: float) -> int:
    """Exposure nearest to a time; halves go up, also those that binary fractions miss by a hair (4.1 s at 25 fps).

    >>> exposure_at(0.1, 25), exposure_at(0.099, 25), exposure_at(4.1, 25)
    (3, 2, 103)
    """
    return math.floor(seconds * fps + 0.5 + ROUND_OFF)


def labels_of(
    scored: Scored, config: LabelsConfig | None = None, *, exposures: int | None = None, fps: float | None = None
) -> tuple[str, ...]:
    """Label of every exposure of a recording.

    `exposures` is the recording's length, `fps` its frame rate; None: not known here, then the file must say it.
    A state in seconds begins with the exposure nearest to its start and ends before the one nearest to its stop, but
    has one exposure at least.

    Raises:
        LabelsError: something is missing, does not fit the recording, or leaves a choice that `config` does not make;
            names the line.
    """
    config = config or LabelsConfig()
    rate = _fps(scored, config, fps)
    _check_times(scored, config.fps or fps)
    events = _of_subject(scored, list(scored.events), config)
    events = [event for event in events if event.behaviour not in config.ignore]
    spans = [_span(scored, event, config, rate) for event in _without_points(scored, events, config)]
    length = _length(scored, exposures)
    check_bounds(scored, spans, length)
    check_twice(scored, spans)
    return painted(scored, spans, length, config)


def check_early(scored: Scored, config: LabelsConfig | None = None) -> None:
    """Refuse whatever can be known to be wrong before the recording is read.

    Raises:
        LabelsError: as `labels_of`.
    """
    config = config or LabelsConfig()
    rate = config.fps or scored.fps
    if scored.unit == "seconds" and rate is None:
        return
    stops = (event.stop * (rate or 1.0) if scored.unit == "seconds" else event.stop for event in scored.events)
    labels_of(scored, config, exposures=scored.exposures or math.ceil(max(stops, default=0.0)) + 1)


def _fps(scored: Scored, config: LabelsConfig, fps: float | None) -> float | None:
    """Frame rate to convert with: the table's, else the recording's, else the file's."""
    if config.fps is not None:
        return config.fps
    if fps is not None and scored.fps is not None and abs(fps - scored.fps) > SAME_FPS * fps:
        raise LabelsError(
            f"{scored.path} was scored at {scored.fps:g} fps, the recording has {fps:g}; give the labels of this "
            "recording, or say by which rate to convert" + remedy(config, fps=fps)
        )
    rate = fps or scored.fps
    if rate is None and scored.unit == "seconds":
        raise LabelsError(
            f"{scored.path} holds seconds and no single frame rate; give --fps, or --video to measure it, or"
            + remedy(config, fps=25.0).removeprefix(";")
        )
    return rate


def _check_times(scored: Scored, fps: float | None) -> None:
    """Refuse a file whose frames and times do not fit the recording's frame rate."""
    for line, frame, time_s in scored.stated if fps is not None else ():
        if fps is not None and abs(frame - time_s * fps) > 2 + SAME_FPS * max(frame, fps):
            raise scored.wrong(
                line,
                f"frame {frame} is at {time_s:g} s, so the file was scored at {frame / max(time_s, 1e-9):.4g} fps; the "
                f"recording has {fps:g}",
            )


def _of_subject(scored: Scored, events: list[Event], config: LabelsConfig) -> list[Event]:
    present = sorted({event.subject for event in events})
    if config.subject is not None:
        wanted = {config.subject} if isinstance(config.subject, str) else set(config.subject)
        absent = sorted(wanted - set(present))
        if absent:
            raise LabelsError(
                f"{scored.path}: there is no subject {absent[0]!r}; expected of {', '.join(map(repr, present))}"
            )
        return [event for event in events if event.subject in wanted]
    for event in events:
        if event.subject != events[0].subject:
            raise scored.wrong(
                event.line,
                f"is of the subject {event.subject!r}, line {events[0].line} of {events[0].subject!r}; choose one, or "
                "list several to put them together" + remedy(config, subject=events[0].subject),
            )
    return events


def _without_points(scored: Scored, events: list[Event], config: LabelsConfig) -> Iterator[Event]:
    for event in events:
        if not event.point:
            yield event
        elif config.points == "refuse":
            raise scored.wrong(
                event.line,
                f"{event.behaviour!r} is an event without a duration; leave such events out, or give them seconds"
                + remedy(config, points="ignore"),
            )
        elif config.points != "ignore":
            yield replace(event, stop=event.start + config.points)


def _span(scored: Scored, event: Event, config: LabelsConfig, fps: float | None) -> Span:
    label = _label(scored, event, config)
    if scored.unit == "exposures" or fps is None:
        return Span(label, int(event.start), int(event.stop), event)
    first = exposure_at(event.start, fps)
    return Span(label, first, max(first, exposure_at(event.stop, fps) - 1), event)


def _label(scored: Scored, event: Event, config: LabelsConfig) -> str:
    names = config.map or dict(scored.codes)
    name = event.behaviour
    if not names or name in names:
        return names.get(name, name)
    if dict(scored.codes).get(name, name) == UNLABELLED:
        return UNLABELLED
    what = "code" if scored.codes else "behaviour"
    raise scored.wrong(
        event.line,
        f"the {what} {name!r} is unknown, expected {', '.join(map(repr, names))}; name it, or list it in `ignore`"
        + remedy(config, map={**names, name: name}),
    )


def _length(scored: Scored, exposures: int | None) -> int:
    if scored.exposures is not None and scored.exact and exposures is not None:
        check_lines(scored.exposures, exposures, scored.path)
    length = exposures if exposures is not None else scored.exposures
    if length is None:
        raise LabelsError(
            f"{scored.path}: {scored.kind} does not say how long the recording is; give --exposures N or --video FILE"
        )
    return length
