"""The window of setup, offscreen: arenas are dragged with the mouse, and what it writes is what `check` accepts."""

import msgspec
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.cli.check import meaning
from selfee_rt.config import FirstSecondsBackgroundConfig, Region, load
from selfee_rt.setup.finding import find
from tests.acquire.videos import write
from tests.support import need_module
from tests.tiny_model import write_tiny_model

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import QPoint, Qt  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from selfee_rt.setup.window import NOT_YET, SetupWindow  # noqa: E402
from selfee_rt.view.app import application  # noqa: E402

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
KEY = Qt.Key


@pytest.fixture
def window(qtbot, tmp_path, monkeypatch):
    """Opened in an empty folder."""
    monkeypatch.chdir(tmp_path)
    _, theme = application(1.0)
    made = SetupWindow(tmp_path / "session.toml", find(tmp_path), theme, lambda path: meaning(load(path)))
    made.resize(1240, 690)
    made.show()
    qtbot.addWidget(made)
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def seen(window, qtbot):
    """With the picture of the synthetic arena, 640 x 480."""
    window.source.cameras.setCurrentRow(0)
    qtbot.waitUntil(lambda: window.live.picture._image is not None)
    assert window.draft.picture_px == (480, 640)
    return window


def drag(window, start, stop, modifiers=NONE):
    """Drag with the left button, in pixels of the picture."""
    picture = window.live.picture
    begin, end = (picture.on_screen(*point).toPoint() for point in (start, stop))
    QTest.mouseMove(picture, begin)
    QTest.mousePress(picture, LEFT, modifiers, begin)
    for part in (1, 2, 3):
        QTest.mouseMove(picture, begin + (end - begin) * part / 3)
    QTest.mouseRelease(picture, LEFT, modifiers, end)


def near(region, x, y, width, height):
    """A pixel of the screen is not one of the picture."""
    assert isinstance(region, Region)
    got = (region.x, region.y, region.width, region.height)
    assert all(abs(a - b) <= 2 for a, b in zip(got, (x, y, width, height), strict=True)), got


def write_in(field, text):
    field.clear()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, KEY.Key_Return)


def accepted(path):
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0, result.output
    return result.output


# --- source --------------------------------------------------------------------------------------------------------


def test_at_first_it_asks_for_a_source_and_cannot_save(window):
    assert "choose a camera or a file" in window.foot.says.text()
    assert not window.foot.save.isEnabled()
    window.tick()
    assert "its picture appears here" in window.live.picture.says
    assert window.file.toPlainText() == NOT_YET


def test_a_chosen_camera_is_seen_and_can_be_saved(seen):
    assert seen.live.picture.says == ""
    assert seen.live.below.text() == "640 x 480 pixels at 30 frames/s"
    assert seen.foot.save.isEnabled()
    assert 'kind = "synthetic"' in seen.file.toPlainText()
    assert not seen.grab().toImage().isNull()


def test_a_video_takes_the_place_of_a_camera(seen, qtbot, tmp_path):
    video = write(tmp_path / "flies.mkv", range(0, 1000, 33))
    write_in(seen.source.named["video_file"], str(video))
    qtbot.waitUntil(lambda: seen.draft.picture_px == (48, 64))
    assert seen.source.cameras.currentRow() == -1
    assert 'path = "flies.mkv"' in seen.file.toPlainText()
    seen.source.cameras.setCurrentRow(0)
    assert seen.source.named["video_file"].text() == ""
    assert seen.draft.source == {"kind": "synthetic"}


def test_a_file_that_is_no_video_is_said_where_its_picture_should_be(window, qtbot, tmp_path):
    (tmp_path / "a.mp4").write_text("not a video")
    write_in(window.source.named["video_file"], str(tmp_path / "a.mp4"))
    qtbot.waitUntil(lambda: "a.mp4" in window.live.picture.says)


def test_a_source_can_be_set_and_problems_with_that_are_said(seen, qtbot):
    fps = seen.source.knob_rows.itemAt(0, seen.source.knob_rows.ItemRole.FieldRole).widget()
    write_in(fps, "fast")
    assert "source: fps" in seen.foot.says.text()
    write_in(fps, "25")
    qtbot.waitUntil(lambda: "at 25 frames/s" in seen.live.below.text())


# --- arenas --------------------------------------------------------------------------------------------------------


def test_arenas_are_drawn_with_the_mouse(seen):
    drag(seen, (20, 20), (300, 460))
    drag(seen, (620, 460), (330, 20))
    near(seen.draft.arenas[0].region, 20, 20, 280, 440)
    near(seen.draft.arenas[1].region, 330, 20, 290, 440)
    assert seen.arenas.table.rowCount() == 2
    assert seen.arenas.table.currentRow() == 1
    assert "[[arena]]" in seen.file.toPlainText()


