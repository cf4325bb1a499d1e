"""The window, offscreen: every key, every answer, and every state in which a person may find it."""

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest

from selfee_rt import view as view_of
from selfee_rt import wire
from tests.session.rig import configure, running
from tests.session.test_stimulation import client_of, stimulating
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt  # noqa: E402
from PySide6.QtGui import QKeyEvent, QMouseEvent  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from selfee_rt.types import Drift, StageStatus  # noqa: E402
from selfee_rt.view import theme as look_of  # noqa: E402
from selfee_rt.view.app import Desk, application, open_window, remembered_scale  # noqa: E402
from selfee_rt.view.chart import chart_of  # noqa: E402
from selfee_rt.view.keys import Binding  # noqa: E402
from selfee_rt.view.link import Where  # noqa: E402
from selfee_rt.view.tabs import Tabs  # noqa: E402
from tests.view.stage import LABELS, Stage  # noqa: E402

ENDLESS = {"speed": 1.0, "seconds": None}
KEY = Qt.Key


@pytest.fixture
def show(qtbot, tmp_path):
    """Opens windows that are closed at the end; their arrangement is remembered in the test's folder."""
    _, theme = application(1.0)
    made = []

    def make(*addresses):
        window = open_window([Where(each) for each in addresses], theme, tmp_path / "view.ini")
        made.append(window)  # qtbot alone would let go of it
        qtbot.addWidget(window)
        qtbot.waitExposed(window)
        return window

    yield make


@pytest.fixture
def met(qtbot, show, stage):
    """A window that has met the acted session, which has said something."""
    window = show(stage.address)

    def heard():
        stage.introduce()
        return bool(window.link.model is not None and window.acts.rules)

    qtbot.waitUntil(heard)
    for _ in range(90):
        stage.observe()
    see(stage, window, qtbot)
    qtbot.waitUntil(lambda: window.acts.moment() == 91)
    return window


def see(stage, window, qtbot):
    """Let the newest picture be seen: those that are sent before the window has connected are lost."""

    def seen():
        stage.show()
        return window.video.shown is not None and window.video.shown.header.index == stage.index

    qtbot.waitUntil(seen)


def told(stage, window, qtbot):
    """Let the session say how it is now, and the window see it."""
    stage.introduce()
    seen = window.link.model.status
    qtbot.waitUntil(lambda: window.link.model.status is not seen)
    look(window)


def look(window):
    """Let every panel look at the model once."""
    for panel in window.panels.values():
        panel.refresh()
    window.header.refresh()
    window.footer.refresh()


def answered(qtbot, window):
    """Wait for the last act's answer; return what the footer says of it."""
    qtbot.waitUntil(lambda: bool(window.acts.asked) and window.acts.asked[-1].answer is not None)
    window.footer.refresh()
    return window.footer.said.text()


@pytest.fixture(autouse=True)
def shortly(monkeypatch):
    """A key is held for a third of a second instead of one."""
    monkeypatch.setattr("selfee_rt.view.hold.HOLD_S", 0.35)


def hold(window, key, qtbot, seconds=0.5):
    QTest.keyPress(window, key)
    qtbot.wait(round(seconds * 1000))
    QTest.keyRelease(window, key)


def pixels(widget, colour):
    """How many pixels of a widget have a colour."""
    image = widget.grab().toImage()
    found = (image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height()))
    return Counter(found)[colour.lower()]


def mouse(view, kind, place, held=True):
    """What the mouse does in a view, its left button held or not."""
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    buttons = Qt.MouseButton.LeftButton if held else Qt.MouseButton.NoButton
    where = QPointF(place), QPointF(view.viewport().mapToGlobal(place))
    event = QMouseEvent(kind, *where, button, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), event)


# --- states ------------------------------------------------------------------------------------------------------


def test_a_window_without_a_session_says_what_it_waits_for(show):
    window = show("tcp://127.0.0.1:9")
    look(window)
    assert window.header.banner.text() == "waiting for a session at tcp://127.0.0.1:9"
    for panel in (window.ethogram.readout, window.anomaly.readout, window.health.rates):
        assert panel.text() == "waiting for a session"
    for key in (KEY.Key_1, KEY.Key_Backspace, KEY.Key_R, KEY.Key_Tab, KEY.Key_D, KEY.Key_S, KEY.Key_Up):
        QTest.keyClick(window, key)
    assert all(asked.state == "failed" for asked in window.acts.asked), "nothing is assumed"


