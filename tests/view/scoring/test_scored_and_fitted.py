"""From `selfee-rt view` by keys to a file that `selfee-rt fit` takes: the labels are exactly those that were scored."""

# ruff: noqa: E402 - what needs Qt comes after asking for it
import re
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.observe.reference import Reference
from selfee_rt.types import UNLABELLED
from selfee_rt.workbench.labels import read_labels
from tests.acquire import videos
from tests.session.rig import configure, run
from tests.support import ROOT, need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from selfee_rt.view.app import application
from selfee_rt.view.scoring.window import ScoringWindow

KEY, CONTROL, NONE = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
PAGE = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
COMMANDS = [line[2:] for line in PAGE.splitlines() if line.startswith("$ ")]
PRESSED = ((12, KEY.Key_1), (40, KEY.Key_1), (41, KEY.Key_2), (70, KEY.Key_3), (90, KEY.Key_3))
"""Where each key is pressed: nothing 12 to 40, chasing 41 to 69, winging 70 to 90."""


def expected(exposures):
    return tuple(
        "nothing" if 12 <= n <= 40 else "chasing" if 41 <= n <= 69 else "winging" if 70 <= n <= 90 else UNLABELLED
        for n in range(exposures)
    )


@pytest.fixture
def ran(qtbot):
    """Runs a command; a window that it opens is scored by keys, saved and closed."""
    application(1.0)

    def score():
        window = next((each for each in QApplication.topLevelWidgets() if isinstance(each, ScoringWindow)), None)
        if window is None or not window.timeline.complete:
            QTimer.singleShot(20, score)
            return
        window.tick()
        for index, key in PRESSED:
            window.acts.go_to(str(index))
            QTest.keyClick(window, key)
        QTest.keyClick(window, KEY.Key_S, CONTROL)
        window.close()
        window.deleteLater()

    def invoke(*arguments):
        if arguments[0] == "view":
            QTimer.singleShot(0, score)
        result = CliRunner().invoke(main, [str(each) for each in arguments])
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def film(path):
    """Four seconds, 30 a second, in which something moves."""
    pictures = [videos.ramp(n, width=160, height=120) for n in range(120)]
    return videos.write(path, [round(n * 1000 / 30) for n in range(120)], pictures)


def counted(reference):
    made = Reference.load(reference)
    return {label: int(np.sum(made.label_of == n)) for n, label in enumerate(made.labels)}


def test_the_commands_of_the_page_work_one_after_the_other(ran, tmp_path, monkeypatch, rig):
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "fly.mkv").rename(tmp_path / "fly.mp4")
    assert [command.split()[1] for command in COMMANDS] == ["view", "labels", "fit"]
    for command in COMMANDS:
        arguments = command.split()[1:]
        ran(*arguments, *(("--model", rig / "model.onnx") if arguments[0] == "fit" else ()))
    assert read_labels(tmp_path / "fly_labels.csv") == expected(120)
    assert counted(tmp_path / "fly.npz") == {"nothing": 29, "chasing": 29, "winging": 21}


def test_a_session_that_was_scored_is_fitted_from_its_folder(ran, tmp_path, rig):
    folder = tmp_path / "s"
    run(configure(rig, folder, source={"seconds": 4, "drop": [(20, 24)]}, record={"video": "ffv1", "segment_s": 1.5}))
    ran("view", folder, "--score", "--labels", "nothing,chasing,winging")
    labels = tmp_path / "s_labels.csv"
    assert read_labels(labels) == expected(120)
    ran("fit", folder, "--labels", labels, "--model", rig / "model.onnx", "--out", tmp_path / "r.npz")
    lost = 5 + 2 * 2  # dropped, and those whose past or future is among them
    assert counted(tmp_path / "r.npz") == {"nothing": 29 - lost, "chasing": 29, "winging": 21}


def refused(*arguments):
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 1, result.output
    return result.output


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("empty.mp4", b"", "is empty; give the path of a video file"), ("text.mp4", b"no video " * 99, "text.mp4")],
)
def test_what_is_no_video_is_refused_before_a_window_opens(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    assert says in refused("view", tmp_path / name)


def test_what_is_not_there_is_neither(tmp_path):
    says = "is neither an address (such as tcp://127.0.0.1:5571) nor a session folder nor a video file"
    for given in (tmp_path, tmp_path / "gone.mp4", "127.0.0.1:5571"):
        assert says in refused("view", given)


@pytest.mark.parametrize(
    ("labels", "says"),
    [("a,,b", "a label needs a name"), ("a,a", "there is a label a already"), ("a,unlabel", "is what nobody scored")],
)
def test_labels_that_cannot_be_are_refused(tmp_path, labels, says):
    path = film(tmp_path / "f.mkv")
    assert says in refused("view", path, "--labels", labels)


def test_options_that_would_do_nothing_are_refused(tmp_path):
    one, other = film(tmp_path / "1.mkv"), film(tmp_path / "2.mkv")
    assert "--out is one labels file" in refused("view", one, other, "--out", tmp_path / "l.csv")
    assert "are for scoring" in refused("view", "tcp://127.0.0.1:5571", "--labels", "a")


def test_the_page_lists_the_keys_that_the_help_lists():
    from selfee_rt.view.scoring.acts import Acts
    from selfee_rt.view.scoring.desk import Desk
    from selfee_rt.view.scoring.keys import Commands, Keys
    from selfee_rt.view.scoring.timeline import Timeline

    desk = object.__new__(Desk)
    nothing = Commands(*([lambda *_: None] * 6))
    for binding in Keys(Acts(desk, Timeline()), nothing).bindings:
        for key in re.split(r"  +|, (?=\w{2})", binding.shown):
            assert key in ("mouse", "wheel") or f"`{key.split(',')[0].split(' ')[0]}`" in PAGE, key


@pytest.mark.skipif(sys.platform == "win32", reason="there everybody may write everywhere")
def test_where_nobody_may_write_beside_the_recording_labels_go_to_the_folder_one_is_in(tmp_path, monkeypatch):
    from selfee_rt.cli import scoring

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(scoring.os, "access", lambda path, mode: False)
    assert scoring.default_out(tmp_path / "far" / "f.mp4") == tmp_path / "f_labels.csv"