def test_an_arena_is_moved_resized_and_stays_in_the_picture(seen):
    drag(seen, (100, 100), (300, 300))
    drag(seen, (200, 200), (250, 180))
    near(seen.draft.arenas[0].region, 150, 80, 200, 200)
    drag(seen, (350, 280), (400, 400))
    near(seen.draft.arenas[0].region, 150, 80, 250, 320)
    drag(seen, (150, 200), (100, 200))
    near(seen.draft.arenas[0].region, 100, 80, 300, 320)
    drag(seen, (200, 200), (-900, -900))
    near(seen.draft.arenas[0].region, 0, 0, 300, 320)


def test_shift_draws_inside_another(seen):
    drag(seen, (100, 100), (500, 400))
    drag(seen, (200, 200), (300, 300), SHIFT)
    assert len(seen.draft.arenas) == 2
    near(seen.draft.arenas[1].region, 200, 200, 100, 100)


def test_a_click_chooses_and_too_small_a_rectangle_is_none(seen):
    drag(seen, (50, 50), (200, 200))
    drag(seen, (300, 50), (500, 200))
    drag(seen, (100, 100), (100, 100))
    assert seen.live.picture.chosen == 0
    assert seen.arenas.table.currentRow() == 0
    drag(seen, (600, 400), (602, 402))
    assert len(seen.draft.arenas) == 2


def test_keys_move_and_remove_the_chosen_arena(seen):
    drag(seen, (50, 50), (200, 200))
    drag(seen, (300, 50), (500, 200))
    before, picture = seen.draft.arenas[1].region, seen.live.picture
    QTest.keyClick(picture, KEY.Key_Right)
    QTest.keyClick(picture, KEY.Key_Down, SHIFT)
    after = seen.draft.arenas[1].region
    assert (after.x - before.x, after.y - before.y) == (1, 10)
    QTest.keyClick(picture, KEY.Key_Delete)
    assert [arena.name for arena in seen.draft.arenas] == ["arena"]
    QTest.keyClick(picture, KEY.Key_Delete)
    assert seen.draft.arenas[0].region is None


def test_arenas_are_named_in_the_table_and_wrong_names_are_said(seen):
    seen.arenas._split()
    seen.arenas.table.item(0, 0).setText("Left Box")
    assert "'Left Box' is no name" in seen.foot.says.text()
    assert not seen.foot.save.isEnabled()
    seen.arenas.table.item(0, 0).setText("left")
    seen.arenas.table.item(0, 1).setText("fly 7")
    seen.arenas.invert.setChecked(True)
    first, second = seen.draft.config().arena
    assert (first.name, first.subject, first.invert, second.invert) == ("left", "fly 7", True, True)
    assert (first.region.width, second.region.x) == (320, 320)


def test_before_there_is_a_picture_nothing_can_be_drawn(window):
    QTest.mousePress(window.live.picture, LEFT, NONE, QPoint(50, 50))
    QTest.mouseMove(window.live.picture, QPoint(90, 90))
    QTest.mouseRelease(window.live.picture, LEFT, NONE, QPoint(90, 90))
    assert not window.draft.arenas.divided


# --- the rest ------------------------------------------------------------------------------------------------------


def test_what_is_written_about_the_animal_is_in_the_file(seen):
    write_in(seen.record.fields["subject.id"], "fly 017")
    write_in(seen.record.fields["experiment.id"], "pilot")
    seen.record.sex.setCurrentIndex(2)
    seen.record.sex.activated.emit(2)
    write_in(seen.record.seconds, "90")
    config = seen.draft.config()
    assert (config.subject.id, config.subject.sex) == ("fly 017", "F")
    assert (config.experiment.id, config.seconds) == ("pilot", 90)
    write_in(seen.record.seconds, "long")
    assert "seconds" in seen.foot.says.text()


@pytest.fixture
def mouse(tmp_path):
    """A model that subtracts a background."""
    need_module("onnx")
    card = write_tiny_model(tmp_path / "mouse.onnx")
    write_tiny_model(tmp_path / "mouse.onnx", card=msgspec.structs.replace(card, preprocessing="selfee_mouse"))
    return str(tmp_path / "mouse.onnx")


def choose(field, place):
    field.setCurrentIndex(place)
    field.activated.emit(place)


def test_a_background_is_asked_for_where_the_model_subtracts_one_and_check_accepts_it(seen, mouse, tmp_path):
    network, fields = seen.network, seen.network.background
    assert fields.isHidden()
    network.add(network.model, "model.file", network.model_files, mouse)
    assert not fields.isHidden() and fields.seconds.isHidden()
    assert "has no background" in seen.foot.says.text()
    choose(fields.contrast, 2)
    assert "has no background" in seen.foot.says.text(), "without a file there is none"
    QTest.keyClicks(fields.file, str(tmp_path / "no.png"))
    assert "cannot read the background" in seen.foot.says.text()
    choose(fields.way, 1)
    assert fields.file.isHidden() and not fields.seconds.isHidden()
    QTest.keyClicks(fields.seconds, "0.5")
    assert "background" in seen.foot.says.text() and not seen.foot.save.isEnabled()
    fields.seconds.clear()
    QTest.keyClicks(fields.seconds, "5")
    seen.foot.save.click()
    (arena,) = load(tmp_path / "session.toml").arena
    assert arena.background == FirstSecondsBackgroundConfig(seconds=5, contrast="bright")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "session.toml")])
    assert result.exit_code == 0, result.output


