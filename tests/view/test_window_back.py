"""Looking back in the window, offscreen: keys, mouse, what is said, and that going back to live is one key."""

# ruff: noqa: F811 - fixtures of another file
import msgspec
import numpy as np
import pytest

from selfee_rt import wire
from selfee_rt.publish.jpeg import JpegEncoder
from tests.session.rig import configure, running
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import QPointF, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from tests.view.stage import LABELS  # noqa: E402
from tests.view.test_window import answered, look, met, see, show  # noqa: E402, F401 - two are fixtures

KEY = Qt.Key
S = 1_000_000_000


@pytest.fixture
def clip(stage):
    """Makes the acted session answer `clip` with bright pictures of the seconds that are asked for."""
    encoder = JpegEncoder(np.zeros((240, 320), np.uint8), widest_px=320)

    def answer(arguments):
        jpeg = encoder.encode(np.full((240, 320), 200, np.uint8))
        indices = range(max(0, arguments["index"] - 30), arguments["index"] + 30, 6)
        pictures = tuple(
            wire.ClipPicture(
                index=index, media_ns=round(index / stage.fps * S), captured_ns=0, width_px=320, height_px=240,
                scale=0.5, jpeg=jpeg,
            )
            for index in indices
        )  # fmt: skip
        return msgspec.to_builtins(wire.Clip(pictures=pictures))

    stage.shows["clip"] = answer


def observe(stage, window, qtbot, count, **changes):
    """More exposures, until the window has them."""
    for _ in range(count):
        stage.observe(**changes)
    qtbot.waitUntil(lambda: window.acts.moment() == stage.index + 1)


def test_one_key_looks_back_and_one_goes_back_to_live(met, stage, qtbot):
    look(met)
    assert met.header.sight.text() == "LIVE"
    for _ in range(2):
        QTest.keyClick(met, KEY.Key_I)
    QTest.keyClick(met, KEY.Key_Left)
    at_ns = met.acts.sight.at_ns
    observe(stage, met, qtbot, 60)
    look(met)
    assert met.header.sight.text().startswith("LOOKING BACK at 0:00:0")
    assert met.header.sight.text().endswith("L: live")
    assert met.acts.sight.at_ns == at_ns, "what comes does not move what is looked at"
    assert "looking back" in met.footer.chosen.text()
    shown = met.ethogram._image.image.copy()
    observe(stage, met, qtbot, 30)
    look(met)
    assert (met.ethogram._image.image == shown).all()
    QTest.keyClick(met, KEY.Key_L)
    look(met)
    assert met.header.sight.text() == "LIVE"
    assert not (met.ethogram._image.image == shown).all()


def test_a_stream_whose_clock_jumps_back_goes_on_being_shown(met, stage, qtbot):
    for media_ns in (10**12, 2 * 10**12, 3 * 10**12, 5):
        observe(stage, met, qtbot, 1, media_ns=media_ns)
        for act in (met.acts.sight.oldest, met.acts.sight.live):
            act()
            look(met)
    assert not met.grab().toImage().isNull()


