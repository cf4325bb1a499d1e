"""The rules of stimulation once more, written for reading: every question is answered from the whole past."""

from dataclasses import dataclass, field

from selfee_rt.config import StimulationConfig, TriggerConfig
from tests.trigger.exposures import HOLDS, LONGEST_STEP_NS, MS, PERIOD_NS, S

MINUTE_NS = 60 * S


def light_us(config):
    return sum(stop - start for start, stop in _pulses_us(config))


def length_us(config):
    return _pulses_us(config)[-1][1]


def _pulses_us(config):
    """Start and end of each pulse that ends within on_ms."""
    on_us = round(1000 * config.pulse.on_ms)
    if config.pulse.frequency_hz is None:
        return [(0, on_us)]
    period_us, width_us = round(1e6 / config.pulse.frequency_hz), round(1000 * config.pulse.width_ms)
    return [(start, start + width_us) for start in range(0, on_us, period_us) if start + width_us <= on_us]


@dataclass
class Said:
    """One decision."""

    rule: str
    origin: str
    verdict: str
    now_ns: int

    @property
    def given(self):
        return self.verdict == "trial"


@dataclass
class SlowRules:
    """Verdict `trial` stands for fired, sham and blinded."""

    configs: list[TriggerConfig]
    stimulation: StimulationConfig
    subjects: dict
    planned_ns: dict
    said: list[Said] = field(default_factory=list)
    held: dict = field(default_factory=dict)
    """Per rule, what its condition was at each exposure."""
    times_ns: list = field(default_factory=list)
    commands: list = field(default_factory=list)
    """(time, rule, armed or not), oldest first."""

    def command(self, name, armed):
        self.commands.append((self.times_ns[-1] if self.times_ns else 0, name, armed))

    def show(self, now_ns, labels, age_ms):
        """Take one exposure; return what is said about it, in order."""
        step_ns = now_ns - self.times_ns[-1] if self.times_ns else None
        self.times_ns.append(now_ns)
        before = len(self.said)
        stimuli = {arena: self.stimulus(arena, now_ns) for arena in labels}
        for config in self.configs:
            for origin, waited_ns in self._onsets(config, labels, stimuli, now_ns, step_ns):
                missed = step_ns is None or step_ns > 1.5 * PERIOD_NS
                late = age_ms > config.max_age_ms or (missed and waited_ns > config.max_age_ms * MS)
                self.said.append(Said(config.name, origin, self._verdict(config, now_ns, late), now_ns))
        return self.said[before:], stimuli

    def stimulus(self, arena, now_ns):
        found = "off"
        for config, began_ns in self._given():
            if arena not in ((config.arena,) if config.seen_in is None else config.seen_in):
                continue
            over_ns = began_ns + round(config.max_age_ms * MS) + 1000 * length_us(config)
            three = (now_ns - 2 * PERIOD_NS, now_ns - PERIOD_NS, now_ns)
            if any(began_ns < each <= over_ns for each in three):
                return "on"
            if any(began_ns < each <= over_ns + round(config.blank_ms * MS) for each in three):
                found = "after"
        return found

    def _given(self):
        by_name = {config.name: config for config in self.configs}
        return [(by_name[each.rule], each.now_ns) for each in self.said if each.given]

    def _onsets(self, config, labels, stimuli, now_ns, step_ns):
        if config.when is None:
            last_ns = -1 if step_ns is None else now_ns - step_ns
            return [("schedule", now_ns - at) for at in self.planned_ns[config.name] if last_ns < at <= now_ns]
        history = self.held.setdefault(config.name, [])
        holds = HOLDS[labels[config.arena]] if stimuli[config.arena] == "off" else None
        goes_on = bool(history) and history[-1] is True and step_ns <= LONGEST_STEP_NS
        history.append(holds)
        if holds is not True or (goes_on and not (config.repeat and self._rested(config, now_ns))):
            return []
        return [("when", 0)]

    def _rested(self, config, now_ns):
        """Whether neither a trial nor another onset that was not merely refractory is too recent."""
        mine = [each for each in self.said if each.rule == config.name and each.verdict != "refractory"]
        return all(now_ns - each.now_ns >= self._rest_ns(config) for each in mine)

    def _rest_ns(self, config):
        return max(round(config.refractory_ms * MS), 1000 * length_us(config))

    def _verdict(self, config, now_ns, late):
        given = self._given()
        own = [(each, at) for each, at in given if each.name == config.name]
        subject = self.subjects[config.arena]
        shared = [(each, at) for each, at in given if self.subjects[each.arena] == subject]
        if not self._armed(config, now_ns):
            return "disarmed"
        if late:
            return "late"
        if config.between_s and not any(a * S <= now_ns < b * S for a, b in config.between_s):
            return "limited"
        if any(now_ns - at < self._rest_ns(config) for _, at in own):
            return "refractory"
        over = _over(config.limits, own, config, now_ns) or _over(
            self.stimulation.subject_limits, shared, config, now_ns
        )
        return "limited" if over else "trial"

    def _armed(self, config, now_ns):
        last = [(at, armed) for at, name, armed in self.commands if name == config.name][-1:]
        return any(armed and now_ns < at + round(self.stimulation.arm_for_s * S) for at, armed in last)


def _over(limits, given, config, now_ns):
    if limits.per_minute is not None and sum(now_ns - at < MINUTE_NS for _, at in given) >= limits.per_minute:
        return True
    light = sum(light_us(each) for each, _ in given) + light_us(config)
    return limits.total_on_s is not None and light > round(limits.total_on_s * 1e6)