def test_a_session_is_shown(met, stage, qtbot):
    stage.bout(label="winging")
    qtbot.waitUntil(lambda: "winging 1.0 s" in met.log.text.toPlainText())
    look(met)
    assert met.header.word.text() == "● running"
    assert met.header.recording.text() == "● REC"
    assert not met.header.banner.isVisible()
    assert met.video.shown.header.index == 90
    assert "alarm above +0.400" in met.anomaly.readout.text()
    assert "30.0 fps" in met.health.rates.text()
    assert not met.grab().toImage().isNull()


def test_the_raster_shows_each_label_in_its_row(met):
    look(met)
    picture = met.ethogram._image.image
    row = len(LABELS) - 1 - LABELS.index("chasing")
    assert set(picture[-25:-3, row]) == {LABELS.index("chasing") + 1}
    assert not picture[:, [each for each in range(4) if each != row]].any()


def test_a_single_label_has_a_row_too(show, stage, qtbot):
    stage.session = msgspec.structs.replace(stage.session, labels=("chasing",), stimulation=None)
    window = show(stage.address)

    def heard():
        stage.introduce()
        for _ in range(30):
            stage.observe(probabilities=(0.0,))
        return window.acts.moment() is not None and window.acts.moment() > 300

    qtbot.waitUntil(heard)
    look(window)
    assert pixels(window.ethogram._raster, window.link.model.colours["chasing"]) > 100


def test_no_labels_and_no_detectors_are_said(show, stage, qtbot):
    stage.session = msgspec.structs.replace(stage.session, labels=(), detectors=(), preview=None, stimulation=None)
    window = show(stage.address)

    def heard():
        stage.introduce()
        stage.observe(label=None, probabilities=None, scores={}, alarm=None)
        return window.acts.moment() is not None

    qtbot.waitUntil(heard)
    look(window)
    assert "no labels" in window.ethogram.readout.text()
    assert "no anomaly detector" in window.anomaly.readout.text()
    assert not window.docks["stimuli"].isVisible()
    assert not window.grab().toImage().isNull()


def test_silence_is_said_in_large_type_and_is_over_when_the_session_is_back(met, stage, qtbot, monkeypatch):
    monkeypatch.setattr("selfee_rt.view.situation.SILENT_S", 0.1)
    qtbot.waitUntil(lambda: met.header.word.text() == "● silent")
    look(met)
    assert met.header.banner.text().startswith("NOTHING HEARD FOR")
    assert met.health.age.text().startswith("NOTHING HEARD FOR")
    assert met.health.age.font().pixelSize() > 2 * met.health.rates.font().pixelSize()
    assert met.health.recording.text() == "whether it still records is not known"
    monkeypatch.undo()
    told(stage, met, qtbot)
    assert met.health.recording.text() == "video is being recorded"
    assert met.header.word.text() == "● running"
    assert not met.header.banner.isVisible()


def test_a_session_that_ended_says_so(met, stage, qtbot):
    stage.say("status", stage.status(state="ended", elapsed_s=3671.0))
    qtbot.waitUntil(lambda: met.header.word.text() == "● ended")
    assert met.header.banner.text() == "the session ended after 1:01:11"


def test_a_recording_that_failed_is_said_wherever_one_looks(met, stage, qtbot):
    stages = (StageStatus("video", 1, 1, 0, 1.0, 1.0, 1.0, 1.0, "disk full"),)
    stage.say("status", stage.status(stages=stages, recording=False))
    qtbot.waitUntil(lambda: met.header.recording.text() == "RECORDING FAILED")
    look(met)
    assert met.header.banner.text() == met.health.recording.text() == "RECORDING FAILED: disk full"


def test_a_lost_device_is_said_in_large_type(met, stage, qtbot):
    lost = msgspec.structs.replace(stage.status().stimulation["song"], device_state="lost: no answer")
    stage.say("status", stage.status(stimulation={"song": lost}))
    qtbot.waitUntil(lambda: met.header.banner.text() == "DEVICE opto lost: no answer")
    look(met)
    assert "lost: no answer" in met.stimuli.rows["song"].details.text()


