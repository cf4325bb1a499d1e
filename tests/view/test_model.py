"""What the window remembers of a session: ring, series, bouts, journal; none of it needs Qt."""

from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.types import Drift, StageStatus
from selfee_rt.view.alarms import Alarms
from selfee_rt.view.journal import KEPT, Journal
from selfee_rt.view.missed import Missed
from selfee_rt.view.model import Model
from selfee_rt.view.ring import Ring
from selfee_rt.view.series import KEPT_S, Series
from tests.view.stage import LABELS


@pytest.fixture
def model(stage):
    return Model(stage.session)


def observed(stage, model, count, **changes):
    for _ in range(count):
        for arena in ("left", "right"):
            model.apply(f"observation.{arena}", stage.observation(arena, **changes))
        stage.index += 1


def told(model):
    return [entry.text for entry in model.told(1000)]


@given(st.integers(1, 7), st.lists(st.integers(0, 100)), st.integers(-3, 12), st.integers(-3, 12))
def test_a_ring_is_the_end_of_a_list(capacity, values, start, stop):
    ring = Ring(capacity, [("value", np.int64)])
    for value in values:
        ring.push((value,))
    kept = dict(enumerate(values[-capacity:], start=max(0, len(values) - capacity)))
    assert ring.slice(start, stop)["value"].tolist() == [kept[n] for n in range(start, stop) if n in kept]
    assert ring.slice(start)["value"].tolist() == [value for n, value in kept.items() if n >= start]
    for number in range(-1, len(values) + 1):
        if number in kept:
            assert ring[number]["value"] == kept[number]
        else:
            with pytest.raises(IndexError, match="not among those kept"):
                ring[number]


@given(st.integers(1, 7), st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(-1, 51))
def test_a_row_is_found_by_what_rises(capacity, values, wanted):
    ring = Ring(capacity, [("value", np.int64)])
    for value in values:
        ring.push((value,))
    kept = list(enumerate(values))[-capacity:]
    expected = next((number for number, value in kept if value >= wanted), len(values))
    assert ring.search("value", wanted) == expected


def test_a_series_keeps_half_an_hour_and_no_more():
    assert len(Series(30.0, LABELS, ["selfee"]).rows._rows) == 30 * KEPT_S
    assert len(Series(1000.0, LABELS, ["selfee"]).rows._rows) == 200 * KEPT_S


def test_what_is_not_known_is_not_a_number(stage, model):
    observed(stage, model, 1, label=None, probabilities=None, scores={"selfee": None}, alarm=None)
    (row,), _ = model.between("left", 0, 10**15)
    assert (row["label"], row["alarm"]) == (-1, -1)
    assert np.isnan(row["probabilities"]).all()
    assert np.isnan(row["scores"]).all()


def test_a_time_is_counted_in_the_streams_own_and_has_both_ends(stage, model):
    observed(stage, model, 100)
    rows, first = model.between("left", 2_300_000_000, 2_400_000_000)
    assert rows["index"].tolist() == [69, 70, 71, 72]
    assert first == 69


def test_a_label_stands_at_the_exposure_that_it_describes(stage, model):
    stage.index = 30
    observed(stage, model, 1, label_index=15)
    (row,), _ = model.between("left", 0, 10**15)
    assert row["media_ns"] == 1_000_000_000
    assert row["label_ns"] == pytest.approx(500_000_000, abs=2)


def test_a_revision_replaces_what_was_said_about_its_exposure_only(stage, model):
    observed(stage, model, 10, label="nothing")
    revision = wire.RevisionMessage(
        session_id=stage.session.session_id,
        index=9,
        arena="left",
        label_index=4,
        media_ns=round(4 / 30 * 1e9),
        label="winging",
        probabilities=(0.0, 0.0, 0.1, 0.9),
        revision=1,
    )
    model.apply("revision.left", revision)
    rows, _ = model.between("left", 0, 10**15)
    assert [LABELS[each] for each in rows["label"]] == ["nothing"] * 4 + ["winging"] + ["nothing"] * 5
    assert rows["probabilities"][4].tolist() == pytest.approx([0.0, 0.0, 0.1, 0.9])


def test_a_bout_is_found_by_its_time_and_a_persons_comes_first(stage, model):
    bout = {"arena": "left", "start_index": 10, "stop_index": 40, "start_media_ns": 333, "stop_media_ns": 1333}
    for seq, (label, source) in enumerate((("chasing", "predicted"), ("winging", "user"))):
        message = wire.BoutMessage(session_id="", seq=seq, index=40, label=label, source=source, **bout)
        model.apply("bout.left", message)
    assert model.bout_at("left", 333).label == model.bout_at("left", 1333).label == "winging"
    assert model.bout_at("left", 1334) is None
    assert model.bout_at("right", 500) is None


def test_a_bout_that_has_not_ended_is_the_run_of_its_label(stage, model):
    for count, label in ((10, "nothing"), (20, "winging"), (5, None), (5, "winging")):
        observed(stage, model, count, label=label)
    running = model.bout_at("left", round(15 / 30 * 1e9))
    assert (running.label, running.start_index, running.stop_index) == ("winging", 10, 29)
    assert model.bout_at("left", round(32 / 30 * 1e9)) is None
    newest = model.bout_at("left", round(38 / 30 * 1e9))
    assert (newest.start_index, newest.stop_index) == (35, 39)


