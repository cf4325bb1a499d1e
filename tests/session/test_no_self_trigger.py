"""The light of a stimulus is in the picture, and does not make the rule that caused it fire again."""

import time
from contextlib import closing

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import SessionConfig, SyntheticConfig
from selfee_rt.decide import Seen
from selfee_rt.folder import SessionFolder
from selfee_rt.light import Light
from selfee_rt.session import Parts, Session
from selfee_rt.stimuli import Order
from selfee_rt.types import Exposure, Observation
from tests.session.rig import Client, assert_verified, configure, wait_until

FPS = 60
LED = {"device": "led", "x": 80, "y": 60, "radius_px": 30, "brightness": 200, "spill": 60}
DARKER_THAN_LIT = 60.0
"""Mean grey value between the dark arena, about 25, and the lit one, about 100."""
RULE = {
    "name": "it is bright",
    "device": "led",
    "when": f"brightness > {DARKER_THAN_LIT}",
    "pulse": {"on_ms": 30},
    "max_age_ms": 400,
    "blank_ms": 200,
}
"""Fires when the arena is bright, and its own light makes the arena bright."""


class WatchedParts(Parts):
    """A session whose camera is watched: which exposures were lit."""

    def __init__(self, config):
        super().__init__(config)
        self.lit = set()

    def source(self):
        made = super().source()
        read = made.read

        def watched(timeout_s):
            frame = read(timeout_s)
            if frame is not None and frame.image.mean() > DARKER_THAN_LIT:
                self.lit.add(frame.index)
            return frame

        made.read = watched
        return made


def session_that_sees_its_light(rig, out, tests, **changes):
    """Run a session, fire the stimulus as a test so often, and wait; which exposures were lit."""
    config = configure(
        rig,
        out,
        source={"speed": 1.0, "seconds": None, "fps": FPS, "led": LED},
        model={"allow_interval_mismatch": True},
        device=[{"kind": "null", "name": "led"}],
        trigger=[RULE | changes],
        stimulation={"arm_for_s": 600},
    )
    parts = WatchedParts(config)
    session = Session(config, parts=parts)
    session.start()
    with closing(Client(session)) as client:
        try:
            assert client.ask("arm")["ok"]
            for _ in range(tests):
                lit = len(parts.lit)
                reply = client.ask("fire", rule=RULE["name"])
                assert reply["ok"], reply
                wait_until(lambda lit=lit: len(parts.lit) > lit)
                time.sleep(1.0)
        finally:
            session.stop("the test is over")
            assert session.wait(60)
            session.finish()
    assert session.error is None
    return parts.lit


def told(folder):
    with SessionFolder(folder) as session:
        return list(session.triggers()), list(session.observations("arena"))


def test_the_light_of_a_stimulus_does_not_trigger_the_rule_that_looks_at_brightness(rig, tmp_path):
    lit = session_that_sees_its_light(rig, tmp_path / "s", tests=3)
    triggers, observations = told(tmp_path / "s")
    assert [trigger.origin for trigger in triggers] == ["test"] * 3
    assert len(lit) >= 3
    assert_verified(tmp_path / "s")
    states = {each.exposure.index: each.stimulus for each in observations}
    assert {"off", "on", "after"} == set(states.values())


def test_every_observation_whose_live_frame_was_lit_says_so(rig, tmp_path):
    lit = session_that_sees_its_light(rig, tmp_path / "s", tests=2)
    _, observations = told(tmp_path / "s")
    shown = [
        each
        for each in observations
        if lit & {2 * each.exposure.index - each.exposure.newest_index, each.exposure.index, each.exposure.newest_index}
    ]
    assert len(shown) >= 2 * 3
    assert {each.stimulus for each in shown} == {"on"}


def test_without_blanking_one_light_leads_to_the_next_for_ever(rig, tmp_path):
    session_that_sees_its_light(rig, tmp_path / "s", tests=1, seen_in=[], blank_ms=0)
    triggers, observations = told(tmp_path / "s")
    assert [trigger.origin for trigger in triggers[:3]] == ["test", "when", "when"]
    assert {each.stimulus for each in observations} == {"off"}


# --- the same by hand: source, brightness and rules in one thread, in media time ------------------------------------


def by_hand(seconds=4.0, **changes):
    """What the rule decides if it is fired once after a second; every exposure is decided about before the next."""
    source_config = SyntheticConfig(width_px=160, height_px=120, fps=FPS, seconds=seconds, speed="max", led=LED)
    config = SessionConfig(
        source=source_config.model_copy(update={"led": None}),
        observe={"classifier": {"kind": "none"}, "detector": []},
        device=[{"kind": "null", "name": "led"}],
        trigger=[RULE | changes],
        stimulation={"arm_for_s": 600},
    )
    light = Light()
    source = build.source(source_config, light)
    info = source.open()
    rules = build.rules(config, {RULE["name"]: 0}, build.observers(config, None, FPS, 4), info, 1)
    rules.arm()
    frames, origins = [source.read(0), source.read(0)], []
    for _ in range(round(seconds * FPS) - 2):
        frames.append(source.read(0))
        _, current, newest = frames[-3:]
        if len(frames) == FPS:
            rules.test_fire(RULE["name"])
        for each in rules.decide([seen(current, newest, rules)]):
            if isinstance(each, Order):
                light.shine(each.train, newest.media_ns + 1)
                origins.append(each.trigger.origin)
    return origins


def seen(current, newest, rules):
    exposure = Exposure(
        current.index, current.media_ns, 0, 0, newest.index, newest.media_ns, newest.captured_ns, newest.received_ns
    )
    observation = Observation(
        "arena", exposure, current.index, None, None, {}, None, rules.stimulus("arena", exposure), 0, 0, 0, 0, 0
    )
    return Seen(observation, (), None, {}, float(np.mean(current.image)))


def test_by_hand_one_test_is_one_trial_and_without_blanking_it_is_the_first_of_many():
    assert by_hand() == ["test"]
    endless = by_hand(seen_in=[], blank_ms=0)
    assert endless[:4] == ["test", "when", "when", "when"]
    assert len(endless) > 3 * FPS / 10


@pytest.mark.parametrize("on_ms", [1, 17, 30, 500])
@pytest.mark.parametrize("blank_ms", [0, 200])
def test_by_hand_no_length_of_light_triggers_itself(on_ms, blank_ms):
    assert by_hand(pulse={"on_ms": on_ms}, blank_ms=blank_ms) == ["test"]
