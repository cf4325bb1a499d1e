"""Stepping, jumping and playing, in a recording that drops exposures and is still being read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.view.scoring.player import SPEEDS, Player
from selfee_rt.view.scoring.timeline import FIRST_ROOM, Timeline

MS = 1_000_000
S = 1000 * MS


@pytest.fixture
def timeline():
    """25 exposures a second for four seconds; 40 to 44 were dropped."""
    made = Timeline()
    made.add([(index, 7 * S + index * 40 * MS) for index in range(100) if not 40 <= index < 45])
    made.complete = True
    return made


@pytest.fixture
def player(timeline):
    return Player(timeline)


def test_a_step_goes_to_the_next_exposure_that_has_a_picture(player):
    player.go_to_index(39)
    player.step(1)
    assert player.index == 45
    player.step(-1)
    assert player.index == 39
    player.step(-1000)
    assert player.index == 0
    player.step(1000)
    assert player.index == 99


def test_a_dropped_exposure_is_shown_as_the_one_before_it(player):
    player.go_to_index(42)
    assert player.index == 39


def test_a_jump_goes_by_time(player):
    player.jump(2.0)
    assert player.index == 50
    player.jump(-0.3)
    assert player.index == 39, "42 was dropped"


@pytest.mark.parametrize("speed", SPEEDS)
def test_it_plays_as_fast_as_it_should_and_stops_at_the_end(player, speed):
    while player.speed != speed:
        player.change_speed(1 if player.speed < speed else -1)
    player.play(0)
    player.tick(round(S / speed))
    assert player.index == 25
    player.tick(round(3.95 * S / speed))
    assert player.index == 98
    assert player.playing
    player.tick(round(5 * S / speed))
    assert player.index == 99
    assert not player.playing
    player.play(0)
    assert not player.playing, "there is nothing left to play"


def test_it_waits_where_the_recording_has_not_been_read_yet(player, timeline):
    timeline.complete = False
    player.play(0)
    player.tick(9 * S)
    assert player.index == 99
    assert player.playing
    timeline.add([(100 + n, 11 * S + n * 40 * MS) for n in range(50)])
    player.tick(10 * S)
    assert player.index == 124


def test_any_other_movement_stops_it_but_a_jump(player):
    for act, goes_on in (
        (lambda: player.step(1), False),
        (lambda: player.go(3), False),
        (lambda: player.jump(1), True),
    ):
        player.play(0)
        assert player.playing
        act()
        assert player.playing == goes_on


def test_where_nothing_has_been_read_nothing_happens():
    player = Player(Timeline())
    player.play(0)
    player.tick(S)
    player.step(1)
    player.jump(1)
    player.go_to_index(7)
    assert player.index is None
    assert player.number == 0


def test_the_slowest_and_the_fastest_are_the_last(player):
    for step, last in ((-1, SPEEDS[0]), (1, SPEEDS[-1])):
        for _ in SPEEDS:
            player.change_speed(step)
        assert player.speed == last


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.integers(-2, 200), st.integers(1, 7))
def test_numbers_and_indices_are_those_of_a_plain_list(steps, asked, chunk):
    indices = np.cumsum(steps).tolist()
    timeline = Timeline()
    rows = [(index, index * 10) for index in indices]
    for first in range(0, len(rows), chunk):
        timeline.add(rows[first : first + chunk])
    assert [timeline.index(n) for n in range(timeline.count)] == indices
    assert timeline.exposures == indices[-1] + 1
    wanted = max([n for n, index in enumerate(indices) if index <= asked], default=0)
    assert timeline.number_of(asked) == timeline.number_at(asked * 10) == wanted


def test_there_is_room_for_any_number_of_exposures():
    timeline = Timeline()
    for first in range(0, 3 * FIRST_ROOM, 700):
        timeline.add([(index, index) for index in range(first, first + 700)])
    assert timeline.index(timeline.count - 1) == timeline.exposures - 1 == timeline.count - 1