def test_drift_losses_and_what_cannot_be_read_are_said(met, stage, qtbot):
    drift = {"left": (Drift("sharpness", 5, 0.5, 0.8),)}
    stage.say("status", stage.status(drift=drift, losses={"channel:embed": 1200}))
    stage.say_raw(b"status", b'{"schema": "selfee_rt.status.2"}')
    stage.say_raw(b"status", b"\xff")
    qtbot.waitUntil(lambda: met.link.heard.n_garbage == 1)
    look(met)
    assert met.health.drift.text() == "drift: left: sharpness 0.5 (was 0.8)"
    assert "channel:embed 1,200" in met.health.losses.text()
    assert "selfee_rt.status.2" in met.health.wire.text()
    assert "1 unreadable" in met.health.wire.text()


def test_an_alarm_is_marked_on_the_score_and_around_the_arena(met, stage, qtbot):
    before = met.video.grab().toImage()
    assert pixels(met.anomaly, look_of.ALARM) == 0
    for _ in range(10):
        stage.observe(alarm=True, scores={"selfee": 0.9})
    qtbot.waitUntil(lambda: met.acts.moment() == 101)
    see(stage, met, qtbot)
    look(met)
    assert pixels(met.anomaly, look_of.ALARM) > 20
    assert met.video.grab().toImage() != before
    assert "alarm selfee +0.900 above +0.400" in met.log.text.toPlainText()


# --- keys --------------------------------------------------------------------------------------------------------


def test_number_keys_teach_the_last_seconds_and_backspace_takes_it_back(met, stage, qtbot):
    QTest.keyClick(met, KEY.Key_Plus)
    QTest.keyClick(met, KEY.Key_4)
    assert answered(qtbot, met).startswith("✓ winging, last 3 s of left")
    QTest.keyClick(met, KEY.Key_Minus)
    QTest.keyClick(met, KEY.Key_Minus)
    QTest.keyClick(met, KEY.Key_Tab)
    QTest.keyClick(met, KEY.Key_1)
    answered(qtbot, met)
    QTest.keyClick(met, KEY.Key_Backspace)
    answered(qtbot, met)
    QTest.keyClick(met, KEY.Key_9)
    assert answered(qtbot, met) == "✗ label 9   FAILED: the session has 4 labels"
    label = {"first_index": None, "last_index": None}
    assert stage.asked == [
        ("label", label | {"arena": "left", "label": "winging", "last_s": 3.0}),
        ("label", label | {"arena": "right", "label": "chasing", "last_s": 1.0}),
        ("undo", {}),
    ]


def test_a_real_session_is_taught_marked_and_recorded_by_keys(rig, tmp_path, show, qtbot):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        window = show(session.observations_address)
        qtbot.waitUntil(lambda: window.acts.recording is True and (window.acts.moment() or 0) > 40, timeout=20_000)
        QTest.keyClick(window, KEY.Key_1)
        assert "exposures taught" in answered(qtbot, window)
        QTest.keyClick(window, KEY.Key_Backspace)
        assert answered(qtbot, window).startswith("✓ undo")
        QTest.keyClick(window, KEY.Key_Backspace)
        assert "FAILED" in answered(qtbot, window)
        QTest.keyClick(window, KEY.Key_Space)
        QTest.keyClicks(window.note.line, "door 1")
        QTest.keyClick(window.note.line, KEY.Key_Return)
        assert answered(qtbot, window).startswith("✓ mark door 1")
        hold(window, KEY.Key_R, qtbot)
        assert answered(qtbot, window).startswith("✓ recording off")
        qtbot.waitUntil(lambda: window.acts.recording is False)
        QTest.keyClick(window, KEY.Key_R)
        assert answered(qtbot, window).startswith("✓ recording on")
        qtbot.waitUntil(lambda: "mark: door 1 (exposure" in window.log.text.toPlainText())
    qtbot.waitUntil(lambda: window.header.word.text() == "● ended")


