"""Conditions are read as docs/triggers.md says, and what cannot be read is pointed at."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.trigger.grammar import DEEPEST, parse
from selfee_rt.trigger.syntax import (
    Alarm,
    And,
    BoutEdge,
    BoutLength,
    Brightness,
    Held,
    LabelIs,
    Match,
    Not,
    Or,
    Probability,
    Score,
)
from selfee_rt.trigger.tokens import WORDS
from selfee_rt.trigger.values import Comparison, Duration, Name, Threshold
from tests.trigger.trees import ANY_TREE

ALARM = Alarm()
WINGING = Probability(Name("winging"), Threshold(Comparison(">", 0.8)))
STILL = LabelIs(Name("still"))
SECONDS = Duration(2.0, "s")


def refused(text):
    """What is said, the column that is written, and the column below which the caret stands, both from 0."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    (problem,) = caught.value.problems
    said, shown, caret = problem.split("\n")
    where, _, said = said.partition(": ")
    assert re.fullmatch(r"(line \d+, )?column \d+", where)
    assert re.fullmatch(r"    ( *)\^", caret)
    assert shown.startswith("    ")
    return said, int(where.split()[-1]) - 1, len(caret) - 5


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("winging > 0.8", WINGING),
        ("winging>.8", WINGING),
        ("winging > 8e-1", WINGING),
        ("wing-ext_2 <= 1", Probability(Name("wing-ext_2"), Threshold(Comparison("<=", 1.0)))),
        (
            "winging >= 0.8 until < 0.6",
            Probability(Name("winging"), Threshold(Comparison(">=", 0.8), Comparison("<", 0.6))),
        ),
        ("label is still", STILL),
        ("label is not 'Sitting Still'", LabelIs(Name("Sitting Still"), negated=True)),
        ("bout of still starts", BoutEdge(Name("still"), "starts")),
        ('bout of "it\'s over" ends', BoutEdge(Name("it's over"), "ends")),
        ("bout of still lasts > 2 s", BoutLength(Name("still"), "lasts", ">", SECONDS)),
        ("bout of still ended after <= 2s", BoutLength(Name("still"), "ended after", "<=", SECONDS)),
        ("alarm", ALARM),
        ("alarm of selfee", Alarm(Name("selfee"))),
        ("score of selfee > -0.3", Score(Name("selfee"), Threshold(Comparison(">", -0.3)))),
        ("match of 'alarm'", Match(Name("alarm"))),
        ("brightness < 12.5", Brightness(Threshold(Comparison("<", 12.5)))),
        ("alarm for 200 ms", Held(ALARM, Duration(200.0, "ms"))),
        ("\n alarm\n\tfor 2 min ", Held(ALARM, Duration(2.0, "min"))),
    ],
)
def test_a_part_is_read_as_it_is_spoken(text, tree):
    assert parse(text).root == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("alarm or winging > 0.8 and label is still", Or((ALARM, And((WINGING, STILL))))),
        ("(alarm or winging > 0.8) and label is still", And((Or((ALARM, WINGING)), STILL))),
        ("not alarm and label is still", And((Not(ALARM), STILL))),
        ("not (alarm and label is still)", Not(And((ALARM, STILL)))),
        ("not not alarm", Not(Not(ALARM))),
        ("alarm and label is still for 2 s", And((ALARM, Held(STILL, SECONDS)))),
        ("(alarm and label is still) for 2 s", Held(And((ALARM, STILL)), SECONDS)),
        ("not (alarm for 2 s)", Not(Held(ALARM, SECONDS))),
        ("(not alarm) for 2 s", Held(Not(ALARM), SECONDS)),
        ("alarm or alarm or alarm", Or((ALARM, ALARM, ALARM))),
        ("((alarm))", ALARM),
        ("(alarm for 2 s) for 2 s", Held(Held(ALARM, SECONDS), SECONDS)),
    ],
)
def test_parts_belong_together_as_parentheses_and_binding_say(text, tree):
    assert parse(text).root == tree


