"""No trial came too soon, too often, too late, or when its dose was used up: worked out again from the rows."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import ValidationError

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config.trigger import LimitsConfig, StimulationConfig, TriggerConfig
from selfee_rt.folder import RuleRecord, SessionFolder, StimulationRecord
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.workbench.verify.doses import light_us
from selfee_rt.workbench.verify.report import Check

_MINUTE_NS = 60 * NS_PER_S


def check_limits(folder: SessionFolder, stimulation: StimulationRecord, triggers: Sequence[Trigger]) -> Iterator[Check]:
    """For each rule and each subject: its trials keep what the stored configuration allows."""
    trials = [trigger for trigger in triggers if trigger.verdict in TRIALS]
    given_us = light_us(folder)
    for rule in stimulation.rules:
        own = [trial for trial in trials if trial.rule == rule.name]
        given = given_us[rule.name]
        yield _check(f"limits, rule {rule.name!r}", _rule_problems(folder, rule, own, given), own, given)
    for subject in dict.fromkeys(rule.subject for rule in stimulation.rules):
        rules = [rule.name for rule in stimulation.rules if rule.subject == subject]
        own = [trial for trial in trials if trial.rule in rules]
        given = sum(given_us[rule] for rule in rules)
        name = "limits, the subject" if subject is None else f"limits, subject {subject!r}"
        yield _check(name, _subject_problems(folder, own, given), own, given)


def _check(name: str, problems: Iterator[str], trials: Sequence[Trigger], given_us: int) -> Check:
    problem = next(problems, None)
    return Check(name, problem is None, problem or f"{len(trials)} trials, {given_us / 1e6:g} s of light, with shams")


def _rule_problems(folder: SessionFolder, rule: RuleRecord, trials: Sequence[Trigger], given_us: int) -> Iterator[str]:
    try:
        stored = {each["name"]: each for each in folder.record.config["trigger"]}
        config = TriggerConfig.model_validate(stored[rule.name])
    except (KeyError, ValidationError) as error:
        yield f"the stored configuration has no such rule, or not as it should be: {error}"
        return
    yield from _refractory_problems(config, rule, trials)
    yield from _limit_problems(config.limits, trials, given_us)
    decided = [trial for trial in trials if trial.origin != "test"]
    if folder.record.source.paced:
        yield from _age_problems(config.max_age_ms, decided)
    yield from _window_problems(folder, config.between_s, decided)


def _subject_problems(folder: SessionFolder, trials: Sequence[Trigger], given_us: int) -> Iterator[str]:
    try:
        config = StimulationConfig.model_validate(folder.record.config.get("stimulation", {}))
    except ValidationError as error:
        yield f"the stored configuration is not as it should be: {error}"
        return
    yield from _limit_problems(config.subject_limits, trials, given_us)


def _refractory_problems(config: TriggerConfig, rule: RuleRecord, trials: Sequence[Trigger]) -> Iterator[str]:
    """Refractory time runs from the start of a trial, and is never less than its pulses take."""
    refractory_ns = max(round(config.refractory_ms * NS_PER_MS), rule.train.length_us * 1000)
    for before, trial in pairwise(trials):
        after_ns = trial.media_ns - before.media_ns
        if after_ns < refractory_ns:
            got_ms, expected_ms = after_ns / NS_PER_MS, refractory_ns / NS_PER_MS
            yield f"trial {trial.trigger_id} came {got_ms:g} ms after the one before, expected {expected_ms:g} at least"


def _limit_problems(limits: LimitsConfig, trials: Sequence[Trigger], given_us: int) -> Iterator[str]:
    times = sorted(trial.media_ns for trial in trials)
    most = limits.per_minute
    if most is not None and any(b - a < _MINUTE_NS for a, b in zip(times, times[most:], strict=False)):
        yield f"{most + 1} trials lie within a minute, expected at most {most}"
    if limits.total_on_s is not None and given_us > round(limits.total_on_s * 1e6):
        yield f"{given_us / 1e6:g} s of light were given, expected at most {limits.total_on_s:g}"


def _age_problems(max_age_ms: float, trials: Sequence[Trigger]) -> Iterator[str]:
    for trial in trials:
        age_ms = (trial.decided_ns - trial.newest_captured_ns) / NS_PER_MS
        if age_ms > max_age_ms:
            yield f"trial {trial.trigger_id} was decided {age_ms:.3f} ms after its exposure, expected {max_age_ms:g}"


def _window_problems(
    folder: SessionFolder, windows: Sequence[tuple[float, float]], trials: Sequence[Trigger]
) -> Iterator[str]:
    start_ns = next((each.exposure.newest_media_ns for each in folder.observations()), 0)
    for trial in trials if windows else ():
        at_s = (trial.media_ns - start_ns) / NS_PER_S
        if not any(start <= at_s <= stop for start, stop in windows):
            yield f"trial {trial.trigger_id} came at {at_s:.3f} s, expected within one of {windows}"