def test_a_real_rule_is_armed_tested_and_disarmed_by_keys(rig, tmp_path, show, qtbot):
    rule = {
        "name": "song",
        "device": "led",
        "when": "winging > 0.9999 for 60 s",
        "pulse": {"on_ms": 20},
        "max_age_ms": 9000,
    }
    stimuli = {"device": [{"kind": "null", "name": "led"}], "trigger": [rule], "stimulation": {"arm_for_s": 600}}
    with running(configure(rig, tmp_path / "s", source=ENDLESS, **stimuli)) as session:
        window = show(session.observations_address)
        qtbot.waitUntil(lambda: "song" in window.acts.rules and window.acts.moment() is not None, timeout=20_000)
        qtbot.waitUntil(window.docks["stimuli"].isVisible)
        hold(window, KEY.Key_T, qtbot)
        assert "FAILED" in answered(qtbot, window), "it is not armed"
        hold(window, KEY.Key_A, qtbot)
        assert answered(qtbot, window).startswith("✓ arm song")
        qtbot.waitUntil(lambda: window.header.armed.text().startswith("ARMED song 0:09:"))
        hold(window, KEY.Key_T, qtbot)
        assert answered(qtbot, window).startswith("✓ test song   sent")
        QTest.keyClick(window, KEY.Key_D)
        assert answered(qtbot, window).startswith("✓ disarm song")
        qtbot.waitUntil(lambda: not window.header.armed.isVisible())
        hold(window, KEY.Key_A, qtbot)
        assert answered(qtbot, window).startswith("✓ arm song")
        qtbot.waitUntil(lambda: window.header.armed.isVisible())
        for _ in range(2):
            QTest.keyClick(window, KEY.Key_Escape)
        assert answered(qtbot, window).startswith("✓ DISARM EVERYTHING")
        qtbot.waitUntil(lambda: not window.header.armed.isVisible())
        qtbot.waitUntil(lambda: "song fired, test" in window.log.text.toPlainText())


def test_a_test_that_the_device_did_not_carry_out_has_failed(met, stage, qtbot):
    stage.armed["song"] = True
    stage.answers["fire"] = {"outcome": "late", "why": "too old"}
    hold(met, KEY.Key_T, qtbot)
    assert answered(qtbot, met).startswith("✗ test song   late too old")


def test_a_note_is_about_the_moment_at_which_it_was_begun_and_can_be_dropped(met, stage, qtbot):
    QTest.keyClick(met, KEY.Key_Space)
    assert met.note.says.text() == "mark exposure 91"
    for _ in range(30):
        stage.observe()
    QTest.keyClicks(met.note.line, "r4 ? ")
    QTest.keyClick(met.note.line, KEY.Key_Return)
    answered(qtbot, met)
    QTest.keyClick(met, KEY.Key_Space)
    QTest.keyClicks(met.note.line, "not this")
    QTest.keyClick(met.note.line, KEY.Key_Escape)
    assert not met.note.isVisible()
    assert met.hasFocus() or met.focusWidget() is None
    assert stage.asked == [("mark", {"text": "r4 ? (exposure 91)", "arena": None})], "letters were not commands"


def test_recording_stops_only_when_the_key_is_held(met, stage, qtbot):
    hold(met, KEY.Key_R, qtbot, 0.1)
    qtbot.wait(400)
    assert stage.asked == []
    hold(met, KEY.Key_R, qtbot)
    answered(qtbot, met)
    told(stage, met, qtbot)
    assert met.header.recording.text() == "not recording"
    QTest.keyClick(met, KEY.Key_R)
    answered(qtbot, met)
    assert [verb for verb, _ in stage.asked] == ["stop_recording", "start_recording"]


