"""What conditions say, exposure by exposure."""

import json

import pytest
from hypothesis import given, settings

from selfee_rt.errors import ConfigError
from selfee_rt.trigger.condition import compile_condition
from selfee_rt.trigger.grammar import parse
from tests.trigger.by_definition import History
from tests.trigger.looking import LONGEST_STEP_NS, STEP_NS, Moment, bout, labelled, probable, seen, streams
from tests.trigger.trees import DETECTORS, LABELS, TEMPLATES, WATCHABLE_TREE


def compiled(tree, labels=LABELS, detectors=DETECTORS, templates=TEMPLATES):
    return compile_condition(
        tree, labels=labels, detectors=detectors, templates=templates, longest_step_ns=LONGEST_STEP_NS
    )


def pushed(watch, moments):
    return [watch.push(each.seen, each.media_ns, each.blanked) for each in moments]


def said(text, moments):
    """Of each moment, by a watch that has seen nothing before."""
    return pushed(compiled(parse(text)), moments)


def without(moments, *gone):
    """Some exposures never came."""
    return [each for each in moments if each.seen.observation.label_index not in gone]


def blanked(moments, *lit):
    """A stimulus is in the picture of some."""
    return [Moment(each.seen, each.media_ns, each.seen.observation.label_index in lit) for each in moments]


def alarms(values):
    return [Moment(seen(index, alarm=value), index * STEP_NS, False) for index, value in enumerate(values)]


@settings(deadline=None, max_examples=200)
@given(WATCHABLE_TREE, streams())
def test_a_watch_says_what_follows_from_the_whole_history(tree, moments):
    history, watch = History(moments, LONGEST_STEP_NS), compiled(tree)
    for t, each in enumerate(moments):
        assert watch.push(each.seen, each.media_ns, each.blanked) is history.value(tree.root, t)
        assert watch.held_since_ns == history.held_since_ns(tree.root, t)
        json.dumps(watch.evidence(), allow_nan=False)


@settings(deadline=None)
@given(WATCHABLE_TREE, streams(), streams())
def test_after_a_reset_nothing_of_before_is_left(tree, before, after):
    watch = compiled(tree)
    pushed(watch, before)
    watch.reset()
    assert watch.held_since_ns is None
    fresh = compiled(tree)
    assert watch.evidence() == fresh.evidence()
    for each in after:
        assert pushed(watch, [each]) == pushed(fresh, [each])
        assert watch.evidence() == fresh.evidence()


def test_a_probability_holds_between_its_thresholds_as_it_did_before():
    values = [0.7, 0.9, 0.7, 0.6, 0.5, 0.7, 0.9, None, 0.7]
    moments = list(probable(values))
    assert said("still > 0.8 until < 0.6", moments) == [None, True, True, True, False, False, True, None, None]
    assert said("still > 0.8", moments) == [False, True, False, False, False, False, True, None, False]
    assert said("winging <= 0.2 until > 0.4", moments)[1:6] == [True, True, True, False, False]


def test_for_counts_from_the_first_exposure_at_which_it_was_seen_to_begin():
    moments = alarms([False, True, True, True, True, False, True, None, True, True, True])
    assert said("alarm for 80 ms", moments) == [*[False] * 3, True, True, False, False, None, None, None, True]


def test_a_gap_beyond_the_longest_step_resets_what_has_lasted():
    moments = alarms([False] + [True] * 11)
    assert said("alarm for 200 ms", without(moments, 4)) == [*[False] * 5, *[True] * 6]
    assert said("alarm for 200 ms", without(moments, 4, 5)) == [*[False] * 4, *[None] * 5, True]


def test_a_clock_that_goes_backwards_resets_what_has_lasted():
    earlier = [Moment(each.seen, each.media_ns - STEP_NS - 1, each.blanked) for each in alarms([True] * 4)]
    assert said("alarm for 80 ms", [*alarms([True]), *earlier]) == [None, None, None, True, True]


