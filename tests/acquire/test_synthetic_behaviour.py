"""The script of the synthetic arena, and that the animals do what it says."""

import math
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.acquire.synthetic_fly import CHAMBER
from selfee_rt.acquire.synthetic_motion import Motion
from selfee_rt.acquire.synthetic_script import LABELS, Script
from selfee_rt.config import AnomalyEvent

HZ = 25
MINUTES = 3


def watch(seed, anomalies=(), seconds=60 * MINUTES):
    """Label, male and female of every exposure."""
    script = Script(seed, anomalies)
    motion = Motion(script, seed)
    return [(script.at(i / HZ).label, *motion.poses(i / HZ)) for i in range(round(HZ * seconds))]


@pytest.fixture(scope="module", params=[0, 1, 2, 3])
def story(request):
    return watch(request.param)


def distance(male, female):
    return math.hypot(male.x - female.x, male.y - female.y)


def widest(*poses):
    return math.degrees(max(wing for pose in poses for wing in (pose.left_wing, pose.right_wing)))


def settled(story, label, after_s):
    """Exposures of `label` that lie at least `after_s` after its bout began."""
    run = 0
    for index, (current, male, female) in enumerate(story):
        run = run + 1 if current == label else 0
        if run > after_s * HZ:
            yield index, male, female


@settings(max_examples=50, deadline=None)
@given(st.integers(-(2**40), 2**40), st.integers(0, 500))
def test_every_minute_holds_every_label_and_begins_and_ends_with_nothing(seed, minute):
    script = Script(seed)
    labels = [script.at(60 * minute + second / 10).label for second in range(600)]
    assert set(labels) == set(LABELS)
    assert labels[0] == labels[-1] == "nothing"


@settings(max_examples=50, deadline=None)
@given(st.integers(), st.floats(0, 1e6))
def test_the_script_needs_no_history(seed, t_s):
    used = Script(seed)
    for second in range(0, 300, 7):
        used.at(second)
    assert used.at(t_s) == Script(seed).at(t_s)
    assert used.at(t_s).start_s <= t_s < used.at(t_s).stop_s


def test_no_two_minutes_are_alike():
    script = Script(1)
    minutes = [tuple(script.at(60 * minute + second).label for second in range(60)) for minute in range(20)]
    assert len(set(minutes)) == 20


def test_bouts_last_seconds():
    for seed in range(10):
        labels = [Script(seed).at(i / HZ).label for i in range(HZ * 60)]
        for label, run in groupby(labels):
            seconds = len(list(run)) / HZ
            assert 1.2 < seconds < 30, (seed, label, seconds)


def test_no_label_is_rare_and_nothing_is_the_most_frequent():
    labels = [Script(seed).at(i / 5).label for seed in range(20) for i in range(300)]
    share = {label: labels.count(label) / len(labels) for label in LABELS}
    assert min(share.values()) > 0.08
    assert max(share, key=share.get) == "nothing"


def test_a_wing_is_out_beyond_35_degrees_while_winging_only(story):
    for label, male, female in story:
        assert label == "winging" or widest(male, female) < 35


def test_while_winging_one_wing_is_out_at_60_to_90_degrees_on_the_females_side(story):
    shown = list(settled(story, "winging", 0.5))
    far_out = [widest(male) for _, male, _ in shown]
    assert np.mean([60 < angle < 90 for angle in far_out]) > 0.85
    assert all(min(male.left_wing, male.right_wing) < math.radians(35) for _, male, _ in shown)
    sides = []
    for _, male, female in shown:
        bearing = math.remainder(math.atan2(female.y - male.y, female.x - male.x) - male.heading, 2 * math.pi)
        sides.append((bearing > 0) == (male.right_wing > male.left_wing))
        assert distance(male, female) < 1.6
    assert np.mean(sides) > 0.9


def test_the_extended_wing_vibrates(story):
    angles = [(index, widest(male)) for index, male, _ in settled(story, "winging", 0.5)]
    steps = [abs(b - a) for (i, a), (j, b) in pairwise(angles) if j == i + 1]
    assert np.median(steps) > 1


