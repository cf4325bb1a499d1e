"""The response of the camera loop, without camera and device."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.decide import Seen
from selfee_rt.errors import ConfigError
from selfee_rt.stimuli import Acknowledgement, ClockSample, Order, Train
from selfee_rt.workbench.latency.marks import FIRST_MARK_ID, Brightness, Marking, MarkWhenSeen
from tests.stimuli import trigger
from tests.workbench.latency.stories import HOST_NS, MS, observation

LIGHT = Train(40_000, 40_000, 1)


def learned(dark=(10.0, 11.0, 10.5), peaks=(30.0, 28.0, 29.0)):
    brightness = Brightness("left", learn_from=len(peaks))
    assert not any(brightness.comes_on(each) for each in dark)
    for peak in peaks:
        brightness.light_was_ordered()
        assert not any(brightness.comes_on(each) for each in (dark[0], peak, dark[0]))
    brightness.light_was_ordered()
    return brightness


def test_the_threshold_is_midway_between_the_brightest_without_light_and_the_darkest_with_it():
    assert learned().threshold == (11.0 + 28.0) / 2


@given(st.lists(st.floats(0, 40), max_size=40))
def test_it_tells_each_time_the_light_comes_on_and_never_while_it_stays_on(values):
    brightness = learned()
    told = [brightness.comes_on(each) for each in values]
    bright = [each > 19.5 for each in values]
    assert told == [now and not before for before, now in zip([False, *bright], bright, strict=False)]


@pytest.mark.parametrize(
    ("dark", "peaks"),
    [((10.0, 10.1), (10.9, 30.0)), ((10.0, 14.0), (17.0, 18.0)), ((10.0, 10.0), (10.0, 10.0))],
)
def test_a_light_that_is_no_brighter_than_the_picture_is_by_itself_ends_the_test(dark, peaks):
    with pytest.raises(ConfigError, match=r"cannot be told from darkness in arena 'left'.*--region"):
        learned(dark, peaks)


class Lights:
    """Rules that order a light at given exposures."""

    def __init__(self, *indices):
        self._indices = indices

    def stimulus(self, arena, exposure):
        return "after"

    def decide(self, seen):
        index = seen[0].observation.exposure.index
        if index not in self._indices:
            return ()
        return (Order(trigger(index, frame_index=index, origin="schedule", rule="lights"), LIGHT, False, None),)


def decisions(rules, brightness_of, n=60):
    made = []
    for index in range(n):
        seen = Seen(observation(index), (), None, {}, brightness_of(index))
        made += [(index, each) for each in rules.decide([seen])]
    return made


def test_every_light_after_those_it_learned_from_gets_one_mark_when_it_is_seen():
    lit = {index for start in (10, 20, 30, 40) for index in (start + 2, start + 3)}
    rules = MarkWhenSeen(Lights(10, 20, 30, 40), "left", learn_from=2)
    made = decisions(rules, lambda index: 50.0 if index in lit else 10.0 + index % 2)
    assert [(index, each.trigger.origin) for index, each in made] == [
        (10, "schedule"),
        (20, "schedule"),
        (30, "schedule"),
        (32, "when"),
        (40, "schedule"),
        (42, "when"),
    ]
    marks = [each.trigger for _, each in made if each.trigger.origin == "when"]
    assert [each.trigger_id for each in marks] == [FIRST_MARK_ID, FIRST_MARK_ID + 1]
    assert marks[0].rule == "lights" and marks[0].newest_captured_ns == HOST_NS + 340 * MS
    assert marks[0].evidence == {"brightness": 50.0, "threshold": (11.0 + 50.0) / 2}


def test_an_arena_that_is_not_looked_at_gets_no_marks():
    rules = MarkWhenSeen(Lights(10, 20, 30), "right", learn_from=1)
    with pytest.raises(ConfigError, match=r"no exposure of arena 'right' was observed before the first light"):
        decisions(rules, lambda index: 50.0)


def test_what_the_rules_say_of_the_stimulus_stays():
    rules = MarkWhenSeen(Lights(), "left", learn_from=1)
    assert rules.stimulus("left", observation(3).exposure) == "after"


class Board:
    """A device that writes down what it is told."""

    def __init__(self):
        self.told = []

    def fire(self, order):
        self.told.append("fire")
        return Acknowledgement("acknowledged", "", 1, 2, 3)

    def mark(self):
        self.told.append("mark")
        return ClockSample(10, 20, 30)


def order(origin, train=LIGHT):
    return Order(trigger(origin=origin), train, withheld=False, expires_ns=None)


def test_a_mark_is_confirmed_with_the_devices_own_time():
    board = Board()
    assert Marking(board).fire(order("when")) == Acknowledgement("acknowledged", "", 10, 20, 30)
    assert Marking(board).fire(order("schedule")) == Acknowledgement("acknowledged", "", 1, 2, 3)
    assert board.told == ["mark", "fire"]


def test_a_mark_while_the_light_is_on_is_refused_and_never_sent():
    board = Board()
    device = Marking(board)
    device.fire(order("schedule", Train(3_600_000_000, 3_600_000_000, 1)))
    said = device.fire(order("when"))
    assert (said.outcome, board.told) == ("refused", ["fire"])
    assert "shorten it with --on-ms" in said.why