def test_during_a_stimulus_nothing_is_known_and_what_has_lasted_is_forgotten():
    watch = compiled(parse("alarm for 40 ms"))
    moments = blanked(alarms([False, *[True] * 5]), 3)
    assert pushed(watch, moments[:3]) == [False, False, True]
    assert (watch.held_since_ns, watch.evidence()) == (80_000_000, {"alarm": True, "alarm for 40 ms": 40.0})
    assert pushed(watch, moments[3:4]) == [None]
    assert (watch.held_since_ns, watch.evidence()) == (None, {"alarm": None, "alarm for 40 ms": None})
    assert pushed(watch, moments[4:]) == [None, True]


def test_a_negated_duration_does_not_become_true_because_counting_begins_anew():
    moments = blanked(alarms([False, *[True] * 8]), 5)
    assert said("not (alarm for 80 ms)", moments) == [True, True, True, False, False, None, None, None, False]


def test_what_is_not_known_decides_nothing_that_the_rest_decides():
    unknown, true, false = ("label is winging", "brightness > 0.5", "brightness < 0.5")
    moment = [Moment(seen(brightness=100.0), 0, False)]
    assert said(f"{unknown} and {false}", moment) == [False]
    assert said(f"{unknown} and {true}", moment) == [None]
    assert said(f"{unknown} or {true}", moment) == [True]
    assert said(f"{unknown} or {false}", moment) == [None]
    assert said(f"not ({unknown})", moment) == [None]


def test_a_bout_starts_ends_and_lasts():
    moments = list(labelled(["still", "winging", "winging", "winging", "still", "still"]))
    assert said("bout of winging starts", moments) == [False, True, False, False, False, False]
    assert said("bout of winging ends", moments) == [False, False, False, False, True, False]
    assert said("bout of winging lasts > 40 ms", moments) == [False, False, False, True, False, False]
    assert said("bout of winging lasts <= 40 ms", moments) == [False, True, True, False, False, False]
    assert said("bout of winging ended after >= 80 ms", moments) == [False, False, False, False, True, False]
    assert said("bout of winging ended after > 80 ms", moments) == [False] * 6


def test_a_bout_that_was_going_on_already_has_not_started_and_is_at_least_as_long_as_it_was_seen():
    moments = list(labelled(["winging"] * 4 + ["still"]))
    assert said("bout of winging starts", moments) == [None, False, False, False, False]
    assert said("bout of winging lasts > 40 ms", moments) == [None, None, True, True, False]
    assert said("bout of winging lasts < 40 ms", moments) == [None, False, False, False, False]
    assert said("bout of winging ended after > 200 ms", moments)[-1] is None


def test_a_bout_during_a_stimulus_neither_starts_nor_ends_nor_adds_to_its_length():
    moments = blanked(
        labelled(["still", "winging", "winging", "winging", "winging", "still", "winging", "still"]), 1, 2
    )
    assert said("bout of winging starts", moments) == [False, None, None, None, False, False, True, False]
    assert said("bout of winging lasts > 60 ms", moments) == [False, None, None, None, None, False, False, False]
    ended_at_once = blanked(labelled(["still", "winging", "winging", "still", "still"]), 1, 2)
    assert said("bout of winging ends", ended_at_once) == [False, None, None, None, False]
    ended_later = blanked(labelled(["still", "winging", "winging", "winging", "still"]), 1, 2)
    assert said("bout of winging ends", ended_later) == [False, None, None, False, True]


def test_bouts_are_not_known_while_labels_are_not():
    moments = list(labelled(["still", "winging", None, None]))
    assert said("bout of winging starts", moments) == [False, True, None, None]
    assert said("bout of winging ends", moments) == [False, False, True, None]
    assert said("bout of winging lasts < 1 s", moments) == [False, True, None, None]