def test_a_jump_of_seq_is_what_this_window_missed(stage, model):
    missed = Missed()
    assert [missed.note("a", seq) for seq in (5, 6, 9, 10)] == [0, 0, 2, 0]
    assert missed.note("b", 100) == 0
    assert (missed.by_topic, missed.total) == ({"a": 2}, 2)
    for seq in (0, 1, 15):
        model.apply("observation.left", msgspec.structs.replace(stage.observation("left"), seq=seq))
    assert told(model) == ["this window missed 13 messages of observation.left"]


def test_exposures_with_an_alarm_less_than_a_second_apart_are_one_line(stage, model):
    for alarm, count in ((True, 5), (False, 20), (True, 5), (False, 60), (True, 1)):
        observed(stage, model, count, alarm=alarm, scores={"selfee": 0.9})
    assert told(model) == ["alarm selfee +0.900 above +0.400"] * 4, "two arenas, two alarms each"


def test_a_status_is_told_only_where_it_changes(stage, model):
    drift = {"left": (Drift("brightness", 3, 90.0, 120.0),)}
    broken = tuple(StageStatus(name, 1, 1, 0, 1, 1, 1, 1, "disk full") for name in ("video",))
    model.apply("status", stage.status())
    for seq in (1, 2):
        changed = stage.status(seq=seq, losses={"edge": 9, "source": 3}, drift=drift, error="oh", stages=broken)
        model.apply("status", changed)
    assert told(model) == [
        "3 exposures lost at source",
        "brightness has drifted: 90, was 120",
        "oh",
        "video failed: disk full",
    ]
    assert model.vitals.recording_failed == "disk full"


def test_arrivals_are_counted_between_two_statuses(stage, model):
    def at(seconds, count):
        stages = (StageStatus("acquire", count, count, 0, None, None, None, None),)
        return stage.status(at_ns=round(seconds * 1e9), stages=stages)

    model.vitals.take(at(1.0, 100))
    assert model.vitals.fps_in is None
    for _ in range(2):
        model.vitals.take(at(3.0, 150))
        assert model.vitals.fps_in == 25.0, "the same status, said again, changes nothing"


TIMES = st.integers(0, 9)


@given(st.lists(st.tuples(TIMES, st.sampled_from("ab"))), st.none() | TIMES, st.integers(1, 9))
def test_a_journal_is_in_the_order_of_time_and_has_everything_once(said, around, most):
    journal = Journal()
    for time_s, text in said:
        journal.add(time_s, "action", text)
    everything = sorted(set(said))
    assert sorted((entry.time_s, entry.text) for entry in journal.around(None, KEPT)) == everything
    times = [time_s for time_s, _ in everything]
    shown = [entry.time_s for entry in journal.around(around, most)]
    assert len(shown) == min(most, len(times)), "as many as there is room for"
    if around is None:
        assert shown == times[len(times) - len(shown) :]
    elif around in times and most > 1:
        assert around in shown or times.count(around) > most


def test_a_journal_forgets_its_beginning():
    journal = Journal()
    for entry in range(KEPT + 10):
        journal.add(entry, "action", str(entry))
    kept = journal.around(None, 2 * KEPT)
    assert len(kept) == KEPT
    assert kept[0].text == "10"


def test_an_entry_that_is_taken_back_is_gone():
    journal = Journal()
    entries = [journal.add(1.0, "alarm", text) for text in "abc"]
    journal.remove(entries[1])
    journal.remove(entries[1])
    assert [entry.text for entry in journal.around(None, 9)] == ["a", "c"]
    assert journal.n_changes == 4


@given(
    st.lists(st.tuples(st.sampled_from([0.2, 0.9, 1.1, 5.0]), st.booleans()), max_size=30),
    st.integers(0, 30),
    st.integers(1, 7),
)
def test_alarms_begin_where_they_begin_in_whatever_order_they_come(steps, n_before, page):
    messages, now_s = [], 0.0
    for step_s, alarm in steps:
        now_s += step_s
        messages.append(SimpleNamespace(media_ns=round(now_s * 1e9), alarm=alarm))
    once = Alarms()
    expected = [each for each in messages if once.push(each)]
    alarms = Alarms()
    found = [each for each in messages[n_before:] if alarms.push(each)]
    for stop in range(min(n_before, len(messages)), 0, -page):
        older = alarms.prepend(messages[max(0, stop - page) : stop])
        found = [*older.begins, *found[older.joins :]]
    assert found == expected


def test_a_label_has_the_colour_that_it_has_in_figures(model):
    from selfee_rt.palette import COLOURS, COLOURS_ON_DARK
    from selfee_rt.workbench.figures import styles

    for label, style in styles(LABELS).items():
        assert model.colours[label] == COLOURS_ON_DARK[COLOURS.index(style.colour)]
