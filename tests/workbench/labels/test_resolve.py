"""Overlaps, subjects and point events: refused with the table that resolves them, and resolved by it."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels import Event, Scored, check_early, exposure_at, labels_of, read_scored
from tests.workbench.labels.examples import aggregated, aggregated_row


def table_of(error):
    """The table that an error message tells a person to write."""
    return LabelsConfig.model_validate(tomllib.loads(str(error)[str(error).index("[labels]") :])["labels"])


def test_a_person_who_writes_every_table_that_is_asked_for_arrives(tmp_path):
    path = tmp_path / "hard.csv"
    path.write_text(
        aggregated(
            aggregated_row('"walk ""fast"""', "0.0", "0.4"),
            aggregated_row("sing", "0.2", "0.6", subject="fly2"),
            aggregated_row("sing", "0.3", "0.5"),
            aggregated_row("kick", "0.44", "0.44", kind="POINT"),
            aggregated_row("hum", "0.1", "0.2", obs="o2"),
            aggregated_row("sing", "2.0", "2.2", offset="0.0"),
        )
    )
    config, asked = LabelsConfig(), []
    for _ in range(5):
        try:
            labels = labels_of(read_scored(path, config), config, exposures=60)
            break
        except LabelsError as error:
            config = table_of(error)
            asked.append(sorted(config.model_dump(exclude_defaults=True)))
    assert asked == [
        ["observation"],
        ["observation", "subject"],
        ["observation", "points", "subject"],
        ["observation", "points", "priority", "subject"],
    ]
    assert labels[:13] == (*['walk "fast"'] * 10, *["sing"] * 3)
    assert labels[13] == "unlabel"


def scored(*events, unit="exposures"):
    return Scored(path="x.csv", kind="test", events=tuple(events), unit=unit)


def test_points_last_as_long_as_the_table_says_and_end_with_the_recording():
    events = (Event("kick", 0.4, 0.4, 2, point=True), Event("kick", 0.96, 0.96, 3, point=True))
    labels = labels_of(scored(*events, unit="seconds"), LabelsConfig(points=0.2), exposures=26, fps=25)
    assert [index for index, label in enumerate(labels) if label == "kick"] == [10, 11, 12, 13, 14, 24, 25]


def test_a_point_after_the_recording_is_refused():
    event = Event("kick", 1.04, 1.04, 2, point=True)
    with pytest.raises(LabelsError, match="line 2: labels exposure 26, but the recording ends with exposure 25"):
        labels_of(scored(event, unit="seconds"), LabelsConfig(points=0.2), exposures=26, fps=25)


def test_subjects_are_chosen_or_put_together():
    events = (Event("a", 0, 4, 2, "one"), Event("b", 6, 8, 3, "two"))
    with pytest.raises(
        LabelsError, match=r"line 3: is of the subject 'two', line 2 of 'one'.*\n\[labels\]\nsubject = \"one\""
    ):
        labels_of(scored(*events), exposures=10)
    assert set(labels_of(scored(*events), LabelsConfig(subject="two"), exposures=10)) == {"b", "unlabel"}
    assert set(labels_of(scored(*events), LabelsConfig(subject=("one", "two")), exposures=10)) == {"a", "b", "unlabel"}
    with pytest.raises(LabelsError, match="there is no subject 'three'; expected of 'one', 'two'"):
        labels_of(scored(*events), LabelsConfig(subject="three"), exposures=10)


def test_an_unknown_behaviour_is_refused_where_a_map_is_given_and_can_be_ignored():
    events = (Event("a", 0, 4, 2), Event("b", 6, 8, 3))
    with pytest.raises(
        LabelsError, match=r"line 3: the behaviour 'b' is unknown, expected 'a'(?s:.*)\nmap = .*\"b\" = \"b\""
    ) as error:
        labels_of(scored(*events), LabelsConfig(map={"a": "A"}), exposures=10)
    assert labels_of(scored(*events), table_of(error.value), exposures=10)[6:9] == ("b",) * 3
    labels = labels_of(scored(*events), LabelsConfig(map={"a": "A"}, ignore=("b",)), exposures=10)
    assert labels == ("A",) * 5 + ("unlabel",) * 5


def test_behaviours_that_become_one_label_may_overlap():
    events = (Event("lick left", 0, 4, 2), Event("lick right", 3, 8, 3))
    config = LabelsConfig(map={"lick left": "lick", "lick right": "lick"})
    assert labels_of(scored(*events), config, exposures=9) == ("lick",) * 9


def test_one_behaviour_with_two_modifiers_may_overlap_itself():
    events = (Event("lick", 0, 4, 2, modifiers="left"), Event("lick", 3, 8, 3, modifiers="right"))
    assert labels_of(scored(*events), exposures=9) == ("lick",) * 9


NAMES = st.sampled_from("abcd")


@given(
    events=st.lists(st.tuples(NAMES, st.integers(0, 29), st.integers(0, 12)), min_size=1, max_size=12),
    priority=st.permutations("abcd"),
)
def test_of_overlapping_labels_the_first_in_the_order_has_the_exposure_whatever_the_order_of_lines(events, priority):
    spans = [
        Event(name, start, min(29, start + length), line, modifiers=str(line))
        for line, (name, start, length) in enumerate(events, start=2)
    ]
    labels = labels_of(scored(*spans), LabelsConfig(priority=tuple(priority)), exposures=30)
    for index, label in enumerate(labels):
        there = {event.behaviour for event in spans if event.start <= index <= event.stop}
        assert label == min(there, key=priority.index, default="unlabel")


@given(events=st.lists(st.tuples(NAMES, st.integers(0, 29), st.integers(0, 12)), min_size=1, max_size=8))
def test_without_an_order_labels_that_overlap_are_refused_and_others_are_not(events):
    spans = [
        Event(name, start, min(29, start + length), line, modifiers=str(line))
        for line, (name, start, length) in enumerate(events, start=2)
    ]
    overlap = any(
        one.behaviour != other.behaviour and one.start <= other.stop and other.start <= one.stop
        for one in spans
        for other in spans
    )
    if not overlap:
        assert len(labels_of(scored(*spans), exposures=30)) == 30
        return
    with pytest.raises(LabelsError, match=r"overlaps .* say which comes first") as error:
        labels_of(scored(*spans), exposures=30)
    assert len(table_of(error.value).priority) == 2


@given(exposure=st.integers(0, 10**6), fps=st.floats(1, 1000))
def test_a_time_in_milliseconds_is_the_exposure_it_was_made_from(exposure, fps):
    assert exposure_at(float(f"{exposure / fps:.3f}"), fps) == exposure or np.isclose(fps, 1000)


def test_what_can_be_known_before_the_recording_is_read_is_refused_early():
    events = (Event("a", 0.0, 1.0, 2), Event("b", 0.5, 2.0, 3))
    file = scored(*events, unit="seconds")
    check_early(file)
    with pytest.raises(LabelsError, match="line 3: 'b' overlaps 'a'"):
        check_early(file, LabelsConfig(fps=25))
    check_early(file, LabelsConfig(fps=25, priority=("a", "b")))
