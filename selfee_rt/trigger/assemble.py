"""From the configuration to the rules of a session."""

from collections.abc import Mapping, Sequence
from itertools import count

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import StimulationConfig, TriggerConfig
from selfee_rt.errors import ConfigError
from selfee_rt.trigger.blanking import Blanking
from selfee_rt.trigger.gate import Gate
from selfee_rt.trigger.history import Earlier, History
from selfee_rt.trigger.limits import Limits
from selfee_rt.trigger.media_clock import MediaClock
from selfee_rt.trigger.onsets import Onsets
from selfee_rt.trigger.rule import Rule
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.trigger.schedule import Planned, times_ns
from selfee_rt.trigger.shams import Shams
from selfee_rt.trigger.train import train_of
from selfee_rt.trigger.when import Watch, When

NEVER = Earlier(trials=0, light_us=0, began_ns=())


def assemble(
    triggers: Sequence[TriggerConfig],
    stimulation: StimulationConfig,
    *,
    subjects: Mapping[str, str | None],
    watches: Mapping[str, Watch],
    seeds: Mapping[str, int],
    frame_period_ns: int,
    paced: bool,
    yoked: Mapping[str, tuple[int, ...]] | None = None,
    history: History | None = None,
    first_trigger_id: int = 1,
) -> RuleSet:
    """Make the rules, all disarmed.

    Args:
        triggers: the rules; they fit the session (`selfee_rt.config.misfits`).
        stimulation: what holds for all of them.
        subjects: the animal in each arena; arenas with the same one, None too, share its limits.
        watches: of each rule with `when`, its condition at work.
        seeds: of each rule.
        frame_period_ns: of the source.
        paced: whether frames come at the speed of a camera; if not, age does not count and orders do not expire.
        yoked: of each yoked rule its times, rising, in ns after the first observed exposure.
        history: what earlier sessions counted.
        first_trigger_id: of the first decision.

    Raises:
        ConfigError: an earlier session had a rule that there is none of any more.
    """
    assert stimulation.arm_for_s is not None or not triggers, "misfits() says so"
    arm_for_ns = round((stimulation.arm_for_s or 0.0) * NS_PER_S)
    before = History() if history is None else history
    blanking = {arena: Blanking() for arena in subjects}
    shared = {subject: Limits(stimulation.subject_limits, _whose(subject)) for subject in subjects.values()}
    ids = count(first_trigger_id)
    rules = []
    for config in triggers:
        arena = config.arena or next(iter(subjects))
        train, earlier = train_of(config.pulse), before.rules.get(config.name, NEVER)
        rules.append(
            Rule(
                config,
                _onsets(config, watches, yoked or {}, seeds[config.name], earlier.planned),
                Gate(config, train, arm_for_ns=arm_for_ns, subject=shared[subjects[arena]]),
                Shams(config.sham_fraction, block=config.sham_block, seed=seeds[config.name]),
                arena=arena,
                train=train,
                lights=[blanking[each] for each in ((arena,) if config.seen_in is None else config.seen_in)],
                ids=ids,
                blind=stimulation.blind,
                paced=paced,
                earlier_trials=earlier.trials,
            )
        )
    _recount({rule.name: rule for rule in rules}, before)
    return RuleSet(rules, blanking, MediaClock(frame_period_ns, before.elapsed_ns))


def _recount(rules: Mapping[str, Rule], before: History) -> None:
    """Count what was before, in the order in which it was."""
    unknown = sorted(set(before.rules) - set(rules))
    if unknown:
        raise ConfigError(
            [f"the session that is continued had a trigger {unknown[0]!r}, this one has none; keep the configuration"]
        )
    began = sorted((at_ns, name) for name, earlier in before.rules.items() for at_ns in earlier.began_ns)
    for at_ns, name in began:
        rules[name].count(before.elapsed_ns + at_ns, light_us=0)
    for name, earlier in before.rules.items():
        rules[name].gate.count_light(earlier.light_us)


def _onsets(
    config: TriggerConfig,
    watches: Mapping[str, Watch],
    yoked: Mapping[str, tuple[int, ...]],
    seed: int,
    done: int,
) -> Onsets:
    """Where the onsets of a rule come from; of planned ones the first `done` are left out."""
    if config.when is not None:
        return When(watches[config.name], repeat=config.repeat)
    max_age_ns = round(config.max_age_ms * NS_PER_MS)
    if config.schedule is not None:
        return Planned(times_ns(config.schedule, seed)[done:], origin="schedule", max_age_ns=max_age_ns)
    return Planned(yoked[config.name][done:], origin="yoked", max_age_ns=max_age_ns)


def _whose(subject: str | None) -> str:
    """How the limits of a subject begin to say what they refuse."""
    return "its subject over all rules: " if subject is None else f"the subject {subject!r} over all rules: "
