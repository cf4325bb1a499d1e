"""Random sessions: rules, what the camera sees, and what people do meanwhile."""

from dataclasses import dataclass

from hypothesis import strategies as st

from selfee_rt.config import LimitsConfig
from selfee_rt.trigger.schedule import times_ns
from tests.trigger.exposures import Camera, rule, rule_set

SUBJECTS = {"a": "fly 1", "b": "fly 1", "c": None}
GAPS_MS = (300.0, 1_000.0, 30_000.0)
"""Steps that nobody may look across."""

limits = st.builds(
    LimitsConfig,
    per_minute=st.sampled_from([None, None, 1, 2, 4]),
    total_on_s=st.none() | st.sampled_from([2.5, 3.1, 5.0]),
)
pulses = st.sampled_from(
    [{"on_ms": 50}, {"on_ms": 50}, {"on_ms": 450}, {"on_ms": 2500}, {"on_ms": 400, "frequency_hz": 10, "width_ms": 30}]
)
schedules = st.builds(
    lambda start_s, every_s: {"start_s": start_s, "every_s": every_s, "count": 12, "jitter_s": every_s / 2},
    st.floats(0, 2),
    st.sampled_from([0.04, 0.3, 1.0, 4.0]),
)


@st.composite
def rules(draw, name, arena):
    return rule(
        name,
        arena=arena,
        pulse=draw(pulses),
        refractory_ms=draw(st.sampled_from([0, 150, 700, 2000])),
        limits=draw(limits),
        between_s=draw(st.sampled_from([(), (), ((0.5, 4.0), (5.0, 1000.0))])),
        sham_fraction=draw(st.sampled_from([0, 0.5, 1])),
        max_age_ms=draw(st.sampled_from([10, 10, 40, 150])),
        blank_ms=draw(st.sampled_from([0, 0, 120, 900])),
        seen_in=draw(st.sampled_from([None, (), (), ("a", "b"), ("c",)])),
        **draw(st.sampled_from([{}, {"repeat": True}]) | st.fixed_dictionaries({"schedule": schedules})),
    )


exposures = st.fixed_dictionaries(
    {
        "labels": st.fixed_dictionaries(
            {arena: st.sampled_from(["yes", "yes", "no", "no", None]) for arena in SUBJECTS}
        ),
        "step_ms": st.sampled_from([100.0] * 8 + [200.0, *GAPS_MS]),
        "age_ms": st.sampled_from([5.0] * 8 + [30.0, 100.0]),
    }
)
commands = st.tuples(st.sampled_from(["arm", "arm", "arm", "disarm"]), st.sampled_from(["one", "two", "three"]))


@dataclass
class Story:
    """Rules, and what happened to them."""

    configs: list
    stimulation: dict
    seed: int
    events: list
    """Exposures, and commands between them."""

    def rule_set(self, **settings):
        seeds = {config.name: self.seed for config in self.configs}
        return rule_set(*self.configs, **{"subjects": SUBJECTS, "seeds": seeds, **self.stimulation, **settings})

    def planned_ns(self):
        return {each.name: times_ns(each.schedule, self.seed) for each in self.configs if each.schedule is not None}


@st.composite
def stories(draw):
    configs = [draw(rules(name, arena)) for name, arena in (("one", "a"), ("two", "b"), ("three", "c"))]
    stimulation = {
        "arm_for_s": draw(st.sampled_from([604_800.0, 604_800.0, 604_800.0, 3.0])),
        "subject_limits": draw(limits),
        "blind": draw(st.booleans()),
    }
    middle = draw(st.lists(st.one_of([exposures] * 20 + [commands]), min_size=25, max_size=45))
    armed = [("arm", config.name) for config in configs]
    return Story(configs, stimulation, draw(st.integers(0, 5)), [*armed, *middle])


def tell(events, camera):
    """Let rules live through events; return the camera, with all that was said."""
    for event in events:
        if isinstance(event, tuple):
            action, name = event
            getattr(camera.rules, action)([name])
        else:
            camera.show(step_ms=event["step_ms"], age_ms=event["age_ms"], **event["labels"])
    return camera


def lived(story, **settings):
    """The camera before which new rules have lived through the whole story."""
    return tell(story.events, Camera(story.rule_set(**settings)))