def test_arming_needs_a_held_key_and_is_unmistakable_and_disarming_is_at_once(met, stage, qtbot):
    QTest.keyClick(met, KEY.Key_A)
    hold(met, KEY.Key_A, qtbot, 0.1)
    qtbot.wait(400)
    assert stage.asked == []
    hold(met, KEY.Key_A, qtbot)
    assert answered(qtbot, met).startswith("✓ arm song")
    told(stage, met, qtbot)
    assert met.header.armed.isVisible()
    assert met.header.armed.text() == "ARMED song 0:09:43"
    assert met.stimuli.rows["song"].state.text() == "ARMED  0:09:43"
    hold(met, KEY.Key_T, qtbot)
    assert answered(qtbot, met).startswith("✓ test song")
    QTest.keyClick(met, KEY.Key_D)
    answered(qtbot, met)
    told(stage, met, qtbot)
    assert not met.header.armed.isVisible()
    assert stage.asked == [("arm", {"rules": ("song",)}), ("fire", {"rule": "song"}), ("disarm", {"rules": ("song",)})]


def test_a_held_key_is_let_go_of_when_the_window_loses_the_keyboard_or_another_key_is_pressed(met, stage, qtbot):
    for interrupt in (
        lambda: met.eventFilter(met, QEvent(QEvent.Type.WindowDeactivate)),
        lambda: QTest.keyClick(met, KEY.Key_S),
    ):
        QTest.keyPress(met, KEY.Key_A)
        interrupt()
        qtbot.wait(500)
        QTest.keyRelease(met, KEY.Key_A)
    assert stage.asked == []


def test_a_key_that_repeats_itself_is_one_press(met, stage, qtbot):
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) * 5:
        event = QKeyEvent(kind, KEY.Key_Backspace, Qt.KeyboardModifier.NoModifier, "", True)
        met.eventFilter(met, event)
    QTest.keyClick(met, KEY.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert not met.acts.asked


def test_a_key_that_repeats_itself_without_saying_so_is_held(met, stage, qtbot):
    for at_ms in range(1, 600, 40):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress)[at_ms == 1 :]:
            event = QKeyEvent(kind, KEY.Key_A, Qt.KeyboardModifier.NoModifier, "", False)
            event.setTimestamp(at_ms)
            met.eventFilter(met, event)
        qtbot.wait(40)
    event = QKeyEvent(QEvent.Type.KeyRelease, KEY.Key_A, Qt.KeyboardModifier.NoModifier, "", False)
    met.eventFilter(met, event)
    qtbot.wait(500)
    assert [asked.says for asked in met.acts.asked] == ["arm song"]


def test_escape_twice_disarms_everything_and_once_does_not(met, stage, qtbot, monkeypatch):
    QTest.keyClick(met, KEY.Key_Escape)
    monkeypatch.setattr("selfee_rt.view.keys.TWICE_S", 0.0)
    QTest.keyClick(met, KEY.Key_Escape)
    assert not met.acts.asked
    monkeypatch.undo()
    QTest.keyClick(met, KEY.Key_Escape)
    assert answered(qtbot, met).startswith("✓ DISARM EVERYTHING")
    assert stage.asked == [("disarm_all", {})]


def test_escape_twice_disarms_also_out_of_a_note(met, stage, qtbot):
    QTest.keyClick(met, KEY.Key_Space)
    QTest.keyClick(met.note.line, KEY.Key_Escape)
    QTest.keyClick(met, KEY.Key_Escape)
    answered(qtbot, met)
    assert stage.asked == [("disarm_all", {})]


def test_what_a_session_refuses_stays_on_the_screen(met, stage, qtbot):
    stage.refuse["arm"] = "the device is lost"
    hold(met, KEY.Key_A, qtbot)
    assert answered(qtbot, met) == "✗ arm song   FAILED: the device is lost"


def test_the_help_shows_every_key_that_does_something(met):
    QTest.keyClick(met, KEY.Key_Question)
    assert met.help.isVisible()
    assert met.rect().contains(met.help.geometry())
    QTest.keyClick(met, KEY.Key_Escape)
    assert not met.help.isVisible()
    assert all(isinstance(each, Binding) and each.shown and each.does for each in met.keys.bindings)


def test_keys_of_a_panel_that_floats_are_the_windows(met, stage, qtbot):
    dock = met.docks["log"]
    dock.setFloating(True)
    QTest.keyClick(dock, KEY.Key_Backspace)
    answered(qtbot, met)
    assert stage.asked == [("undo", {})]
    dock.setFloating(False)


# --- by hand -----------------------------------------------------------------------------------------------------


