"""Scoring in the window, offscreen: every key, the mouse, what is said, and pictures that are those of the exposure."""

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.cli.scoring import Clerk, Scoring
from selfee_rt.types import UNLABELLED
from selfee_rt.view.scoring.desk import Desk
from selfee_rt.view.scoring.score import Running
from selfee_rt.view.scoring.spans import Span
from selfee_rt.workbench.labels import read_labels
from tests.acquire import videos
from tests.session.rig import configure, run
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import QPoint, QPointF, Qt  # noqa: E402
from PySide6.QtGui import QKeyEvent, QWheelEvent  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from selfee_rt.view.app import application, open_window  # noqa: E402
from selfee_rt.view.scoring.window import Recording, ScoringWindow  # noqa: E402

KEY, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("Shift", "Control", "Alt"))
LEFT = Qt.MouseButton.LeftButton
NAMES = ("nothing", "chasing", "winging")
ARRIVED = [*range(60), *range(65, 125)]
"""Exposures of the film: 25 a second, five of them dropped."""


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A video that tells its exposures by their grey, with dropped ones."""
    pictures = [np.full((48, 64), 2 * index, np.uint8) for index in ARRIVED]
    return videos.write(tmp_path_factory.mktemp("film") / "film.mkv", [index * 40 for index in ARRIVED], pictures)


@pytest.fixture
def show(qtbot, tmp_path):
    """Opens a recording; it is read wholly before one goes on."""

    def opened(path, names=NAMES, arenas=("arena",), **about):
        _, theme = application(1.0)
        desk = Desk(tmp_path / "l.csv", Clerk(), names, arenas)
        window = ScoringWindow(Recording(path.name, build.footage(path), **about), desk, theme)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitUntil(lambda: window.timeline.complete)
        window.tick()
        return window

    return opened


@pytest.fixture
def window(show, film):
    return show(film)


def press(window, *keys, modifiers=NONE):
    for key in keys:
        QTest.keyClick(window, key, modifiers)


def at(window, index):
    """Go to an exposure, as the mouse does."""
    window._went(index)


def score(window, key, first, last):
    at(window, first)
    press(window, key)
    at(window, last)
    press(window, key)


def spans(window):
    return window.desk.score.spans


def seen(window, qtbot):
    """The exposure that the picture on the screen tells by its grey."""
    number = window.acts.player.number
    qtbot.waitUntil(lambda: window.tick() or getattr(window.picture.shown, "number", None) == number)
    return int(np.median(window.picture.shown.image)) / 2


# --- looking ----------------------------------------------------------------------------------------------------------


def test_every_key_that_moves_shows_the_picture_of_the_exposure_that_it_goes_to(window, qtbot):
    for keys, modifiers, index in (
        ((KEY.Key_Right,), NONE, 1),
        ((KEY.Key_Right,), SHIFT, 11),
        ((KEY.Key_Left,), NONE, 10),
        ((KEY.Key_Right,), CONTROL, 35),
        ((KEY.Key_Right,), CONTROL, 59),
        ((KEY.Key_Right,), NONE, 65),
        ((KEY.Key_Left,), NONE, 59),
        ((KEY.Key_Left,), CONTROL, 34),
        ((KEY.Key_Left,), SHIFT, 24),
        ((KEY.Key_End,), NONE, 124),
        ((KEY.Key_Home,), NONE, 0),
        ((KEY.Key_PageDown,), NONE, 124),
        ((KEY.Key_PageUp,), NONE, 0),
    ):
        press(window, *keys, modifiers=modifiers)
        assert window.acts.player.index == index, keys
        assert seen(window, qtbot) == index


def test_space_plays_and_stops_and_the_arrows_set_how_fast(window, qtbot):
    press(window, KEY.Key_Up, KEY.Key_Up)
    assert window.speed.text() == "4x speed"
    press(window, KEY.Key_Space)
    qtbot.waitUntil(lambda: (window.acts.player.index or 0) > 20)
    assert window.where.text().startswith("▶")
    press(window, KEY.Key_Space)
    stopped = window.acts.player.index
    window.tick()
    assert window.acts.player.index == stopped
    assert window.where.text().startswith("❚❚")
    press(window, *[KEY.Key_Down] * 4)
    assert window.speed.text() == "0.25x speed"
    assert abs(seen(window, qtbot) - stopped) < 1


def test_it_says_where_one_is_in_time_and_exposures(window):
    at(window, 50)
    assert window.where.text() == "❚❚  0:02.00 of 0:04.96   exposure 50 of 0 … 124"
    assert "all 120 frames read" in window.reading.text()


def test_g_goes_to_an_exposure_by_its_number(window):
    press(window, KEY.Key_G)
    QTest.keyClicks(window.ask.line, "1,000")
    QTest.keyClick(window.ask.line, KEY.Key_Return)
    assert window.ask.isVisible()
    assert window.ask.says.text() == "expected the number of an exposure, 0 to 124"
    window.ask.line.clear()
    QTest.keyClicks(window.ask.line, "77")
    QTest.keyClick(window.ask.line, KEY.Key_Return)
    assert not window.ask.isVisible()
    assert window.acts.player.index == 77


def test_comma_and_period_go_from_edge_to_edge(window):
    score(window, KEY.Key_2, 10, 19)
    score(window, KEY.Key_3, 20, 29)
    press(window, KEY.Key_Home)
    for index in (10, 20, 30, 30):
        press(window, KEY.Key_Period)
        assert window.acts.player.index == index
    assert window.desk.said == "there is no further span"
    for index in (20, 10, 10):
        press(window, KEY.Key_Comma)
        assert window.acts.player.index == index


def test_keys_and_the_wheel_zoom_the_strip(window):
    before = window.strip.visible
    press(window, KEY.Key_I)
    assert window.strip.visible < before
    press(window, KEY.Key_O, KEY.Key_O)
    assert window.strip.visible > before
    wheel = QWheelEvent(
        QPointF(400, 10), QPointF(400, 10), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    zoomed = window.strip.visible
    window.strip.wheelEvent(wheel)
    assert window.strip.visible < zoomed


# --- scoring ----------------------------------------------------------------------------------------------------------


def test_a_key_begins_a_state_and_again_ends_it_with_both_exposures_in_it(window):
    at(window, 10)
    press(window, KEY.Key_2)
    assert window.desk.score.running == Running("chasing", 10)
    assert window.picture.tags[-1][0] == "● chasing since 10"
    at(window, 20)
    press(window, KEY.Key_2)
    assert spans(window) == (Span("chasing", 10, 20),)
    assert window.picture.tags == (("chasing", window.picture.tags[0][1]),)
    assert window.unsaved.text() == "● UNSAVED  Ctrl+S"


def test_another_key_ends_it_and_u_takes_labels_away(window):
    at(window, 10)
    press(window, KEY.Key_1)
    at(window, 20)
    press(window, KEY.Key_3)
    at(window, 30)
    press(window, KEY.Key_U)
    at(window, 40)
    press(window, KEY.Key_U)
    assert spans(window) == (Span("nothing", 10, 19), Span("winging", 20, 29))
    score(window, KEY.Key_U, 15, 24)
    assert spans(window) == (Span("nothing", 10, 14), Span("winging", 25, 29))


def test_escape_drops_what_has_begun(window):
    press(window, KEY.Key_2, KEY.Key_Escape)
    assert window.desk.score.running is None
    assert spans(window) == ()


def test_ctrl_z_and_ctrl_y_take_back_and_make_again(window):
    score(window, KEY.Key_2, 10, 20)
    press(window, KEY.Key_Z, modifiers=CONTROL)
    assert window.desk.score.running == Running("chasing", 10)
    assert window.desk.said == "undo: chasing 10 … 20 scored"
    press(window, KEY.Key_Z, KEY.Key_Z, modifiers=CONTROL)
    assert window.desk.said == "nothing to undo"
    press(window, KEY.Key_Y, modifiers=CONTROL)
    press(window, KEY.Key_Z, modifiers=CONTROL | SHIFT)
    assert spans(window) == (Span("chasing", 10, 20),)
    press(window, KEY.Key_Y, modifiers=CONTROL)
    assert window.desk.said == "nothing to redo"


def test_a_key_without_a_label_says_so(window):
    press(window, KEY.Key_4)
    assert window.desk.failed
    assert window.desk.said == "there is no label with this key; there are 3, N adds one"


def test_n_adds_a_label_for_the_next_key(window):
    press(window, KEY.Key_N)
    for text, says in (("chasing", "there is a label chasing already"), ("unlabel", "unlabel is what nobody scored")):
        window.ask.line.setText(text)
        QTest.keyClick(window.ask.line, KEY.Key_Return)
        assert says in window.ask.says.text()
    window.ask.line.setText("copulation")
    height = window.strip.height()
    QTest.keyClick(window.ask.line, KEY.Key_Return)
    assert window.desk.score.names == (*NAMES, "copulation")
    window.tick()
    assert window.strip.height() > height
    score(window, KEY.Key_4, 3, 5)
    assert spans(window) == (Span("copulation", 3, 5),)
    press(window, KEY.Key_N)
    QTest.keyClicks(window.ask.line, "2")
    QTest.keyClick(window.ask.line, KEY.Key_Escape)
    assert not window.ask.isVisible()
    assert spans(window) == (Span("copulation", 3, 5),), "what is typed is no key"


def test_ten_labels_have_number_keys_and_ten_more_with_alt(show, film):
    window = show(film, names=tuple(f"l{n}" for n in range(1, 21)))
    keys = [getattr(KEY, f"Key_{n % 10}") for n in range(1, 11)]
    for place, key in enumerate(keys):
        at(window, place)
        press(window, key, key)
        at(window, 10 + place)
        press(window, key, key, modifiers=ALT)
    assert spans(window) == tuple(Span(f"l{n}", n - 1, n - 1) for n in range(1, 21))
    assert not window.grab().toImage().isNull()


def test_a_click_on_a_label_is_as_its_key(window):
    row = window.legend._row(1).center().toPoint()
    QTest.mouseClick(window.legend, LEFT, NONE, row)
    assert window.desk.score.running == Running("chasing", 0)
    QTest.mouseClick(window.legend, LEFT, NONE, row)
    assert spans(window) == (Span("chasing", 0, 0),)


def test_a_key_that_is_held_begins_one_state_but_goes_on_stepping(window):
    for key in (KEY.Key_2, KEY.Key_Right):
        QTest.keyPress(window, key)
        for _ in range(3):
            window.keys.press(QKeyEvent(QKeyEvent.Type.KeyPress, key, NONE, "", True))
        QTest.keyRelease(window, key)
    assert window.desk.score.running == Running("chasing", 0)
    assert window.acts.player.index == 4


# --- spans on the strip -----------------------------------------------------------------------------------------------


def point(window, label, index, shift=0.5):
    strip = window.strip
    return QPoint(round(strip.x_of(index + shift)), round(strip.row_of(label).center().y()))


def select(window, label, index):
    window.tick()
    QTest.mouseClick(window.strip, LEFT, NONE, point(window, label, index))


def drag(window, label, edge, to):
    """Drag the end of the selected span that begins with an exposure at `edge` to exposure `to`."""
    window.tick()
    begin, end = point(window, label, edge, 0), point(window, label, to)
    QTest.mousePress(window.strip, LEFT, NONE, begin)
    QTest.mouseMove(window.strip, (begin + end) / 2)
    QTest.mouseMove(window.strip, end)
    window.tick()
    QTest.mouseRelease(window.strip, LEFT, NONE, end)


def test_a_span_is_selected_by_a_click_relabelled_by_a_key_and_deleted(window):
    score(window, KEY.Key_2, 10, 20)
    at(window, 15)
    select(window, "chasing", 14)
    assert window.acts.selected == Span("chasing", 10, 20)
    assert "selected" in window.desk.said
    press(window, KEY.Key_3)
    assert spans(window) == (Span("winging", 10, 20),)
    assert window.acts.selected == Span("winging", 10, 20)
    press(window, KEY.Key_Delete)
    assert spans(window) == ()
    press(window, KEY.Key_Backspace)
    assert window.desk.said == "select a span first: click it in the strip"
    press(window, KEY.Key_Z, KEY.Key_Z, modifiers=CONTROL)
    assert spans(window) == (Span("chasing", 10, 20),)


def test_going_on_lets_go_of_the_selected_span_so_that_keys_score_again(window):
    for act in (
        lambda: press(window, KEY.Key_Right), lambda: press(window, KEY.Key_Escape),
        lambda: press(window, KEY.Key_Space, KEY.Key_Space), lambda: press(window, KEY.Key_Home),
        lambda: press(window, KEY.Key_Z, modifiers=CONTROL), lambda: press(window, KEY.Key_PageDown),
        lambda: QTest.mouseClick(window.strip, LEFT, NONE, point(window, "winging", 50)),
    ):  # fmt: skip
        score(window, KEY.Key_2, 10, 20)
        at(window, 15)
        select(window, "chasing", 12)
        assert window.acts.selected is not None
        act()
        assert window.acts.selected is None


def test_its_ends_are_dragged_and_the_picture_follows(window, qtbot):
    score(window, KEY.Key_2, 10, 20)
    score(window, KEY.Key_3, 24, 30)
    at(window, 15)
    window.strip.visible = 120
    select(window, "chasing", 15)
    drag(window, "chasing", 21, 26)
    assert spans(window) == (Span("chasing", 10, 26), Span("winging", 27, 30))
    assert window.acts.player.index == 26
    assert seen(window, qtbot) == 26
    drag(window, "chasing", 10, 5)
    assert spans(window)[0] == Span("chasing", 5, 26)
    assert window.acts.selected == Span("chasing", 5, 26)
    drag(window, "chasing", 5, 40)
    assert spans(window) == (Span("chasing", 26, 40),), "past its other end it turns over"
    press(window, KEY.Key_Z, KEY.Key_Z, KEY.Key_Z, modifiers=CONTROL)
    assert spans(window) == (Span("chasing", 10, 20), Span("winging", 24, 30))


def test_the_slider_goes_anywhere(window, qtbot):
    overview = window.overview
    place = QPoint(round(overview._x_of(100.5)), 8)
    QTest.mousePress(overview, LEFT, NONE, place)
    assert window.acts.player.index == 100
    QTest.mouseMove(overview, QPoint(round(overview._x_of(30.5)), 8))
    assert window.acts.player.index == 30
    QTest.mouseMove(overview, QPoint(99_999, 8))
    assert window.acts.player.index == 124
    assert seen(window, qtbot) == 124


# --- files and what is said -------------------------------------------------------------------------------------------


def test_ctrl_s_saves_and_the_file_and_its_state_are_always_on_the_screen(window, tmp_path):
    assert window.file.text() == "film.mkv  →  l.csv"
    assert window.unsaved.text() == "nothing scored yet"
    score(window, KEY.Key_2, 58, 66)
    press(window, KEY.Key_S, modifiers=CONTROL)
    assert window.unsaved.text() == "● saved"
    assert window.said.text() == "saved: l.csv"
    labels = read_labels(tmp_path / "l.csv")
    assert labels == tuple("chasing" if 58 <= n <= 66 else UNLABELLED for n in range(125))
    assert str(tmp_path / "l.csv.scoring") in window.file.toolTip()


def test_a_window_that_is_closed_unsaved_goes_on_where_it_was(show, film):
    window = show(film)
    score(window, KEY.Key_2, 10, 20)
    window.close()
    again = show(film)
    assert spans(again) == (Span("chasing", 10, 20),)
    assert "what was not saved last time is back" in again.said.text()


def test_the_help_lists_every_key(window):
    press(window, KEY.Key_Question, modifiers=SHIFT)
    assert window.help.isVisible()
    assert window.rect().contains(window.help.geometry())
    press(window, KEY.Key_Escape)
    assert not window.help.isVisible()
    press(window, KEY.Key_F1)
    assert window.help.isVisible()
    press(window, KEY.Key_F1)
    shown = " ".join(binding.shown for binding in window.keys.bindings)
    for word in ("Space", "Ctrl+Z", "Ctrl+S", "Del", "Esc", "Tab", "PgUp", "Home", "F11", "?", "U", "N", "G"):
        assert word in shown


def test_f11_and_back(window):
    press(window, KEY.Key_F11)
    assert window.isFullScreen()
    press(window, KEY.Key_F11)
    assert not window.isFullScreen()


def test_keys_that_mean_nothing_here_do_nothing(window):
    press(window, KEY.Key_W, KEY.Key_F5)
    press(window, KEY.Key_2, modifiers=CONTROL)
    assert window.desk.score.running is None


def test_a_file_that_breaks_off_says_so_and_what_is_there_can_be_scored(show, tmp_path, qtbot):
    path = videos.write(tmp_path / "cut.mkv", range(0, 4000, 40))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    window = show(path)
    assert 10 < window.timeline.count < 90
    assert "cut short" in window.reading.text() or "breaks off" in window.reading.text()
    press(window, KEY.Key_End)
    qtbot.waitUntil(lambda: window.tick() or window.picture.shown is not None)
    score(window, KEY.Key_1, 0, window.timeline.exposures - 1)
    press(window, KEY.Key_S, modifiers=CONTROL)
    assert read_labels(tmp_path / "l.csv") == ("nothing",) * videos.indices(videos.replay(path)[1])[-1] + ("nothing",)


def test_a_file_without_a_single_picture_says_why(show, tmp_path):
    path = videos.write(tmp_path / "bad.mkv", range(0, 400, 40))
    content = bytearray(path.read_bytes())
    content[600:] = b"\x00" * (len(content) - 600)
    path.write_bytes(content)
    window = show(path)
    assert window.timeline.count == 0
    assert "bad.mkv" in window.picture.why_none
    press(window, KEY.Key_1, KEY.Key_Space, KEY.Key_Right, KEY.Key_End, KEY.Key_Period)
    press(window, KEY.Key_S, modifiers=CONTROL)
    assert window.desk.said == "there is nothing to save: the recording has no exposures"
    assert not window.grab().toImage().isNull()


def test_without_labels_it_says_how_to_get_some(show, film):
    window = show(film, names=())
    assert not window.grab().toImage().isNull()
    press(window, KEY.Key_1)
    assert "N adds one" in window.desk.said


def test_nothing_of_it_is_drawn_wrongly_at_any_zoom_or_place(window):
    score(window, KEY.Key_2, 0, 124)
    score(window, KEY.Key_3, 50, 50)
    at(window, 50)
    press(window, KEY.Key_1)
    for _ in range(30):
        press(window, KEY.Key_I)
        assert not window.grab().toImage().isNull()
    for _ in range(60):
        press(window, KEY.Key_O)
    for key in (KEY.Key_Home, KEY.Key_End):
        press(window, key)
        assert not window.grab().toImage().isNull()


# --- sessions ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def session(tmp_path_factory, rig):
    """Three seconds of a session with two arenas, in two segments."""
    path = tmp_path_factory.mktemp("scored") / "s"
    arenas = [
        {"name": name, "region": {"x": x, "y": 0, "width": 80, "height": 120}} for name, x in (("a", 0), ("b", 80))
    ]
    run(configure(rig, path, source={"seconds": 3}, arena=arenas, record={"video": "ffv1", "segment_s": 2.0}))
    return path


def test_a_session_is_scored_arena_by_arena_in_its_own_exposures(session, qtbot):
    _, theme = application(1.0)
    scoring = Scoring(theme, (), None)
    scoring.show(session)
    window = scoring._open[session]
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.timeline.complete)
    assert set(window.desk.score.names) <= {"chasing", "copulation", "nothing", "winging"}
    assert window.desk.score.names, "the session's own labels"
    window.tick()
    assert window.arena.text() == "arena a"
    score(window, KEY.Key_1, 5, 9)
    press(window, KEY.Key_Tab)
    assert window.arena.text() == "arena b"
    assert spans(window) == ()
    score(window, KEY.Key_2, 70, 89)
    press(window, KEY.Key_S, modifiers=CONTROL)
    name = window.desk.score.names
    a, b = (read_labels(session.parent / f"s_labels_{arena}.csv") for arena in ("a", "b"))
    assert len(a) == len(b) == 90
    assert [n for n in range(90) if a[n] == name[0]] == list(range(5, 10))
    assert [n for n in range(90) if b[n] == name[1]] == list(range(70, 90))
    assert not window.grab().toImage().isNull()
    scoring.show(session)
    assert scoring._open[session] is window, "one window per recording"


def test_e_in_a_finished_sessions_window_opens_it_for_scoring_at_the_same_moment(session, qtbot):
    _, theme = application(1.0)
    scoring = Scoring(theme, NAMES, None)
    finished = open_window([session], theme, None, scoring.show)
    qtbot.addWidget(finished)
    qtbot.waitUntil(lambda: finished.link.model is not None and finished.link.model.status is not None, timeout=20_000)
    qtbot.waitUntil(lambda: finished.acts.sight.at_ns is not None)
    finished.acts.sight.go(1_500_000_000)
    at_ns = finished.acts.sight.at_ns
    press(finished, KEY.Key_E)
    window = scoring._open[session]
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.timeline.complete)
    window.tick()
    assert abs(window.timeline.media_ns(window.acts.player.number) - at_ns) < 40_000_000
    assert window.desk.score.names[:3] == NAMES


def test_labels_that_cannot_be_read_are_said_in_the_finished_sessions_window(session, qtbot, tmp_path):
    _, theme = application(1.0)
    (tmp_path / "l_a.csv").write_text("nonsense")
    scoring = Scoring(theme, NAMES, tmp_path / "l.csv")
    finished = open_window([session], theme, None, scoring.show)
    qtbot.addWidget(finished)
    press(finished, KEY.Key_E)
    assert finished.acts.asked[-1].state == "failed"
    assert "l_a.csv, line 1" in finished.acts.asked[-1].answer.error
