"""A session that is over is opened from its folder and looks as it looked when it ran."""

import threading
import time

import av
import numpy as np
import pytest

from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder
from selfee_rt.view import saying
from selfee_rt.view.finished import Finished
from selfee_rt.view.source import ASKING
from selfee_rt.wire import make
from tests.session.rig import configure, run
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtGui import QImage  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from selfee_rt.view.app import application, open_window  # noqa: E402

KEY = Qt.Key
S = 1_000_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory, rig):
    """Eight seconds of a session whose video is exact, in two segments."""
    path = tmp_path_factory.mktemp("finished") / "s"
    record = {"video": "ffv1", "segment_s": 3.0}
    run(configure(rig, path, source={"seconds": 8}, record=record))
    return path


@pytest.fixture
def opened(folder):
    """The folder, wholly read."""
    source = Finished(folder)
    source.start()
    wait_until(lambda: source.model is not None and source.model.status is not None)
    yield source
    source.close()


def wait_until(condition, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def picture(source, media_ns):
    """The picture of a moment, once it is decoded."""
    found = []

    def asked():
        preview, why = source.film.at(source.model, "arena", media_ns)
        found[:] = [preview, why]
        return why != ASKING

    wait_until(asked)
    return found


def test_all_that_was_observed_is_there(opened, folder):
    with SessionFolder(folder) as session:
        observations = list(session.observations())
        bouts = list(session.bouts())
    rows, _ = opened.model.between("arena", -(10**15), 10**15)
    assert rows["index"].tolist() == [each.exposure.index for each in observations]
    assert opened.model.latest("arena") == make.observation(observations[-1], session.record.session_id)
    for bout in bouts[:5]:
        assert opened.model.bout_at("arena", (bout.start_media_ns + bout.stop_media_ns) // 2) == bout
    assert opened.model.status.state == "ended"
    assert opened.model.status.error is None
    assert opened.model.status.n_observed == len(observations)
    kinds = {each.kind for each in opened.model.told(5000)}
    assert "bout" in kinds


def test_a_picture_is_that_of_the_exposure(opened, folder):
    truth = {}
    for path in sorted(folder.glob("video_*.mkv")):
        with av.open(str(path)) as video:
            truth[path.name] = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    with SessionFolder(folder) as session:
        rows = [row for row in session.exposures() if row.segment is not None]
    assert len({row.segment for row in rows}) > 1
    for row in (rows[0], rows[40], rows[41], rows[-1], rows[100], rows[17]):
        preview, why = picture(opened, row.media_ns)
        assert preview is not None, why
        assert preview.header.index == row.frame_index
        image = QImage.fromData(preview.jpeg)
        assert (image.width(), image.height()) == (160, 120)
        seen = np.frombuffer(image.constBits(), np.uint8).reshape(120, 160)
        assert (seen == truth[row.segment][row.position]).all(), "FFV1 gives back exactly what was written"


def test_where_nothing_was_recorded_that_is_said(opened):
    assert picture(opened, 10**14) == [None, "no video was recorded then"]


def test_a_damaged_video_is_named_and_the_rest_is_shown(folder, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    segment = sorted(copy.glob("video_*.mkv"))[0]
    segment.write_bytes(b"garbage" * 100)
    source = Finished(copy)
    source.start()
    try:
        wait_until(lambda: source.model is not None and source.model.status is not None)
        preview, why = picture(source, 1 * S)
        assert preview is None
        assert why.startswith(f"{segment.name} cannot be read")
        assert picture(source, 7 * S)[0] is not None
    finally:
        source.close()


def test_what_is_no_session_folder_is_refused(tmp_path):
    with pytest.raises(FolderError, match="not a session folder"):
        Finished(tmp_path)


def test_a_finished_session_is_looked_through_with_a_slider_and_by_keys(folder, qtbot, tmp_path):
    _, theme = application(1.0)
    window = open_window([folder], theme, tmp_path / "view.ini")
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.link.model is not None and window.link.model.status is not None, timeout=20_000)
    qtbot.waitUntil(lambda: window.acts.sight.at_ns is not None)
    first_ns, last_ns = window.link.model.extent("arena")
    window.slider.slider.sliderMoved.emit(50_000)
    assert abs(window.acts.sight.at_ns - (first_ns + last_ns) // 2) < S
    qtbot.waitUntil(lambda: window.video.refresh() or window.video.shown is not None)
    assert abs(window.video.shown.header.media_ns - window.acts.sight.at_ns) < S // 5
    QTest.keyClick(window, KEY.Key_End)
    assert window.acts.sight.at_ns == last_ns, "nothing is live"
    QTest.keyClick(window, KEY.Key_Home)
    QTest.keyClick(window, KEY.Key_P)
    qtbot.waitUntil(lambda: window.acts.sight.at_ns > first_ns)
    QTest.keyClick(window, KEY.Key_1)
    assert window.acts.asked[-1].state == "failed"
    for panel in window.panels.values():
        panel.refresh()
    window.header.refresh()
    window.footer.refresh()
    assert window.header.word.text() == "● recorded"
    assert not window.grab().toImage().isNull()


def test_the_map_of_a_finished_session_shows_where_the_animal_was(folder, qtbot, tmp_path):
    _, theme = application(1.0)
    window = open_window([folder], theme, tmp_path / "view.ini")
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.link.part_read == 1.0, timeout=20_000)
    window.docks["map"].raise_()
    with SessionFolder(folder) as session:
        vectors = dict(session.embeddings("arena"))
    for value in (30_000, 80_000, 10_000):
        window.slider.slider.sliderMoved.emit(value)
        index = window.link.model.index_at("arena", window.acts.sight.at_ns)
        qtbot.waitUntil(lambda: window.map.charting is not None and window.map.charting.chart is not None)
        place = window.map.charting.chart.place(vectors[index])
        qtbot.waitUntil(
            lambda place=place: len(window.map.tail) > 0 and np.allclose(window.map.tail[-1], place, atol=1e-5)
        )
    assert 2 < len(window.map.tail) <= 91
    assert window.map.why == ""


def test_the_map_of_a_session_without_embeddings_says_so_in_words(rig, qtbot, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 1}, record={"embeddings_every": 0}))
    _, theme = application(1.0)
    window = open_window([tmp_path / "s"], theme, None)
    qtbot.addWidget(window)
    window.docks["map"].raise_()
    qtbot.waitUntil(lambda: "stored no embeddings" in window.map.why, timeout=20_000)
    with_words = window.map.grab().toImage()
    window.map.why = ""
    assert window.map.grab().toImage() != with_words