def test_after_a_jump_back_of_the_cameras_clock_plots_show_the_newest_and_mark_the_jump(met, stage, qtbot):
    stage.bout(start=0, stop=80)
    observe(stage, met, qtbot, 40, alarm=True)
    look(met)
    assert not met.anomaly._strip.jump.isVisible()
    for n in range(60):
        stage.observe(media_ns=round(n / 30 * S), scores={"selfee": 0.3}, alarm=False, label="winging")
    stage.observe(media_ns=2 * S, scores={"selfee": 0.77}, alarm=True, label="winging")
    qtbot.waitUntil(lambda: met.acts.moment() == stage.index + 1)
    look(met)
    rows, _ = met.link.model.between("right", 0, 2 * S)
    assert len(rows) == 61, "only what came after the jump has times that are unique"
    seconds, scores = met.anomaly._line.getData()
    assert (len(seconds), seconds[0], seconds[-1]) == (61, pytest.approx(-2.0), pytest.approx(0.0))
    assert scores[-1] == pytest.approx(0.77)
    assert set(met.ethogram._image.image[-19:-1].max(axis=1)) == {LABELS.index("winging") + 1}
    for strip in (met.anomaly._strip, met.ethogram._traces):
        assert strip.jump.isVisible()
        assert strip.jump.value() == pytest.approx(-2.0)
    told = [each.text for each in met.link.model.told(100)]
    assert "the camera's clock jumped back by 4.3 s" in " ".join(told)
    assert sum("alarm" in each for each in told) == 4, "one before and one after, in both arenas"
    assert met.link.model.bout_at("left", S // 2).stop_index > 80, "bouts of the old clock are not found by the new one"
    QTest.keyClick(met, KEY.Key_Home)
    look(met)
    assert met.acts.sight.at_ns == 0


def test_pictures_of_the_old_clock_are_not_taken_for_those_of_the_new_one(met, stage, qtbot):
    shown = met.link.pictures
    assert shown.at(3 * S) is not None
    stage.index = 3
    see(stage, met, qtbot)
    assert met.link.pictures is not shown
    assert met.link.pictures.at(3 * S) is None


def test_what_is_no_longer_kept_is_not_looked_at_any_more(met, stage, qtbot):
    observe(stage, met, qtbot, 60)
    QTest.keyClick(met, KEY.Key_Home)
    observe(stage, met, qtbot, 1, media_ns=7)
    qtbot.waitUntil(lambda: met.acts.sight.at_ns == 7)
    met.acts.sight.at_ns = 10**13
    qtbot.waitUntil(lambda: met.acts.sight.is_live)


def test_a_label_is_never_given_to_the_newest_seconds_while_others_are_looked_at(met, stage, qtbot):
    QTest.keyClick(met, KEY.Key_Home)
    QTest.keyClick(met, KEY.Key_1)
    assert "FAILED" in answered(qtbot, met)
    assert stage.asked == []


def test_dragging_scrolls_and_the_wheel_zooms(met):
    look(met)
    box = met.anomaly._strip.getPlotItem().getViewBox()

    class Drag:
        def __init__(self, before, after):
            self.before, self.after = (box.mapFromView(QPointF(each, 0)) for each in (before, after))

        def accept(self):
            pass

        def pos(self):
            return self.after

        def lastPos(self):
            return self.before

        def delta(self):
            return 120

    box.mouseDragEvent(Drag(-20, -10))
    assert met.acts.sight.at_ns == 0, "three seconds are held, and half a minute is shown to each side"
    box.wheelEvent(Drag(0, 0))
    assert met.acts.sight.span_s == 30
    look(met)
    assert met.anomaly._strip.viewRange()[0] == pytest.approx([-30, 0], abs=0.1)


def test_what_was_before_the_window_is_fetched_page_by_page(show, stage, qtbot, monkeypatch):
    monkeypatch.setattr("selfee_rt.view.fetch.PAGE", 70)
    past = []
    for stage.index in range(300):
        past.append([stage.observation(arena.name) for arena in stage.session.arenas])

    def answer(arguments):
        before = [each for each in past if each[0].index < arguments["before_index"]][-arguments["observations"] :]
        history = wire.History(observations=tuple(o for each in before for o in each), bouts=(), oldest_index=0)
        return msgspec.to_builtins(history)

    stage.shows["history"] = answer
    stage.index = 300
    window = show(stage.address)

    def heard():
        stage.introduce()
        stage.observe()
        model = window.link.model
        return model is not None and model.oldest_index == 0

    qtbot.waitUntil(heard)
    assert len(stage.looked) == 5
    rows, _ = window.link.model.between("right", 0, 20 * S)
    assert np.diff(rows["index"]).max() == 1
    QTest.keyClick(window, KEY.Key_Home)
    look(window)
    assert window.acts.sight.at_ns == 0


def test_a_picture_that_was_not_seen_is_asked_for_and_shown(met, stage, clip, qtbot):
    stage.observe()
    met.acts.sight.go(1 * S)
    qtbot.waitUntil(
        lambda: (met.video.refresh() or met.video.shown) is not None and met.video.shown.header.width_px == 320
    )
    assert abs(met.video.shown.header.media_ns - S) < S // 2
    assert [verb for verb, _ in stage.looked if verb == "clip"] == ["clip"], "once"


def test_why_there_is_no_picture_is_said(met, stage, qtbot):
    met.acts.sight.go(1 * S)
    qtbot.waitUntil(lambda: met.video.refresh() or met.video._why_none == "no picture is held")
    assert not met.video.grab().toImage().isNull()


def test_the_strangest_moment_has_a_thumbnail_and_a_click_shows_its_seconds(met, stage, clip, qtbot):
    assert not met.strangest.moments
    observe(stage, met, qtbot, 10, alarm=True, scores={"selfee": 0.9})
    observe(stage, met, qtbot, 200, scores={"selfee": 0.1}, alarm=False)
    qtbot.waitUntil(lambda: met.strangest.refresh() or any(each.picture for each in met.strangest.moments))
    assert {each.arena for each in met.strangest.moments} == {"left", "right"}
    before = met.strangest.grab().toImage()
    assert not before.isNull()
    place = met.strangest._places()[0].center()
    QTest.mouseClick(met.strangest, Qt.MouseButton.LeftButton, pos=place)
    sight = met.acts.sight
    assert sight.playing
    assert met.acts.arena == met.strangest.moments[0].arena
    qtbot.waitUntil(lambda: sight.at_ns > met.strangest.moments[0].media_ns)
    QTest.keyClick(met, KEY.Key_P)
    assert not sight.playing


def test_a_real_session_is_looked_back_on(rig, tmp_path, show, qtbot):
    endless = {"speed": 1.0, "seconds": None}
    with running(configure(rig, tmp_path / "s", source=endless)) as session:
        qtbot.waitUntil(lambda: session.snapshot().n_observed > 60, timeout=20_000)
        window = show(session.observations_address)
        qtbot.waitUntil(
            lambda: window.link.model is not None and (window.link.model.oldest_index or 99) < 10, timeout=9000
        )
        QTest.keyClick(window, KEY.Key_Home)
        window.acts.sight.scroll(1.0)
        qtbot.waitUntil(lambda: window.video.refresh() or window.video.shown is not None, timeout=9000)
        assert window.video.shown.header.width_px == 160
        assert not window.fetch.failed
        window.docks["map"].raise_()
        window.acts.sight.live()
        qtbot.waitUntil(lambda: len(window.map.tail) > 3, timeout=9000)
        assert "reference.npz" in window.map.charting.chart.says
        before = window.map.grab().toImage()
        window.map.tail = np.vstack([window.map.tail, [[0.0, 0.0]]])
        assert window.map.grab().toImage() != before
        window.docks["strangest"].raise_()
        qtbot.waitUntil(lambda: not window.link.wants_embeddings)
