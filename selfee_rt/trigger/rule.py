"""One rule: its onsets become trials, or it is said why not."""

from collections import Counter
from collections.abc import Iterator, Sequence

from selfee_rt.clock import NS_PER_MS, NS_PER_S
from selfee_rt.config import TriggerConfig
from selfee_rt.errors import ControlError
from selfee_rt.stimuli import Order, Train, Trigger, Verdict
from selfee_rt.trigger.blanking import Blanking
from selfee_rt.trigger.gate import NS_PER_US, Gate
from selfee_rt.trigger.limits import US_PER_S
from selfee_rt.trigger.media_clock import Moment
from selfee_rt.trigger.onsets import Onset, Onsets
from selfee_rt.trigger.refractory import Refractory
from selfee_rt.trigger.shams import Shams
from selfee_rt.trigger.sight import Seen
from selfee_rt.trigger.state import RuleState


class Rule:
    """Decides about every onset of `onsets`, and counts what `gate` lets through.

    `lights` belong to the arenas whose picture its light enters, `ids` are the session's trigger_ids.
    """

    def __init__(
        self,
        config: TriggerConfig,
        onsets: Onsets,
        gate: Gate,
        shams: Shams,
        *,
        arena: str,
        train: Train,
        lights: Sequence[Blanking],
        ids: Iterator[int],
        blind: bool,
        paced: bool,
        earlier_trials: int = 0,
    ) -> None:
        self.name, self.arena, self.gate = config.name, arena, gate
        self._device, self._train = config.device, train
        self._onsets, self._shams = onsets, shams
        self._lights, self._ids = tuple(lights), ids
        self._blind, self._paced = blind, paced
        self._max_age_ns = round(config.max_age_ms * NS_PER_MS)
        self._blank_ns = round(config.blank_ms * NS_PER_MS)
        self._patience = Refractory(gate.refractory.length_ns)
        """Runs from the last onset of what may be repeated: without a trial there is no refractory time."""
        self._test: Onset | None = None
        self._trials = earlier_trials
        self._verdicts: Counter[Verdict] = Counter()

    def push(self, moment: Moment, seen: Seen) -> Iterator[Trigger | Order]:
        """Take one exposure and decide about the onsets that fall on it."""
        again = not (self.gate.refractory.left_ns(moment.now_ns) or self._patience.left_ns(moment.now_ns))
        for onset in self._onsets.push(moment, seen, again=again):
            said = self._decide(onset, moment, seen)
            if not isinstance(said, Trigger) or said.verdict != "refractory":
                self._patience.start(moment.now_ns)
            yield said

    def push_test(self, moment: Moment, seen: Seen) -> Iterator[Trigger | Order]:
        """Decide about the test that was asked for, if one was."""
        test, self._test = self._test, None
        if test is not None:
            yield self._decide(test, moment, seen)

    def ask_for_test(self, now_ns: int) -> None:
        """Let the next exposure have one stimulus as a person's test.

        Raises:
            ControlError: there may be none, or one is asked for already.
        """
        refusal = self.gate.refusal(Onset("test"), now_ns, age_ns=None)
        if refusal is not None:
            raise ControlError(f"the rule {self.name!r} may not be tested now: {refusal[1]}")
        if self._test is not None:
            raise ControlError(f"a test of the rule {self.name!r} waits for the next exposure already")
        self._test = Onset("test")

    def disarm(self) -> bool:
        """Disarm; return whether it was armed. A test that waits will not be made, even if it is armed again."""
        if self._test is not None:
            self._test = Onset("test", disarmed="it was disarmed after the test was asked for")
        return self.gate.arming.disarm()

    def count(self, now_ns: int, light_us: int) -> None:
        """A trial or a test with so much light begins now, and its light may be seen."""
        self.gate.count(now_ns, light_us)
        light_ns = self._max_age_ns + self._train.length_us * NS_PER_US
        for light in self._lights:
            light.add(now_ns, light_ns=light_ns, blank_ns=self._blank_ns)

    def state(self, now_ns: int) -> RuleState:
        """How it stands."""
        remaining_ns, light_left_us = self.gate.arming.left_ns(now_ns), self.gate.light_left_us
        return RuleState(
            armed=self.gate.arming.armed,
            remaining_s=None if remaining_ns is None else remaining_ns / NS_PER_S,
            trials=self._trials,
            light_s=self.gate.limits.light_us / US_PER_S,
            verdicts=dict(self._verdicts),
            refractory_left_s=self.gate.refractory.left_ns(now_ns) / NS_PER_S,
            left_in_minute=self.gate.left_in_minute(now_ns),
            light_left_s=None if light_left_us is None else light_left_us / US_PER_S,
        )

    def _decide(self, onset: Onset, moment: Moment, seen: Seen) -> Trigger | Order:
        exposure = seen.observation.exposure
        age_ns = seen.observation.decided_ns - exposure.newest_captured_ns if self._paced else None
        refusal = self.gate.refusal(onset, moment.now_ns, age_ns)
        if refusal is not None:
            return self._said(onset, seen, age_ns, *refusal, trial=None)
        test = onset.origin == "test"
        withheld = not test and self._shams.withheld(self._trials)
        self._trials += not test
        self.count(moment.now_ns, self._train.light_us)
        verdict: Verdict = "blinded" if self._blind and not test else "sham" if withheld else "fired"
        trigger = self._said(onset, seen, age_ns, verdict, "", trial=None if test else self._trials)
        expires_ns = exposure.newest_captured_ns + self._max_age_ns if self._paced else None
        return Order(trigger, self._train, withheld, expires_ns)

    def _said(
        self, onset: Onset, seen: Seen, age_ns: int | None, verdict: Verdict, why: str, *, trial: int | None
    ) -> Trigger:
        self._verdicts[verdict] += 1
        observation, exposure = seen.observation, seen.observation.exposure
        age_ms = None if age_ns is None else age_ns / NS_PER_MS
        return Trigger(
            trigger_id=next(self._ids),
            rule=self.name,
            arena=self.arena,
            device=self._device,
            frame_index=exposure.index,
            newest_index=exposure.newest_index,
            media_ns=exposure.newest_media_ns,
            newest_captured_ns=exposure.newest_captured_ns,
            decided_ns=observation.decided_ns,
            verdict=verdict,
            why=why,
            origin=onset.origin,
            trial=trial,
            evidence={**onset.evidence, "age_ms": age_ms, "stimulus": observation.stimulus},
        )