def test_a_background_goes_with_the_model_that_wanted_it(seen, mouse):
    network = seen.network
    network.add(network.model, "model.file", network.model_files, mouse)
    choose(network.background.way, 1)
    choose(network.background.contrast, 1)
    assert seen.draft.config().arena[0].background.contrast == "dark"
    choose(network.model, 0)
    assert network.background.isHidden() and seen.draft.config().arena[0].background is None


def test_a_model_and_a_reference_that_do_not_belong_together_are_said(rig, seen):
    network = seen.network
    network.add(network.reference, "observe.reference", network.reference_files, str(rig / "reference.npz"))
    assert "made with another model" in seen.foot.says.text()
    network.add(network.model, "model.file", network.model_files, str(rig / "model.onnx"))
    assert seen.foot.save.isEnabled()
    network.model.setCurrentIndex(0)
    network.model.activated.emit(0)
    assert seen.draft.get("model.file") is None


def test_a_device_is_added_named_and_removed(seen):
    devices = seen.devices
    devices.kinds.setCurrentText("microcontroller")
    devices.add()
    write_in(devices.fields["port"], "")
    assert "device 1: port: is not given yet" in seen.foot.says.text()
    write_in(devices.fields["port"], "COM3")
    write_in(devices.fields["name"], "laser")
    assert seen.draft.config().device[0].port == "COM3"
    assert devices.devices.item(0).text() == "laser: microcontroller"
    devices.remove()
    assert seen.draft.config().device == ()


def test_what_is_saved_is_what_was_shown_and_check_accepts_it(rig, seen, qtbot, tmp_path):
    network = seen.network
    network.add(network.model, "model.file", network.model_files, str(rig / "model.onnx"))
    drag(seen, (20, 20), (300, 460))
    shown = seen.file.toPlainText()
    QTest.mouseClick(seen.foot.save, LEFT)
    path = tmp_path / "session.toml"
    assert seen.saved == path
    assert path.read_text(encoding="utf-8") == shown
    assert f"selfee-rt run {path}" in seen.foot.says.text()
    QTest.mouseClick(seen.foot.check_now, LEFT)
    qtbot.waitUntil(lambda: "lookahead" in seen.told.toPlainText(), timeout=60_000)
    qtbot.waitUntil(lambda: seen.live.picture._image is not None)
    assert f"selfee-rt run {path}" in seen.foot.says.text(), "it is saved, and says so still"
    assert "synthetic arena" in accepted(path)


def test_a_video_file_that_was_dragged_over_passes_check(rig, window, qtbot, tmp_path):
    video = write(tmp_path / "flies.mkv", range(0, 1200, 33))
    write_in(window.source.named["video_file"], str(video))
    qtbot.waitUntil(lambda: window.live.picture._image is not None)
    network = window.network
    network.add(network.model, "model.file", network.model_files, str(rig / "model.onnx"))
    drag(window, (4, 4), (60, 44))
    window.save()
    assert "flies.mkv" in accepted(tmp_path / "session.toml")


def test_what_the_check_finds_wrong_is_shown(seen, qtbot, tmp_path):
    seen.save()
    (tmp_path / "session.toml").write_text("rubbish")
    seen.check()
    qtbot.waitUntil(lambda: "This is wrong" in seen.told.toPlainText(), timeout=20_000)


def test_an_existing_file_is_not_overwritten_but_its_own_may_be_saved_again(seen, tmp_path):
    (tmp_path / "mine.toml").write_text("mine")
    write_in(seen.foot.file, str(tmp_path / "mine.toml"))
    assert "mine.toml exists" in seen.foot.says.text()
    assert not seen.foot.save.isEnabled()
    write_in(seen.foot.file, str(tmp_path / "new.toml"))
    seen.save()
    write_in(seen.record.fields["subject.id"], "fly 8")
    assert seen.foot.save.isEnabled()
    seen.save()
    assert load(tmp_path / "new.toml").subject.id == "fly 8"
    (tmp_path / "new.toml").write_text("someone's")
    write_in(seen.record.fields["subject.id"], "fly 9")
    seen.save()
    assert "new.toml exists" in seen.foot.says.text()
    assert (tmp_path / "new.toml").read_text() == "someone's"
    assert (tmp_path / "mine.toml").read_text() == "mine"


def test_closing_it_lets_go_of_the_source_and_writes_nothing(seen, tmp_path):
    seen.close()
    assert not seen.live.watcher._thread.is_alive()
    assert list(tmp_path.iterdir()) == []