def test_while_chasing_the_male_follows_fast_with_folded_wings_within_4_body_lengths(story):
    shown = list(settled(story, "chasing", 0.5))
    assert all(distance(male, female) < 4 for _, male, female in shown)
    assert all(widest(male, female) < 35 for _, male, female in shown)
    speeds = [HZ * distance(before[1], after[1]) for before, after in pairwise(shown) if after[0] == before[0] + 1]
    assert np.median(speeds) > 1.3
    ahead = []
    for _, male, female in shown:
        bearing = math.atan2(female.y - male.y, female.x - male.x) - male.heading
        ahead.append(math.cos(bearing) > 0.7)
    assert np.mean(ahead) > 0.9


def test_while_copulating_the_male_sits_on_the_female_in_line_and_both_are_nearly_still(story):
    shown = list(settled(story, "copulation", 1.0))
    assert shown
    for _, male, female in shown:
        assert 0.3 < distance(male, female) < 0.6
        assert math.cos(male.heading - female.heading) > 0.9
    for before, after in pairwise(shown):
        if after[0] == before[0] + 1:
            assert HZ * distance(before[2], after[2]) < 0.4


def test_only_in_copulation_and_just_after_is_one_on_the_other(story):
    since = 10.0
    for label, male, female in story:
        since = 0.0 if label == "copulation" else since + 1 / HZ
        assert since < 1.0 or distance(male, female) > 0.8


def test_while_nothing_happens_the_animals_walk_and_groom_and_nobody_runs_after_the_other(story):
    shown = list(settled(story, "nothing", 1.0))
    speeds = [HZ * distance(before[2], after[2]) for before, after in pairwise(shown) if after[0] == before[0] + 1]
    assert 0.15 < np.mean([speed > 0.4 for speed in speeds]) < 0.9
    assert max(speeds) < 2.2
    groomed = [max(pose.groom_front, pose.groom_hind) for _, *poses in shown for pose in poses]
    assert np.mean([grooms > 0.5 for grooms in groomed]) > 0.1


def test_the_animals_stay_inside_move_smoothly_and_go_everywhere(story):
    for (_, *before), (_, *after) in pairwise(story):
        for a, b in zip(before, after, strict=True):
            assert (abs(b.x) / CHAMBER[0]) ** 4 + (abs(b.y) / CHAMBER[1]) ** 4 < 1.02
            assert math.hypot(a.x - b.x, a.y - b.y) < 0.35
            assert abs(a.heading - b.heading) < 0.6
    for who in (1, 2):
        places = np.array([(row[who].x, row[who].y) for row in story])
        assert (np.ptp(places, axis=0) > np.array(CHAMBER) * 1.2).all()
        directions = {int(row[who].heading // (math.pi / 4)) % 8 for row in story}
        assert len(directions) == 8


@pytest.mark.parametrize("what", ["freezing", "odd_gait"])
def test_an_animal_out_of_order_does_not_court(what):
    events = tuple(AnomalyEvent(what=what, start_s=start, seconds=4) for start in (20, 33, 58))
    story = watch(6, events, 70)
    for event in events:
        labels = {story[i][0] for i in range(int(event.start_s * HZ), int((event.start_s + 4) * HZ))}
        assert labels == {"nothing"}


def test_a_third_object_does_not_change_what_the_animals_do():
    event = AnomalyEvent(what="third_object", start_s=10, seconds=20)
    assert watch(2, (event,), 60) == watch(2, (), 60)


def test_an_odd_gait_circles_and_sways_as_no_other_behaviour_does():
    event = AnomalyEvent(what="odd_gait", start_s=20, seconds=10)
    story = watch(3, (event,), 60)

    def sway(rows):
        headings = np.unwrap([row[1].heading for row in rows])
        return np.abs(np.diff(headings, 2)).mean()

    strange = sway(story[20 * HZ : 30 * HZ])
    assert strange > 3 * sway(story[: 20 * HZ])
    assert strange > 3 * sway(story[31 * HZ :])
    turned = story[30 * HZ][1].heading - story[20 * HZ][1].heading
    assert turned > 4 * math.pi