@settings(deadline=None)
@given(ANY_TREE)
def test_what_is_written_is_read_as_the_same(tree):
    text = str(tree)
    again = parse(text)
    assert again == tree
    assert str(again) == text


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", "", "got the end, expected a condition, such as winging > 0.8"),
        ("winging", "", "expected a comparison such as winging > 0.8 (or write label is winging"),
        ("winging > 1.5", "1.5", "got '1.5', expected a probability from 0 to 1"),
        ("winging > -0.1", "-0.1", "a probability from 0 to 1"),
        ("winging > 80 %", "80", "a probability from 0 to 1"),
        ("winging > 0.8 until < 1e999", "1e999", "a probability from 0 to 1"),
        ("winging > 1", "1", "got > 1, which never holds"),
        ("winging > 0.8 until < 0", "0", "got < 0, which never holds"),
        ("brightness >= 256", "256", "a grey value from 0 to 255"),
        ("score of selfee > 1e999", "1e999", "a finite number"),
        ("winging > 0.8 until < 0.9", "< 0.9", "a number that cannot be > 0.8 as well"),
        ("winging <= 0.2 until >= 0.2", ">= 0.2", "got <= 0.2 until >= 0.2, expected until >"),
        ("winging > 0.8 until > 0.6", "> 0.6", "expected until <"),
        ("alarm for 200", "", "got the end, expected a unit: ms, s or min"),
        ("alarm for 200 and alarm", "and", "expected a unit"),
        ("alarm for 2 m", "m", "expected a unit: ms, s or min; did you mean ms?"),
        ("alarm for 2 'ms'", "'ms'", "expected a unit"),
        ("alarm for -1 ms", "-1", "a duration from 0 to 24 hours"),
        ("alarm for 1441 min", "1441", "got 1441 min, expected a duration from 0 to 24 hours"),
        ("alarm for 1e308 min", "1e308", "a duration from 0 to 24 hours"),
        ("alarm for ms", "ms", "a duration from 0 to 24 hours"),
        ("bout of winging lasts 2 s", "2", "expected one of >, >=, <, <="),
        ("bout of winging start", "start", "did you mean starts?"),
        ("bout of winging ended > 2 s", "> 2", "got '>', expected after"),
        ("bout winging starts", "winging", "expected of"),
        ("bout of alarm starts", "alarm", "quoted: 'alarm'"),
        ("for > 0.5", "for", "quoted: 'for'"),
        ("Winging > 0.5", "Winging", "quoted: 'Winging'"),
        ("wing extension > 0.5", "extension", "a name of several words is quoted"),
        ("'wing extension > 0.5", "'wing", "close the quote"),
        ("match of ''", "''", "around at least one character"),
        ("match of 2nd", "2nd", "expected the name of a template"),
        ("score of > 0.5", "> 0.5", "expected the name of a detector"),
        ("label == still", "== still", "expected is; write >, >=, < or <=, or label is"),
        ("'>' '>' 0.5", "'>' 0.5", "expected a comparison"),
        ("alarm AND alarm", "AND", "write and"),
        ("alarm & alarm", "&", "write and"),
        ("alarm untill", "untill", "did you mean until?"),
        ("alarm alarm", "alarm", "expected and, or, for or the end"),
        ("(alarm", "", "expected and, or, for or )"),
        ("alarm)", ")", "expected and, or, for or the end"),
        ("alarm and", "", "expected a condition"),
        ("alarm for 1 s for 2 s", "for 2", "expected and, or, for or the end"),
        ("not alarm for 2 s", "for", "(not alarm) for … or not (alarm for …)"),
        ("not (alarm or not alarm) for 2 s", "for", "can be read in two ways"),
        ("bout of winging starts for 2 s", "for", "at an instant"),
        ("bout of winging ends for 2 s", "for", "at an instant"),
        ("bout of winging ended after > 2 s for 2 s", "for", "at an instant"),
        ("match of flick for 2 s", "for", "at an instant"),
        ("(alarm and (match of flick)) for 2 s", "for", "at an instant"),
        ("(match of flick or match of flack) for 2 s", "for", "at an instant"),
        ("(" * 21 + "alarm", "(alarm", "got 21 parentheses and negations"),
        ("not " * 21 + "alarm", "not alarm", "got 21 parentheses and negations"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text, at, words):
    said, column, caret = refused(text)
    assert words in said
    assert said.startswith("got ")
    assert column == caret
    assert column == (len(text) if at == "" else text.rindex(at))


@pytest.mark.parametrize(
    "text",
    ["(match of flick or alarm) for 2 s", "(alarm and not match of flick) for 2 s", "bout of x lasts > 1 s for 2 s"],
)
def test_what_can_last_although_something_in_it_cannot_may_be_followed_by_for(text):
    assert isinstance(parse(text).root, Held)


def test_as_deep_as_allowed_is_read():
    assert parse("(" * DEEPEST + "alarm" + ")" * DEEPEST).root == ALARM
    assert parse(" and ".join(["(not alarm)"] * 2 * DEEPEST))


def test_a_condition_on_several_lines_shows_the_one_that_is_wrong():
    with pytest.raises(ConfigError) as caught:
        parse("\n  winging > 0.8\n\tand brightness > dark\n")
    assert str(caught.value) == (
        "line 3, column 19: got 'dark', expected a grey value from 0 to 255\n"
        "     and brightness > dark\n"
        "                      ^"
    )


def test_a_long_word_is_not_repeated_at_length():
    said, *_ = refused("alarm " + 1000 * "x")
    assert len(said) < 100


FRAGMENTS = st.sampled_from(
    [*sorted(WORDS), *"<>()'\"=\n\t%≥-.", "0.5", "-1", "1e999", "winging", "Wing", "é", "\x1b", " "]
)


@settings(deadline=None)
@given(st.text() | st.lists(FRAGMENTS, max_size=25).map(" ".join) | st.lists(FRAGMENTS, max_size=12).map("".join))
@example("'" * 3)
@example("(" * 500)
@example("not " * 500)
@example("alarm or " * 500)
def test_of_any_text_nothing_but_an_error_within_it_comes(text):
    try:
        parse(text)
    except ConfigError as error:
        (problem,) = error.problems
        _, shown, caret = problem.rsplit("\n", 2)
        line = int(problem.split(",")[0].removeprefix("line ")) if problem.startswith("line") else 1
        meant = text.split("\n")[line - 1]
        assert 0 <= len(caret) - 5 <= len(meant)
        assert shown == "    " + "".join(each if each.isprintable() else " " for each in meant).rstrip()


@settings(deadline=None)
@given(ANY_TREE, st.data())
def test_a_character_too_few_or_too_many_is_an_error_or_another_condition(tree, data):
    text = str(tree)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.sampled_from(["", ")", "'", "x", " ", "9"])) + text[at + 1 :]
    try:
        again = parse(changed)
    except ConfigError:
        return
    assert parse(str(again)) == again
