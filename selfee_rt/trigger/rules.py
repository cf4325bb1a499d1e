"""All rules of a session; `selfee_rt.decide.Decider` asks them after each exposure."""

from collections.abc import Iterable, Mapping, Sequence

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import ControlError
from selfee_rt.stimuli import DeviceLimits, Order, Trigger
from selfee_rt.trigger.arming import Notice
from selfee_rt.trigger.blanking import Blanking
from selfee_rt.trigger.media_clock import MediaClock, Moment
from selfee_rt.trigger.rule import Rule
from selfee_rt.trigger.sight import Seen
from selfee_rt.trigger.state import RuleState
from selfee_rt.types import Exposure, Stimulus


class RuleSet:
    """Every rule, in the order of the configuration, as `selfee_rt.trigger.assemble` makes them.

    Pure: what it decides follows from what it was told, in order. One thread calls it, between exposures.
    """

    def __init__(self, rules: Sequence[Rule], blanking: Mapping[str, Blanking], clock: MediaClock) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._blanking = dict(blanking)
        self._clock = clock
        self._notices: list[Notice] = []

    def stimulus(self, arena: str, exposure: Exposure) -> Stimulus:
        """Whether the light of a trial, sham or not, may be in this live frame, or was shortly before it.

        Asked before `decide` is told of this exposure.
        """
        return self._blanking[arena].stimulus(self._clock.times_ns(exposure))

    def decide(self, seen: Sequence[Seen]) -> tuple[Trigger | Order, ...]:
        """Take one exposure, all arenas: an order for each trial, the bare decision for every other onset."""
        moment = self._clock.advance(seen[0].observation.exposure)
        self._notices += self._ended(moment)
        by_arena = {each.observation.arena: each for each in seen}
        said: list[Trigger | Order] = []
        for rule in self._rules.values():
            said += rule.push_test(moment, by_arena[rule.arena])
        for rule in self._rules.values():
            said += rule.push(moment, by_arena[rule.arena])
        return tuple(said)

    def arm(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Arm these rules, None: all, from now on for the time that is configured; return their names.

        Raises:
            ControlError: there is no such rule; nothing was armed.
        """
        chosen = self._chosen(names)
        for rule in chosen:
            rule.gate.arming.arm(self._clock.now_ns)
        return tuple(rule.name for rule in chosen)

    def disarm(self, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """Disarm these rules, None: all; return the names of those that were armed.

        Raises:
            ControlError: there is no such rule; nothing was disarmed.
        """
        return tuple(rule.name for rule in self._chosen(names) if rule.disarm())

    def test_fire(self, name: str) -> None:
        """Let the next exposure have one stimulus of this rule as a person's test.

        It is decided there like any onset, before the others: it counts for refractory time and limits, but is no
        trial: never a sham, without a place in their order and without a number.

        Raises:
            ControlError: there is no such rule, or there may be no stimulus now.
        """
        (rule,) = self._chosen([name])
        rule.ask_for_test(self._clock.now_ns)

    def take_notices(self) -> tuple[Notice, ...]:
        """What has happened by itself since this was last asked."""
        notices, self._notices = tuple(self._notices), []
        return notices

    def state(self) -> dict[str, RuleState]:
        """How each rule stands after the last exposure."""
        return {name: rule.state(self._clock.now_ns) for name, rule in self._rules.items()}

    def device_limits(self, name: str) -> DeviceLimits:
        """What the device of this rule is to enforce when the rule is armed now.

        Raises:
            ControlError: there is no such rule.
        """
        (rule,) = self._chosen([name])
        return rule.gate.device_limits()

    def _chosen(self, names: Sequence[str] | None) -> tuple[Rule, ...]:
        unknown = [name for name in names or () if name not in self._rules]
        if unknown:
            known = ", ".join(self._rules) or "there is none"
            raise ControlError(f"no rule is called {unknown[0]!r}; expected one of: {known}")
        return tuple(self._rules[name] for name in (self._rules if names is None else names))

    def _ended(self, moment: Moment) -> Iterable[Notice]:
        """What the time that has passed does to arming."""
        for rule in self._rules.values():
            arming = rule.gate.arming
            notice = arming.end(_went_back(moment.back_ns)) if moment.back_ns else arming.advance(moment.now_ns)
            if notice is not None:
                yield notice


def _went_back(back_ns: int) -> str:
    return f"the stream's clock went back by {back_ns / NS_PER_S:g} s: how much time has passed is not known"