def test_a_threshold_that_is_dragged_goes_to_the_session_and_shows_its_answer(met, stage, qtbot):
    look(met)
    line = met.anomaly.threshold
    assert line.value() == 0.4
    line.sigDragged.emit(line)
    line.setValue(0.31)
    look(met)
    assert line.value() == 0.31, "it stays where it is dragged"
    line.sigPositionChangeFinished.emit(line)
    answered(qtbot, met)
    told(stage, met, qtbot)
    assert stage.asked == [("set_threshold", {"detector": "selfee", "threshold": 0.31})]
    assert line.value() == 0.31
    assert "alarm above +0.310" in met.anomaly.readout.text()


def test_a_threshold_that_is_refused_goes_back(met, stage, qtbot):
    stage.refuse["set_threshold"] = "no"
    look(met)
    met.anomaly.ask(0.9)
    answered(qtbot, met)
    look(met)
    assert met.anomaly.threshold.value() == 0.4


def test_a_threshold_is_moved_by_the_mouse(met, stage, qtbot):
    look(met)
    strip = met.anomaly._strip
    grip = strip.mapFromScene(strip.getPlotItem().getViewBox().mapViewToScene(QPointF(-30.0, 0.4)))
    mouse(strip, QEvent.Type.MouseMove, grip, held=False)
    mouse(strip, QEvent.Type.MouseButtonPress, grip)
    for below in (5, 10, 15):
        qtbot.wait(20)  # pyqtgraph looks at no more than a hundred moves a second
        mouse(strip, QEvent.Type.MouseMove, grip + QPoint(0, below))
    mouse(strip, QEvent.Type.MouseButtonRelease, grip + QPoint(0, 15), held=False)
    qtbot.waitUntil(lambda: bool(stage.asked))
    ((verb, arguments),) = stage.asked
    assert verb == "set_threshold"
    assert arguments["threshold"] < 0.39


def test_a_bout_is_named_where_the_mouse_points(met, stage, qtbot):
    look(met)
    view = met.ethogram._raster.getPlotItem().getViewBox()
    met.ethogram._moved(view.mapViewToScene(QPointF(-1.0, 2.0)))
    look(met)
    assert met.ethogram.readout.text().startswith("chasing   2.97 s   began 0:00:02 ago   exposures 0 to 89")
    met.ethogram._moved(view.mapViewToScene(QPointF(-30.0, 2.0)))
    look(met)
    assert met.ethogram.readout.text() == "no label here"


def test_buttons_of_a_rule_do_what_they_say(met, stage, qtbot):
    look(met)
    row = met.stimuli.rows["song"]
    QTest.mouseClick(row.arm, Qt.MouseButton.LeftButton)
    assert stage.asked == []
    QTest.mousePress(row.arm, Qt.MouseButton.LeftButton)
    qtbot.wait(500)
    QTest.mouseRelease(row.arm, Qt.MouseButton.LeftButton)
    answered(qtbot, met)
    QTest.mouseClick(row.disarm, Qt.MouseButton.LeftButton)
    answered(qtbot, met)
    QTest.mouseClick(met.stimuli._all, Qt.MouseButton.LeftButton)
    answered(qtbot, met)
    assert [verb for verb, _ in stage.asked] == ["arm", "disarm", "disarm_all"]


# --- arrangement and several sessions ------------------------------------------------------------------------------


def test_the_arrangement_is_remembered_and_can_be_undone(show, stage, tmp_path, qtbot):
    first = show(stage.address)
    first.docks["log"].close()
    first.resize(777, 666)
    first.close()
    assert (tmp_path / "view.ini").exists()
    again = show(stage.address)
    assert not again.docks["log"].isVisible()
    assert (again.width(), again.height()) == (777, 666)
    QTest.keyClick(again, KEY.Key_F9)
    assert again.docks["log"].isVisible()


def test_settings_that_are_damaged_are_passed_over(show, stage, tmp_path):
    (tmp_path / "view.ini").write_text("[window]\npanels=garbage\ngeometry=@Invalid()\n")
    assert show(stage.address).docks["log"].isVisible()


@pytest.fixture
def other(tmp_path):
    """A second acted session."""
    (tmp_path / "other").mkdir()
    made = Stage(tmp_path / "other", session_id="b" * 32)
    yield made
    made.close()


