"""Rules at work behind a decider: a chase leads to light, whose exposures neither teach nor trigger anything."""

import numpy as np
import pytest

from selfee_rt.config import StimulationConfig
from selfee_rt.decide import ArenaObserver, Decider
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.observe.smooth import ModeFilter
from selfee_rt.stimuli import Order
from selfee_rt.trigger.assemble import assemble
from selfee_rt.trigger.condition import compile_condition
from selfee_rt.trigger.grammar import parse
from selfee_rt.types import Embeddings, Exposure, ImageStats
from tests.trigger.exposures import LONGEST_STEP_NS, MS, PERIOD_NS, S, rule

LABELS = ("still", "chasing")


class NoEmbedder:
    """The embeddings are given."""

    model_id = "m"

    def embed(self, images):
        raise AssertionError

    def close(self):
        """Nothing is open."""


class FirstCoordinate:
    """Chasing is as probable as the first coordinate says."""

    labels = LABELS

    def probabilities(self, point):
        return np.array([1 - point[0], point[0]], dtype=np.float64)

    def observe(self, point):
        """It has no windows."""

    def reset(self, why):
        """There is nothing to forget."""


class OwnPast:
    """A detector and a drift watch that remember which exposures they were given to learn from."""

    name = "past"
    threshold = None

    def __init__(self):
        self.scored = []
        self.learned = []
        self.drifted = []

    def score(self, point):
        self.scored.append(len(self.scored))
        return 0.0

    def observe(self, *given):
        if len(given) == 1:
            self.learned.append(self.scored[-1])
        else:
            self.drifted.append(self.scored[-1])

    def reset(self, why):
        """It remembers all the same."""

    def state(self):
        return ()


class Rig:
    """One arena at ten exposures per second behind a decider with one rule, armed."""

    def __init__(self, *, when, paced=True, **settings):
        self.past = OwnPast()
        config = rule(when=when, **settings)
        watch = compile_condition(
            parse(when), labels=LABELS, detectors=("past",), templates=(), longest_step_ns=LONGEST_STEP_NS
        )
        self.rules = assemble(
            [config],
            StimulationConfig(arm_for_s=3600),
            subjects={"a": None},
            watches={"r": watch},
            seeds={"r": 0},
            frame_period_ns=PERIOD_NS,
            paced=paced,
        )
        self.rules.arm()
        bouts = BoutTracker("a", min_exposures=1)
        observer = ArenaObserver("a", FirstCoordinate(), (self.past,), {}, ModeFilter(1), bouts, drift=self.past)
        self.decider = Decider(
            NoEmbedder(), (observer,), lambda vector: vector, frame_interval=1, align="current", rules=self.rules
        )
        self.index = 0
        self.decisions = []

    def see(self, *chasing, age_ms=5, skip=0):
        """Observe an exposure for each probability of chasing, after `skip` that nobody saw."""
        self.index += skip
        for value in chasing:
            self.index += 1
            media_ns = self.index * PERIOD_NS
            captured_ns = S + media_ns
            exposure = Exposure(self.index, media_ns, captured_ns, captured_ns, *self._newest(media_ns, captured_ns))
            stats = np.zeros((1, ImageStats.COUNT), np.float32)
            embeddings = Embeddings(exposure, np.array([[value, 1.0]], np.float32), "m", 0, 0, stats)
            decided_ns = captured_ns + PERIOD_NS + age_ms * MS
            self.decisions.append(self.decider.observe(embeddings, decided_ns))
        return self

    def _newest(self, media_ns, captured_ns):
        later_ns = captured_ns + PERIOD_NS
        return self.index + 1, media_ns + PERIOD_NS, later_ns, later_ns

    @property
    def stimuli(self):
        return [decision.observations[0].stimulus for decision in self.decisions]

    @property
    def verdicts(self):
        """Exposure (from 0) and verdict of each decision of the rule."""
        return [
            (number, trigger.verdict) for number, decision in enumerate(self.decisions) for trigger in decision.triggers
        ]


def test_a_chase_leads_to_one_order_at_the_exposure_at_which_it_has_lasted():
    rig = Rig(when="chasing > 0.8 for 200 ms").see(0.1, 0.9, 0.9, 0.9, 0.9)
    assert rig.verdicts == [(3, "fired")]
    (order,) = rig.decisions[3].orders
    assert isinstance(order, Order)
    assert rig.decisions[3].triggers == (order.trigger,)
    assert order.trigger.frame_index == rig.decisions[3].observations[0].exposure.index
    assert order.trigger.evidence["chasing > 0.8"] == pytest.approx(0.9)
    assert order.trigger.evidence["held_since_ns"] == order.trigger.media_ns


@pytest.mark.parametrize("sham_fraction", [0, 1])
def test_nothing_learns_from_what_a_trial_may_have_lit_sham_or_not(sham_fraction):
    """Light until 0.3 s after the trial, the last live frame with it 0.2 s later, then 0.2 s of blanking."""
    rig = Rig(when="chasing > 0.8", on_ms=200, sham_fraction=sham_fraction).see(0.1, 0.9, *[0.1] * 9)
    assert rig.stimuli == ["off", "off", *["on"] * 5, *["after"] * 2, "off", "off"]
    unlit = [number for number, stimulus in enumerate(rig.stimuli) if stimulus == "off"]
    assert rig.past.scored == list(range(11))
    assert rig.past.learned == unlit
    assert rig.past.drifted == unlit


def test_light_that_looks_like_a_chase_does_not_trigger_itself_and_durations_begin_anew_after_it():
    """The picture looks like a chase from the trial on; the condition holds anew only as long after the light."""
    rig = Rig(when="chasing > 0.8 for 200 ms", on_ms=200).see(0.1, *[0.9] * 13)
    assert rig.stimuli[4:11] == [*["on"] * 5, *["after"] * 2]
    assert rig.verdicts == [(3, "fired"), (13, "fired")]


def test_a_gap_begins_durations_anew():
    rig = Rig(when="chasing > 0.8 for 200 ms").see(0.1, 0.9, 0.9).see(0.9, skip=2).see(0.9)
    assert rig.verdicts == []
    assert rig.see(0.9).verdicts == [(5, "fired")]


def test_a_stalled_embedder_makes_decisions_late_and_none_becomes_an_order():
    rig = Rig(when="chasing > 0.8", max_age_ms=50).see(0.1, 0.9, age_ms=51)
    assert rig.verdicts == [(1, "late")]
    assert all(decision.orders == () for decision in rig.decisions)
    assert set(rig.stimuli) == {"off"}


def test_deciding_again_with_the_same_commands_gives_the_same_decisions():
    chase = [0.1, 0.9, 0.9, 0.2, *[0.9] * 20, None, *[0.1, 0.9] * 10]

    def decided():
        rig = Rig(when="chasing > 0.8", on_ms=50, refractory_ms=500, sham_fraction=0.5)
        for value in chase:
            if value is None:
                rig.rules.disarm()
            else:
                rig.see(value)
        return [decision.orders for decision in rig.decisions], [decision.triggers for decision in rig.decisions]

    assert decided() == decided()
