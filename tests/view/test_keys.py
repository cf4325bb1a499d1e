"""Every key does what the help says of it; a key that nobody tests here fails a test."""

# ruff: noqa: F811 - fixtures of another file
import msgspec
import pytest

from selfee_rt import wire
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from tests.view.stage import Stage  # noqa: E402
from tests.view.test_window import hold, met, shortly, show  # noqa: E402, F401 - fixtures

KEY = Qt.Key
S = 1_000_000_000


@pytest.fixture
def stage(tmp_path):
    """Two of everything, so that there is something to choose."""
    made = Stage(tmp_path, arenas=("left", "right"), rules=("song", "rest"))
    detectors = (*made.session.detectors, wire.DetectorSummary(name="past", threshold=None))
    made.session = msgspec.structs.replace(made.session, detectors=detectors)
    yield made
    made.close()


def said(window):
    """What was asked last."""
    return window.acts.asked[-1].says if window.acts.asked else ""


def looked_at(window):
    """The middle of what is looked at, in seconds; None: live."""
    at_ns = window.acts.sight.at_ns
    return None if at_ns is None else round(at_ns / S, 1)


def press(*keys):
    """Press one key after the other."""

    def act(window, _qtbot):
        for key in keys:
            QTest.keyClick(window, key)

    return act


def held(key):
    """Hold a key to the end."""
    return lambda window, qtbot: hold(window, key, qtbot)


LABELS_OF = {KEY.Key_1: "chasing", KEY.Key_2: "copulation", KEY.Key_3: "nothing", KEY.Key_4: "winging"}
TEACHING = {
    key: (press(key), lambda window: said(window), f"{name}, last 2 s of left") for key, name in LABELS_OF.items()
}
NO_LABEL = {
    KEY.Key_0 + number % 10: (press(KEY.Key_0 + number % 10), lambda window: said(window), f"label {number}")
    for number in range(5, 11)
}
ACTING = {
    KEY.Key_Plus: (press(KEY.Key_Plus), lambda window: window.acts.length_s, 3.0),
    KEY.Key_Equal: (press(KEY.Key_Equal), lambda window: window.acts.length_s, 3.0),
    KEY.Key_Minus: (press(KEY.Key_Minus), lambda window: window.acts.length_s, 1.0),
    KEY.Key_Backspace: (press(KEY.Key_Backspace), said, "undo the last label"),
    KEY.Key_Space: (press(KEY.Key_Space), lambda window: window.note.isVisible(), True),
    KEY.Key_R: (held(KEY.Key_R), said, "recording off"),
    KEY.Key_A: (held(KEY.Key_A), said, "arm song"),
    KEY.Key_T: (held(KEY.Key_T), said, "test song"),
    KEY.Key_D: (press(KEY.Key_D), said, "disarm song"),
    KEY.Key_E: (press(KEY.Key_E), said, "score behaviour"),
    KEY.Key_Escape: (press(KEY.Key_Escape, KEY.Key_Escape), said, "DISARM EVERYTHING"),
}
LOOKING = {
    KEY.Key_Tab: (press(KEY.Key_Tab), lambda window: window.acts.arena, "right"),
    KEY.Key_S: (press(KEY.Key_S), lambda window: window.acts.detector, "past"),
    KEY.Key_Up: (press(KEY.Key_Up), lambda window: window.acts.rule, "rest"),
    KEY.Key_Down: (press(KEY.Key_Down), lambda window: window.acts.rule, "rest"),
    KEY.Key_I: (press(KEY.Key_I), lambda window: window.acts.sight.span_s, 30.0),
    KEY.Key_O: (press(KEY.Key_O), lambda window: window.acts.sight.span_s, 120.0),
}
BACK = {
    KEY.Key_Left: (press(KEY.Key_Left), looked_at, 45.0),
    KEY.Key_Right: (press(KEY.Key_Left, KEY.Key_Left, KEY.Key_Right), looked_at, 45.0),
    KEY.Key_PageUp: (press(KEY.Key_PageUp), looked_at, 0.0),
    KEY.Key_PageDown: (press(KEY.Key_Home, KEY.Key_PageDown), looked_at, 60.0),
    KEY.Key_Home: (press(KEY.Key_Home), looked_at, 0.0),
    KEY.Key_P: (press(KEY.Key_Home, KEY.Key_P), lambda window: window.acts.sight.playing, True),
    KEY.Key_L: (press(KEY.Key_Home, KEY.Key_L), looked_at, None),
    KEY.Key_End: (press(KEY.Key_Home, KEY.Key_End), looked_at, None),
}
WINDOW = {
    KEY.Key_F11: (press(KEY.Key_F11), lambda window: window.isFullScreen(), True),
    KEY.Key_F9: (
        lambda window, _qtbot: (window.docks["log"].close(), QTest.keyClick(window, KEY.Key_F9)),
        lambda window: window.docks["log"].isVisible(),
        True,
    ),
    KEY.Key_Question: (press(KEY.Key_Question), lambda window: window.help.isVisible(), True),
    KEY.Key_F1: (press(KEY.Key_F1), lambda window: window.help.isVisible(), True),
}
CASES = TEACHING | NO_LABEL | ACTING | LOOKING | BACK | WINDOW


def test_every_key_of_the_help_has_a_test(met):
    bound = {int(key) for binding in met.keys.bindings for key, _ in binding.keys}
    assert bound == {int(key) for key in CASES}


@pytest.mark.parametrize("key", sorted({int(key) for key in {**TEACHING, **NO_LABEL, **ACTING, **LOOKING, **WINDOW}}))
def test_a_key_does_what_the_help_says(met, qtbot, key):
    act, seen, expected = CASES[key]
    assert seen(met) != expected or key == KEY.Key_F9, "it closes a panel first"
    act(met, qtbot)
    qtbot.waitUntil(lambda: seen(met) == expected)


def test_keys_that_look_back_go_where_they_say(met, stage, qtbot):
    for stage.index in range(90, 2701, 30):
        stage.observe()
        stage.index -= 1
    qtbot.waitUntil(lambda: met.acts.moment() == 2702)
    for act, seen, expected in BACK.values():
        met.acts.sight.live()
        act(met, qtbot)
        assert seen(met) == expected
