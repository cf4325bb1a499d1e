"""What a session says about itself in text: one line while it runs, a few at its end."""

from collections.abc import Iterator, Mapping

from selfee_rt.session import Snapshot
from selfee_rt.types import Drift, Observation, StageStatus


def stage(snapshot: Snapshot, name: str) -> StageStatus:
    """Status of one stage."""
    return next(each for each in snapshot.stages if each.name == name)


def milliseconds(value: float | None) -> str:
    """A latency for people."""
    return "-" if value is None else f"{value:.1f}"


def label_of(observation: Observation, labels: tuple[str, ...]) -> str:
    """The label with its probability, or why there is none yet."""
    if observation.label is None:
        return "-"
    if observation.probabilities is None or observation.label not in labels:
        return observation.label
    return f"{observation.label} {observation.probabilities[labels.index(observation.label)]:.2f}"


def score_of(observation: Observation, detector: str) -> str:
    """The anomaly score, or that it is warming up."""
    score = observation.scores.get(detector)
    return "warming up" if score is None else f"{score:+.3f}"


def losses_of(snapshot: Snapshot) -> str:
    """Losses by hop in words."""
    return ", ".join(f"{count:,} {hop}" for hop, count in sorted(snapshot.losses.items()) if count) or "none"


def drifts_of(drifts: Mapping[str, tuple[Drift, ...]]) -> str:
    """What has drifted, in one short line; empty if nothing has."""
    return ", ".join(
        f"{arena} {drift.statistic} {drift.value:.4g} instead of {drift.expected:.4g} since {drift.since_index:,}"
        for arena, state in drifts.items()
        for drift in state
    )


def one_line(snapshot: Snapshot) -> str:
    """The state of a session in one line."""
    total = stage(snapshot, "total")
    parts = [
        f"{snapshot.elapsed_s:7.1f} s",
        f"{snapshot.fps_out:6.1f} fps",
        f"observed {snapshot.n_observed:,} of {snapshot.n_exposures:,}",
        f"lost: {losses_of(snapshot)}",
    ]
    if snapshot.source.paced:
        parts.append(f"latency {milliseconds(total.p50_ms)}/{milliseconds(total.p99_ms)} ms (p50/p99)")
    for arena, observation in snapshot.latest.items():
        scores = ", ".join(f"{name} {score_of(observation, name)}" for name in observation.scores)
        alarm = " ALARM" if observation.alarm else ""
        parts.append(f"{arena}: {label_of(observation, snapshot.labels)}{', ' if scores else ''}{scores}{alarm}")
    if snapshot.drifts:
        parts.append(f"drift: {drifts_of(snapshot.drifts)}")
    for name, rule in snapshot.stimulation.items():
        parts.append(f"{name}: {'ARMED' if rule.armed else 'disarmed'}, {rule.trials:,} trials, {rule.device_state}")
        if rule.alarm is not None:
            parts.append(f"ALARM {name}: {rule.alarm}")
    return " | ".join(parts)


def ending(snapshot: Snapshot) -> Iterator[str]:
    """The summary of a session that has ended."""
    total, lost = stage(snapshot, "total"), sum(snapshot.losses.values())
    yield f"Ended: {snapshot.how}"
    for name, rule in snapshot.stimulation.items():
        counted = (
            ", ".join(f"{count:,} {verdict}" for verdict, count in rule.verdicts.items() if count) or "no decision"
        )
        yield f"{name}: {counted}; {rule.light_s:.3g} s of light by its trials, shams counted as if they had been real"
    yield (
        f"{snapshot.n_exposures:,} exposures in {snapshot.elapsed_s:.1f} s: "
        f"{snapshot.n_observed:,} observed + {lost:,} lost ({losses_of(snapshot)})"
    )
    rate = snapshot.n_observed / snapshot.elapsed_s if snapshot.elapsed_s else 0.0
    if snapshot.source.paced:
        yield (
            f"Latency from capture to publication {milliseconds(total.p50_ms)} ms (p50), "
            f"{milliseconds(total.p99_ms)} ms (p99), {milliseconds(total.max_ms)} ms (max); "
            f"lookahead {snapshot.lookahead_ms:.1f} ms comes before it"
        )
    else:
        yield f"{rate:.1f} observations/s"
    yield f"{snapshot.n_alarms:,} exposures with an alarm, in {snapshot.n_merged_alarms:,} alarms"
    if snapshot.recording.startswith("failed"):
        yield f"Recording {snapshot.recording}"
    yield f"Session folder: {snapshot.folder}"
