"""A camera at ten frames per second whose labels are written by the test, and rules that look at them."""

from dataclasses import dataclass, field

from selfee_rt.config import StimulationConfig, TriggerConfig
from selfee_rt.decide import Seen
from selfee_rt.stimuli import Order
from selfee_rt.trigger.assemble import assemble
from selfee_rt.types import Exposure, Observation

MS = 1_000_000
S = 1000 * MS
PERIOD_NS = 100 * MS
LONGEST_STEP_NS = 2 * PERIOD_NS
"""Two frame intervals of one exposure each; a longer step is a gap."""
FIRST_MEDIA_NS = 7 * S
"""The stream's own clock does not begin at 0."""
UNSEEN = {"seen_in": ()}
"""The light enters no picture, so that conditions are not interrupted by it."""
HOLDS = {"yes": True, "no": False, None: None}


class Says:
    """A condition that holds where the label is `yes`, and is unknown where there is none."""

    def __init__(self):
        self.held_since_ns = None
        self._last_ns = None

    def push(self, seen, media_ns, blanked):
        step_ns = None if self._last_ns is None else media_ns - self._last_ns
        self._last_ns = media_ns
        holds = None if blanked else HOLDS[seen.observation.label]
        interrupted = step_ns is not None and not 0 <= step_ns <= LONGEST_STEP_NS
        if not holds:
            self.held_since_ns = None
        elif interrupted or self.held_since_ns is None:
            self.held_since_ns = media_ns
        return holds

    def evidence(self):
        return {"label is yes": True}


def rule(name="r", *, on_ms=50, **settings):
    """A rule on the label `yes`, unless settings say otherwise."""
    if not settings.keys() & {"schedule", "yoked", "when"}:
        settings["when"] = "label is yes"
    pulse = settings.pop("pulse", {"on_ms": on_ms})
    return TriggerConfig.model_validate({"name": name, "device": f"led_{name}", "pulse": pulse, **settings})


def rule_set(*rules, subjects=None, seeds=None, paced=True, yoked=None, history=None, first_id=1, **stimulation):
    """Rules in the arena `a`, unless `subjects` names others."""
    return assemble(
        rules,
        StimulationConfig.model_validate({"arm_for_s": 7 * 24 * 3600, **stimulation}),
        subjects=subjects or {"a": None},
        watches={each.name: Says() for each in rules if each.when is not None},
        seeds={each.name: 0 for each in rules} | (seeds or {}),
        yoked=yoked,
        frame_period_ns=PERIOD_NS,
        paced=paced,
        history=history,
        first_trigger_id=first_id,
    )


def observation(exposure, label, *, arena="a", stimulus="off", age_ms=5.0):
    """What is observed of one arena."""
    return Observation(
        arena=arena,
        exposure=exposure,
        label_index=exposure.index,
        label=label,
        probabilities=None,
        scores={},
        alarm=None,
        stimulus=stimulus,
        revision=0,
        composed_ns=0,
        embedded_ns=0,
        observed_ns=0,
        decided_ns=exposure.newest_captured_ns + round(age_ms * MS),
    )


@dataclass
class Camera:
    """Shows exposures to rules, as a decider does, and keeps what they said."""

    rules: object
    media_ns: int = FIRST_MEDIA_NS
    index: int = 1
    started: bool = False
    said: list = field(default_factory=list)
    stimuli: list = field(default_factory=list)
    """Per exposure, the stimulus of each arena."""

    def show(self, *labels, step_ms=100.0, age_ms=5.0, **of_arenas):
        """Show an exposure for each label of arena `a`, or one with labels of several arenas; return what is said."""
        begun = len(self.said)
        for label in labels:
            self._show({"a": label}, step_ms, age_ms)
        if of_arenas:
            self._show(of_arenas, step_ms, age_ms)
        return self.said[begun:]

    def _show(self, labels, step_ms, age_ms):
        if self.started:
            self.media_ns += round(step_ms * MS)
            self.index += max(1, round(step_ms * MS / PERIOD_NS))
        self.started = True
        captured_ns = 1000 * S + self.media_ns
        exposure = Exposure(
            index=self.index,
            media_ns=self.media_ns - PERIOD_NS,
            captured_ns=captured_ns - PERIOD_NS,
            received_ns=captured_ns - PERIOD_NS,
            newest_index=self.index + 1,
            newest_media_ns=self.media_ns,
            newest_captured_ns=captured_ns,
            newest_received_ns=captured_ns,
        )
        stimuli = {arena: self.rules.stimulus(arena, exposure) for arena in labels}
        seen = [
            Seen(observation(exposure, label, arena=arena, stimulus=stimuli[arena], age_ms=age_ms), (), None, {}, None)
            for arena, label in labels.items()
        ]
        self.stimuli.append(stimuli)
        self.said += self.rules.decide(seen)


def armed(*rules, **settings):
    """A camera before rules that are armed."""
    camera = Camera(rule_set(*rules, **settings))
    camera.rules.arm()
    return camera


def trigger_of(said):
    return said.trigger if isinstance(said, Order) else said


def verdicts(said):
    return [trigger_of(each).verdict for each in said]


def orders(said):
    return [each for each in said if isinstance(each, Order)]