def test_while_a_long_folder_is_read_its_share_is_said_and_the_window_can_be_used_and_closed(
    folder, qtbot, tmp_path, monkeypatch
):
    gate = threading.Event()
    plain = saying.observations

    def slowly(session):
        for number, each in enumerate(plain(session)):
            if number == 118:
                gate.wait(20)
            yield each

    monkeypatch.setattr(saying, "observations", slowly)
    _, theme = application(1.0)
    window = open_window([folder], theme, None)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.header.banner.text() == f"reading {folder}: 50%", timeout=20_000)
    QTest.keyClick(window, KEY.Key_End)
    assert window.acts.sight.at_ns == window.link.model.extent("arena")[1] < 4 * S, "what is read can be looked at"
    gate.set()
    qtbot.waitUntil(lambda: not window.header.banner.isVisible(), timeout=20_000)
    assert window.link.part_read == 1.0


def test_a_window_that_is_closed_does_not_wait_until_everything_is_read(folder, monkeypatch):
    plain, read = saying.observations, []

    def counted(session):
        for each in plain(session):
            read.append(each)
            source._stopping = True
            yield each

    monkeypatch.setattr(saying, "observations", counted)
    source = Finished(folder)
    source.start()
    source.close()
    assert len(read) <= 3


def test_exposures_that_were_lost_are_in_the_log_where_they_were_lost(rig, tmp_path):
    run(configure(rig, tmp_path / "s", source={"seconds": 3, "drop": [[40, 41], [60, 60]]}))
    source = Finished(tmp_path / "s")
    source.start()
    try:
        wait_until(lambda: source.part_read == 1.0)
        lost = [each for each in source.model.told(100) if each.kind == "loss"]
        assert any(each.text.endswith("exposures lost at source") for each in lost)
        period_s = 1 / source.record.source.fps
        assert lost[0].time_s == pytest.approx(source.model.clock_s(0) + 38 * period_s, abs=3 * period_s)
    finally:
        source.close()
