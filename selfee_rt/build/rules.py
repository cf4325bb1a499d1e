"""Rules of stimuli."""

from collections.abc import Mapping, Sequence
from functools import partial

from selfee_rt.clock import NS_PER_S
from selfee_rt.config import SessionConfig, TriggerConfig, YokedConfig
from selfee_rt.decide import ArenaObserver
from selfee_rt.errors import ConfigError, SelfeeRTError
from selfee_rt.folder import SessionFolder
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.trigger.assemble import assemble
from selfee_rt.trigger.condition import Watch, compile_condition
from selfee_rt.trigger.grammar import parse
from selfee_rt.trigger.history import History
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.types import SourceInfo

GAP_INTERVALS = 2
"""A step of the time beyond so many frame intervals ends what had to last."""


def rules(
    config: SessionConfig,
    seeds: Mapping[str, int],
    arenas: Sequence[ArenaObserver],
    source: SourceInfo,
    frame_interval: int,
    history: History | None = None,
) -> RuleSet | None:
    """The rules of a session, all disarmed; None where there is none. `history`: of the sessions that it continues.

    Raises:
        ConfigError: with every condition that cannot be read or names what its arena does not have, every session to
            be yoked to that cannot be read, and rules of the continued session that there are no more.
    """
    if not config.trigger:
        return None
    problems: list[str] = []
    watches: dict[str, Watch] = {}
    yoked: dict[str, tuple[int, ...]] = {}
    period_ns = round(NS_PER_S / source.fps)
    for trigger in config.trigger:
        try:
            if trigger.when is not None:
                arena = _arena(trigger, arenas)
                watches[trigger.name] = _watch(trigger.when, arena, GAP_INTERVALS * frame_interval * period_ns)
            elif trigger.yoked is not None:
                yoked[trigger.name] = _times_ns(trigger.yoked)
        except ConfigError as error:
            problems += (f"trigger {trigger.name!r}: {problem}" for problem in error.problems)
        except SelfeeRTError as error:
            problems.append(f"trigger {trigger.name!r}: {error}")
    if problems:
        raise ConfigError(problems)
    return assemble(
        config.trigger,
        config.stimulation,
        subjects={arena.name: arena.subject or config.subject.id for arena in config.arena},
        watches=watches,
        yoked=yoked,
        seeds=seeds,
        frame_period_ns=period_ns,
        paced=source.paced,
        history=history,
    )


def check_conditions(config: SessionConfig) -> None:
    """Read every condition.

    Raises:
        ConfigError: with everyone that cannot be read.
    """
    problems: list[str] = []
    for trigger in config.trigger:
        try:
            parse(trigger.when or "alarm")
        except ConfigError as error:
            problems += (f"trigger {trigger.name!r}: {problem}" for problem in error.problems)
    if problems:
        raise ConfigError(problems)


def _arena(trigger: TriggerConfig, arenas: Sequence[ArenaObserver]) -> ArenaObserver:
    return next(each for each in arenas if trigger.arena in (None, each.arena))


def _watch(when: str, arena: ArenaObserver, longest_step_ns: int) -> Watch:
    compiled = partial(compile_condition, parse(when), longest_step_ns=longest_step_ns)
    return compiled(
        labels=() if arena.classifier is None else arena.classifier.labels,
        detectors=tuple(each.name for each in arena.detectors),
        templates=tuple(each.name for each in arena.templates),
    )


def _times_ns(yoked: YokedConfig) -> tuple[int, ...]:
    """When another session had stimuli, after its first observed exposure.

    Of a session that tells shams apart only the real ones; of a blinded one every trial, or the times would unblind it.
    """
    with SessionFolder(yoked.session) as session:
        triggers = [each for each in session.triggers() if each.verdict in TRIALS and each.origin != "test"]
        rule = _chosen(yoked, triggers)
        first_ns = next((each.exposure.newest_media_ns for each in session.observations()), 0)
    return tuple(sorted(each.media_ns - first_ns for each in triggers if each.rule == rule and each.verdict != "sham"))


def _chosen(yoked: YokedConfig, triggers: Sequence[Trigger]) -> str:
    names = sorted({each.rule for each in triggers})
    if yoked.rule is None and len(names) == 1:
        return names[0]
    if yoked.rule is None or yoked.rule not in names:
        raise ConfigError(
            [
                f"yoked: got rule {yoked.rule!r} of {yoked.session}, which had trials of: "
                f"{', '.join(names) or 'none'}; name one of them"
            ]
        )
    return yoked.rule