def test_several_sessions_are_tabs_and_keys_go_to_the_one_that_is_seen(show, stage, other, qtbot):
    tabs = show(stage.address, other.address)
    assert isinstance(tabs, Tabs)
    first, second = tabs.windows

    def heard():
        for each in (stage, other):
            each.introduce()
            each.observe()
        return all(window.link.model is not None and not window.link.deaf for window in tabs.windows)

    qtbot.waitUntil(heard)
    tabs.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is first)
    QTest.keyClick(first, KEY.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is second)
    QTest.keyClick(QApplication.focusWidget(), KEY.Key_Backspace)
    answered(qtbot, second)
    assert (stage.asked, other.asked) == ([], [("undo", {})])
    assert not first.acts.asked
    QTest.keyClick(tabs, KEY.Key_Backspace)
    qtbot.waitUntil(lambda: len(other.asked) == 2)
    assert not first.acts.asked, "keys that nobody has are those of the session that is seen"


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)])
def test_no_text_is_cut_off(met, stage, qtbot, size):
    met.resize(*size)
    look(met)
    qtbot.wait(50)
    for label in (met.header.word, met.header.time, met.footer.chosen, met.health.rates, met.anomaly.readout):
        assert label.width() >= label.sizeHint().width() or label.wordWrap(), label.text()


# --- what must hold whatever happens -------------------------------------------------------------------------------


def test_a_picture_is_never_older_than_the_newest_that_came_however_long_the_window_was_busy(met, stage):
    import time

    for _ in range(3):
        for _ in range(60):
            stage.index += 1
            stage.show()
        deadline = time.monotonic() + 5
        while met.link.preview.header.index != stage.index:  # the window does nothing meanwhile
            assert time.monotonic() < deadline
            time.sleep(0.01)
        met.tick()
        assert met.video.shown.header.index == stage.index, "one look at the model shows the newest"


def test_two_windows_come_and_go_and_the_session_does_not_notice(rig, tmp_path, show, qtbot):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        first, second = show(session.observations_address), show(session.observations_address)
        for window in (first, second):
            qtbot.waitUntil(lambda window=window: (window.acts.moment() or 0) > 20, timeout=20_000)
        QTest.keyClick(second, KEY.Key_Space)
        QTest.keyClick(second.note.line, KEY.Key_Return)
        assert answered(qtbot, second).startswith("✓ mark")
        qtbot.waitUntil(lambda: "mark: mark" in first.log.text.toPlainText())
        second.close()
        seen = first.acts.moment()
        qtbot.waitUntil(lambda: first.acts.moment() > seen + 10)
        lost = session.snapshot().losses
    assert not any(count for hop, count in lost.items() if hop.startswith("channel")), lost


def test_what_a_blinded_session_hides_the_window_hides(rig, tmp_path, show, qtbot):
    config = stimulating(rig, tmp_path / "s", stimulation={"blind": True})
    with running(config) as session, client_of(session) as client:
        assert client.ask("arm")["ok"]
        window = show(session.observations_address)
        qtbot.waitUntil(lambda: "probe blinded, trial 2" in window.log.text.toPlainText(), timeout=30_000)
        look(window)
        shown = " ".join(
            [window.log.text.toPlainText(), window.stimuli.rows["probe"].details.text(), window.stimuli._head.text()]
        )
    assert "blinded: sham and real look the same here" in shown
    assert "sham " not in shown.replace("sham and real look", "")
    assert "fired" not in shown


def test_nothing_that_asks_stands_in_the_way(met, qtbot):
    for key in met.keys._table:
        QTest.keyClick(met, Qt.Key(key))
        assert QApplication.activeModalWidget() is None
        assert QApplication.activePopupWidget() is None
    sources = [path.read_text() for path in Path(view_of.__file__).parent.rglob("*.py")]
    assert not any(word in source for source in sources for word in ("QMessageBox", "QDialog", "QInputDialog"))