def test_a_bout_that_a_person_gave_is_not_one_that_ended():
    ended = [bout("winging", 0, 0, source) for source in ("user", "template")]
    assert said("bout of winging ends", [Moment(seen(1, label="still", ended=ended), 0, False)]) == [False]


def test_a_match_that_was_lit_in_part_is_not_known_and_a_gap_does_not_matter_to_it():
    matched = [bout("template:flick", 3, 9, "template")]
    moments = [Moment(seen(index, ended=matched if index == 9 else []), index * STEP_NS, False) for index in range(10)]
    assert said("match of flick", moments) == [False] * 9 + [True]
    assert said("match of '2nd'", moments) == [False] * 10
    assert said("match of flick", without(moments, 4, 5)) == [False] * 7 + [True]
    assert said("match of flick", blanked(moments, 2))[-1] is True
    assert said("match of flick", blanked(moments, 3))[-1] is None
    assert said("match of flick", without(blanked(moments, 3), 6, 7))[-1] is None


def test_a_bout_with_the_name_of_a_template_is_not_its_match():
    assert said("match of flick", [Moment(seen(ended=[bout("template:flick", 0, 0)]), 0, False)]) == [False]


@pytest.mark.parametrize(
    ("score", "threshold", "says"), [(0.4, 0.3, True), (0.3, 0.3, False), (None, 0.3, None), (0.4, None, None)]
)
def test_an_alarm_of_a_detector_compares_its_score_with_the_threshold_in_force(score, threshold, says):
    watch = compiled(parse("alarm of selfee"))
    moment = Moment(seen(scores={"selfee": score}, thresholds={"selfee": threshold}), 0, False)
    assert pushed(watch, [moment]) == [says]
    assert watch.evidence() == {"alarm of selfee": {"score": score, "threshold": threshold}}


def test_evidence_is_what_was_looked_at_by_the_words_of_the_condition():
    text = (
        "(still>0.5 or score of selfee > .3) for 0.04 s and label is not still and brightness<128 and "
        "bout of winging lasts > 20 ms and not match of flick and not (bout of still ends)"
    )
    watch = compiled(parse(text))
    looked = [
        seen(index, label="winging", probabilities=(0.6, 0.4), scores={"selfee": None}, current=current, brightness=9.5)
        for index, current in enumerate([None, bout("winging", 1, 1), bout("winging", 1, 2)])
    ]
    assert pushed(watch, [Moment(each, index * STEP_NS, False) for index, each in enumerate(looked)])[-1] is True
    assert watch.evidence() == {
        "still > 0.5": 0.6,
        "score of selfee > 0.3": None,
        "(still > 0.5 or score of selfee > 0.3) for 0.04 s": 0.08,
        "label is not still": "winging",
        "brightness < 128": 9.5,
        "bout of winging lasts > 20 ms": 40.0,
        "match of flick": False,
        "bout of still ends": False,
    }


def test_every_name_that_the_arena_does_not_have_is_pointed_at():
    with pytest.raises(ConfigError) as caught:
        compiled(parse("wining > 0.8 and alarm of self or\nmatch of flack and label is still"), templates=())
    assert caught.value.problems == (
        "line 1, column 1: got the label wining, expected one of: still, 'wing extension', winging; did you mean "
        "winging?\n    wining > 0.8 and alarm of self or\n    ^",
        "line 1, column 27: got the detector self, expected one of: 'Trees', selfee; did you mean selfee?\n"
        "    wining > 0.8 and alarm of self or\n                              ^",
        "line 2, column 10: got the template flack, but there is no template in this arena; name something else, or "
        "add one\n    match of flack and label is still\n             ^",
    )


@pytest.mark.parametrize(
    "text",
    ["x > 0.5", "label is x", "bout of x ends", "bout of x lasts > 1 s", "alarm of x", "score of x > 1", "match of x"],
)
def test_a_name_is_asked_for_wherever_one_may_stand(text):
    with pytest.raises(ConfigError, match=r"got the (label|detector|template) x, expected one of"):
        compiled(parse(text))
