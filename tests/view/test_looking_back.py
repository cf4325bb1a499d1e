"""Looking back: which time is shown, what came before the window, pictures of moments, and the strangest of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.folder import SessionFolder
from selfee_rt.observe.reference import Reference
from selfee_rt.types import Bout
from selfee_rt.view.chart import chart_of_reference
from selfee_rt.view.charting import ENOUGH, EVERY_S, Charting
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.pictures import MOST_BYTES, Pictures
from selfee_rt.view.ring import Ring
from selfee_rt.view.sight import SPANS_S, Sight
from selfee_rt.view.strangest import Strangest
from selfee_rt.wire import make
from tests.session.rig import configure, run
from tests.view.stage import LABELS

S = 1_000_000_000


# --- which time ----------------------------------------------------------------------------------------------------


def sight(oldest_s=0, newest_s=600):
    return Sight(lambda: (oldest_s * S, newest_s * S))


def test_a_sight_is_live_until_somebody_scrolls_back_and_again_at_the_newest():
    it = sight()
    assert it.is_live
    assert it.edges(0, 600 * S) == (540 * S, 600 * S)
    it.scroll_spans(0.25)
    assert it.is_live, "there is nothing later"
    it.scroll_spans(-0.25)
    assert it.at_ns == 555 * S, "the middle of what was shown, a quarter earlier"
    assert it.edges(0, 9999 * S) == (525 * S, 585 * S), "it stays whatever comes"
    it.scroll_spans(1)
    assert it.is_live
    it.oldest()
    assert it.edges(0, 600 * S) == (0, 60 * S), "nothing is before the oldest"


@given(st.lists(st.sampled_from([-3.0, -1.0, -0.25, 0.25, 1.0]) | st.sampled_from([-1, 1])))
def test_a_sight_never_leaves_what_there_is(moves):
    it = sight(100, 400)
    for move in moves:
        if isinstance(move, float):
            it.scroll_spans(move)
        else:
            it.zoom(move)
        assert it.span_s in SPANS_S
        assert it.at_ns is None or 100 * S <= it.at_ns < 400 * S


def test_a_sight_without_anything_to_see_stays_live():
    it = Sight(lambda: None)
    for act in (it.oldest, it.play, lambda: it.scroll(-5), lambda: it.go(3), lambda: it.play_around(3, 5), it.tick):
        act()
        assert it.is_live


def test_what_is_played_goes_on_as_fast_as_it_happened_and_stops(monkeypatch):
    now = [10 * S]
    monkeypatch.setattr("selfee_rt.view.sight.now_ns", lambda: now[0])
    it = sight()
    it.play_around(300 * S, 6)
    shown = []
    for _ in range(8):
        now[0] += S
        it.tick()
        shown.append(it.at_ns // S)
    assert shown == [298, 299, 300, 301, 302, 303, 303, 303]
    assert not it.playing
    it.play()
    now[0] += 400 * S
    it.tick()
    assert it.at_ns == 600 * S


# --- what was before -----------------------------------------------------------------------------------------------


@given(
    capacity=st.integers(1, 12), kept=st.lists(st.integers(), max_size=20), older=st.lists(st.integers(), max_size=20)
)
def test_what_is_put_before_is_the_end_of_a_longer_list(capacity, kept, older):
    kept, older = [each % 1000 for each in kept], [each % 1000 for each in older]
    ring = Ring(capacity, [("value", np.int64)])
    for value in kept:
        ring.push((value,))
    added = ring.prepend(np.array([(each,) for each in older], ring.dtype))
    whole = (older + kept[-capacity:])[-capacity:]
    assert ring.slice(ring.start)["value"].tolist() == whole
    assert added == len(whole) - len(kept[-capacity:])
    ring.push((-1,))
    assert ring.slice(ring.start)["value"].tolist() == [*whole, -1][-capacity:]


def past_of(stage, first, stop):
    """What a session answers: observations first to stop, of every arena."""
    found, now = [], stage.index
    for stage.index in range(first, stop):
        found += [stage.observation(arena.name) for arena in stage.session.arenas]
    stage.index = now
    return tuple(found)


def test_what_was_observed_before_the_first_message_stands_before_it(stage):
    model = Model(stage.session)
    stage.index = 100
    for arena in ("left", "right"):
        model.apply(f"observation.{arena}", stage.observation(arena))
    bout = Bout("left", "winging", 60, 80, 2 * S, 3 * S)
    history = wire.History(observations=past_of(stage, 50, 103), bouts=(make.bout(bout, "s"),) * 2)
    assert model.prepend(history) == 100, "those that are known already are left out"
    rows, _ = model.between("left", 0, 100 * S)
    assert rows["index"].tolist() == list(range(50, 101))
    assert model.oldest_index == 50
    assert model.bout_at("left", 2 * S + 1) == bout
    assert model.seen_at("left", 2 * S).label == LABELS[0]
    assert model.seen_at("left", 1 * S) is None
    assert (model.index_at("left", 2 * S), model.index_at("left", S)) == (60, None)


# --- pictures ------------------------------------------------------------------------------------------------------


def picture(media_s, size=10, heard_s=None):
    header = wire.PreviewHeader(
        session_id="s", seq=0, index=0, media_ns=round(media_s * S), captured_ns=0, received_ns=0, colour=False,
        width_px=64, height_px=48, scale=1.0, quality=4,
    )  # fmt: skip
    return Preview(header, bytes(size), round((media_s if heard_s is None else heard_s) * S))


def test_the_nearest_picture_stands_for_a_moment_and_none_far_from_it():
    pictures = Pictures()
    for tenth in range(10, 60):
        pictures.see(picture(tenth / 10))
    assert pictures.at(round(3.31 * S)).header.media_ns in (round(3.2 * S), round(3.4 * S)), "five a second are kept"
    assert pictures.at(round(6.3 * S)).header.media_ns == round(5.8 * S)
    assert pictures.at(7 * S) is None
    pictures.fetch(picture(7.1))
    assert pictures.at(7 * S).header.media_ns == round(7.1 * S)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_pictures_are_forgotten_in_the_order_in_which_they_came(times):
    pictures = Pictures()
    each = MOST_BYTES // 3
    for place, media_s in enumerate(times):
        pictures.see(picture(media_s, each, heard_s=place))
    kept = times[-3:]
    for media_s in times:
        nearest = min(abs(round(media_s * S) - round(other * S)) for other in kept)
        found = pictures.at(round(media_s * S))
        if found is not None:
            assert abs(found.header.media_ns - round(media_s * S)) == nearest
        else:
            assert nearest > 0.6 * S


# --- the strangest moments -----------------------------------------------------------------------------------------


def alarms_of(stage, *spans):
    """Strangest moments after (first index, score) spans of ten exposures with an alarm, on a quiet ground."""
    strangest = Strangest(30.0, ("selfee", "wide", "narrow"))
    of = {first + n: score - abs(n - 4) * 0.01 for first, score in spans for n in range(10)}
    for stage.index in range(600):
        score = of.get(stage.index)
        strangest.push(stage.observation("left", scores={"selfee": score or 0.1}, alarm=score is not None))
    return strangest


def test_the_strangest_moments_come_first_each_at_its_peak(stage):
    found = alarms_of(stage, (100, 0.6), (200, 0.9), (400, 0.7)).best(2)
    assert [each.index for each in found] == [204, 404]
    assert alarms_of(stage, (100, 0.6)).best(5, "right") == []


def test_alarms_less_than_a_second_apart_are_one_moment(stage):
    assert [each.index for each in alarms_of(stage, (100, 0.6), (125, 0.7), (200, 0.5)).best(5)] == [129, 204]


def test_detectors_are_compared_by_their_own_spread(stage):
    strangest = Strangest(30.0, ("selfee", "wide", "narrow"))
    for stage.index in range(400):
        wide, narrow = 100.0 * (stage.index % 7), 0.001 * (stage.index % 5)
        if stage.index == 200:
            wide = 900.0
        if stage.index == 300:
            narrow = 0.05
        strangest.push(
            stage.observation("left", scores={"wide": wide, "narrow": narrow}, alarm=stage.index in (200, 300))
        )
    assert [each.index for each in strangest.best(2)] == [300, 200]


def test_only_the_strangest_are_remembered(stage, monkeypatch):
    monkeypatch.setattr("selfee_rt.view.strangest.KEPT", 3)
    spans = [(50 * n, 0.5 + 0.01 * (n * 7 % 11)) for n in range(11)]
    best = {first + 4 for first, score in sorted(spans, key=lambda each: -each[1])[:2]}
    assert best < {each.index for each in alarms_of(stage, *spans).best(10)}


# --- the map -------------------------------------------------------------------------------------------------------


def test_an_embedding_of_the_reference_lies_where_its_point_is_drawn(rig, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 1}))
    with np.load(rig / "reference.npz") as file:
        embedding = file["embedding"].astype(np.float32)
    with SessionFolder(tmp_path / "s") as folder:
        chart = chart_of_reference(tmp_path / "s", folder.record.model.sha256)
    assert chart.points.shape == (len(embedding), 2)
    for row in (0, 17, len(embedding) - 1):
        assert chart.place(embedding[row]) == pytest.approx(tuple(chart.points[row]), abs=1e-4)
    assert chart.labels == Reference.load(rig / "reference.npz").labels
    spread = chart.points.var(axis=0)
    assert spread[0] >= spread[1] > 0
    assert 0 < chart.share <= 1


def test_why_there_is_no_map_is_said(rig, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 1}))
    assert "another model" in chart_of_reference(tmp_path / "s", "0")
    assert "folder cannot be read" in chart_of_reference(tmp_path / "elsewhere", "0")
    record = (tmp_path / "s" / "session.json").read_text()
    (tmp_path / "s" / "session.json").write_text(record.replace("reference.npz", "gone.npz"))
    assert "reference cannot be read" in chart_of_reference(tmp_path / "s", "0")


def test_without_a_reference_the_first_embeddings_make_the_map(stage):
    charting = Charting(Model(stage.session))
    charting.close()
    assert charting.why.startswith("the session folder cannot be read from here")
    rng = np.random.default_rng(0)
    for place in range(ENOUGH * 2):
        assert charting.chart is None or place > 2 * (ENOUGH - 1)
        vector = rng.normal(size=8).astype(np.float32) + 10 * (place % 4 < 2)
        charting.take(vector, round(place * EVERY_S / 2 * S), LABELS[place % 4 // 2])
    assert charting.chart.points.shape == (ENOUGH, 2)
    assert charting.chart.share > 0.5
    assert "first 120 s" in charting.chart.says