def test_disk_and_queues_are_said(met, stage, qtbot):
    queues = {"embed": wire.Queue(waiting=1, capacity=2), "record": wire.Queue(waiting=0, capacity=9)}
    stage.say("status", stage.status(queues=queues, disk=wire.Disk(free_gb=120.0, hours_left=1.5)))
    qtbot.waitUntil(lambda: met.link.model.status.disk is not None)
    look(met)
    assert met.health.recording.text().endswith("disk 120 GB: 2 h     fullest queue: embed 50%")
    assert met.health.recording.palette().windowText().color().name().upper() == look_of.WARNING, "less than two hours"


def test_the_promised_false_alarms_stand_beside_the_threshold_that_they_were_promised_for(show, stage, qtbot):
    promised = wire.FalseAlarms(per_hour=1.5, low_per_hour=0.5, high_per_hour=3.2)
    detector = wire.DetectorSummary(name="selfee", threshold=0.4, false_alarms=promised)
    stage.session = msgspec.structs.replace(stage.session, detectors=(detector,))
    window = show(stage.address)

    def heard():
        stage.introduce()
        stage.observe()
        return window.acts.moment() is not None and window.link.model.status is not None

    qtbot.waitUntil(heard)
    look(window)
    assert "promised: 1.5 false alarms/h (0.5 to 3.2)" in window.anomaly.readout.text()
    stage.thresholds["selfee"] = 0.41
    told(stage, window, qtbot)
    assert "promised" not in window.anomaly.readout.text()


def test_labels_have_the_same_colours_on_the_map_as_everywhere(met, monkeypatch):
    chart = chart_of("x", np.eye(4, 8, dtype=np.float32), np.arange(4) - 1, LABELS[1:], np.zeros(8, np.float32), None)
    met.map.refresh()
    written = []
    monkeypatch.setattr(met.map, "_write", lambda _painter, _chart, colours: written.append(colours))
    met.map._paint(chart)
    assert {name: written[0][name] for name in LABELS} == met.link.model.colours


def test_everything_can_be_made_larger_by_keys_and_the_scale_is_remembered(stage, tmp_path, qtbot):
    settings = tmp_path / "view.ini"
    _, theme = application(1.0)
    desk = Desk(lambda theme: open_window([Where(stage.address)], theme, settings), theme, settings)
    first = desk.shown
    before = first.header.word.font().pixelSize()
    QTest.keyClick(first, KEY.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.shown is not first)
    assert desk.shown.header.word.font().pixelSize() > before
    assert remembered_scale(settings) == 1.15
    for _ in range(2):
        shown = desk.shown
        QTest.keyClick(shown, KEY.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda shown=shown: desk.shown is not shown)
    assert remembered_scale(settings) == 0.9
    shown = desk.shown
    QTest.keyClick(shown, KEY.Key_0, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.shown is not shown)
    assert not desk.shown.acts.asked, "no label was taught by it"
    desk.shown.close()
    application(1.0)


@pytest.mark.parametrize("written", ["", "[window]\nscale=garbage\n", "[window]\nscale=1000\n"])
def test_a_scale_that_is_none_is_passed_over(tmp_path, written):
    (tmp_path / "view.ini").write_text(written)
    assert remembered_scale(tmp_path / "view.ini") is None


def test_a_tab_says_from_behind_how_its_session_does(show, stage, other, qtbot, monkeypatch):
    tabs = show(stage.address, other.address)

    def heard():
        for each in (stage, other):
            each.introduce()
            each.observe(alarm=False)
        return all(window.acts.moment() is not None for window in tabs.windows)

    qtbot.waitUntil(heard)
    tabs.refresh()
    assert [tabs.tabText(n).partition("   ")[2] for n in range(2)] == ["", ""]
    other.observe(alarm=True)
    qtbot.waitUntil(lambda: tabs.refresh() or tabs.tabText(1).endswith("   ALARM"))
    other.observe(alarm=False)
    stage.armed["song"] = True
    stage.introduce()
    qtbot.waitUntil(
        lambda: tabs.refresh() or (tabs.tabText(0)[-5:], tabs.tabText(1)[-5:] != "ALARM") == ("ARMED", True)
    )
    monkeypatch.setattr("selfee_rt.view.situation.SILENT_S", 0.1)
    qtbot.waitUntil(lambda: tabs.refresh() or tabs.tabText(1).endswith("   silent"))
