"""What may forbid a rule a trial, in the order in which it is asked."""

from collections.abc import Iterator

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import TriggerConfig
from selfee_rt.stimuli import DeviceLimits, Train, Verdict
from selfee_rt.trigger.arming import Arming
from selfee_rt.trigger.limits import Limits
from selfee_rt.trigger.onsets import Onset
from selfee_rt.trigger.refractory import Refractory

NS_PER_US = 1000


class Gate:
    """Disarmed, late, outside its windows, refractory, over its own limits, over its subject's: the first one counts.

    `subject` holds the limits that it shares with other rules.
    """

    def __init__(self, config: TriggerConfig, train: Train, *, arm_for_ns: int, subject: Limits) -> None:
        self.arming = Arming(config.name, arm_for_ns)
        self.refractory = Refractory(max(round(config.refractory_ms * NS_PER_MS), train.length_us * NS_PER_US))
        self.limits = Limits(config.limits)
        self.subject = subject
        self._arm_for_ns = arm_for_ns
        self._max_age_ns = round(config.max_age_ms * NS_PER_MS)
        self._windows_ns = tuple((round(a * NS_PER_S), round(b * NS_PER_S)) for a, b in config.between_s)
        self._train = train

    def refusal(self, onset: Onset, now_ns: int, age_ns: int | None) -> tuple[Verdict, str] | None:
        """Why this onset leads to no trial; None: it does. `age_ns` None: age does not count."""
        return next(((verdict, why) for verdict, why in self._checks(onset, now_ns, age_ns) if why), None)

    def _checks(self, onset: Onset, now_ns: int, age_ns: int | None) -> Iterator[tuple[Verdict, str]]:
        yield "disarmed", onset.disarmed or ("" if self.arming.armed else "it is not armed")
        yield "late", onset.late or self._too_old(age_ns)
        yield "limited", self._outside(now_ns)
        yield "refractory", self.refractory.why_not(now_ns)
        yield "limited", self.limits.why_not(now_ns, self._train.light_us)
        yield "limited", self.subject.why_not(now_ns, self._train.light_us)

    def count(self, now_ns: int, light_us: int) -> None:
        """A trial or a test with so much light begins now."""
        self.refractory.start(now_ns)
        self.limits.add(now_ns, light_us)
        self.subject.add(now_ns, light_us)

    def count_light(self, light_us: int) -> None:
        """There was so much light in sessions before."""
        self.limits.light_us += light_us
        self.subject.light_us += light_us

    def left_in_minute(self, now_ns: int) -> int | None:
        """Stimuli that both limits allow now; None: there is none."""
        return _least(self.limits.left_in_minute(now_ns), self.subject.left_in_minute(now_ns))

    @property
    def light_left_us(self) -> int | None:
        """Light that both limits still allow; None: there is none."""
        return _least(self.limits.light_left_us, self.subject.light_left_us)

    def device_limits(self) -> DeviceLimits:
        """What the device is to enforce by itself while armed from now on.

        A trial may reach it up to `max_age_ms` after it was decided, so two may come closer by so much than they were
        decided. Without a limit on light, its budget is what the refractory time allows.
        """
        rest_us = max(self._train.length_us, (self.refractory.length_ns - self._max_age_ns) // NS_PER_US)
        most_us = (self._arm_for_ns // NS_PER_US // rest_us + 1) * self._train.light_us
        left_us = self.light_left_us
        return DeviceLimits(
            arm_for_ms=-(-self._arm_for_ns // NS_PER_MS),
            light_budget_us=most_us if left_us is None else min(most_us, left_us),
            refractory_us=rest_us,
        )

    def _too_old(self, age_ns: int | None) -> str:
        if age_ns is None or age_ns <= self._max_age_ns:
            return ""
        return f"the exposure was {age_ns / NS_PER_MS:.6g} ms old, max_age_ms {self._max_age_ns / NS_PER_MS:g}"

    def _outside(self, now_ns: int) -> str:
        if not self._windows_ns or any(start <= now_ns < stop for start, stop in self._windows_ns):
            return ""
        return f"{now_ns / NS_PER_S:.6g} s is outside between_s"


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
