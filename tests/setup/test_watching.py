"""The thread that looks at a source before there is a session."""

import threading

import pytest

from selfee_rt import build
from selfee_rt.config import SyntheticConfig, VideoFileConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.setup.watching import Watcher
from tests.acquire.videos import write
from tests.session.rig import wait_until

ARENA = SyntheticConfig(width_px=64, height_px=64, fps=100, speed="max")


@pytest.fixture
def watcher():
    made = Watcher()
    yield made
    made.close()
    made.close()


def test_a_source_is_opened_and_shown_until_another_is_wanted(watcher):
    watcher.watch(ARENA)
    wait_until(lambda: watcher.sight.number > 2)
    assert watcher.sight.image.shape == (64, 64)
    assert watcher.sight.info.fps == 100
    watcher.watch(ARENA.model_copy(update={"width_px": 128}))
    wait_until(lambda: watcher.sight.image is not None and watcher.sight.image.shape == (64, 128))


def test_nothing_is_known_of_a_source_that_was_only_just_asked_for(watcher):
    watcher.watch(ARENA)
    wait_until(lambda: watcher.sight.info is not None)
    wanted = VideoFileConfig(path="nowhere.mp4")
    watcher.watch(wanted)
    assert watcher.sight.wanted == wanted
    assert watcher.sight.image is None


def test_what_does_not_open_is_said(watcher, tmp_path):
    watcher.watch(VideoFileConfig(path=tmp_path / "nowhere.mp4"))
    wait_until(lambda: watcher.sight.problem is not None)
    assert "nowhere.mp4" in watcher.sight.problem


def test_a_recording_begins_again_when_it_has_ended(watcher, tmp_path):
    path = write(tmp_path / "short.mkv", [0, 10, 20])
    watcher.watch(VideoFileConfig(path=path))
    wait_until(lambda: watcher.sight.number > 7)


def test_wanting_nothing_lets_go_of_the_source(watcher):
    closed = []

    class Told:
        """A source that never has a picture, and tells when it is closed."""

        def open(self):
            return None

        def read(self, timeout_s):
            return None

        def close(self):
            closed.append(True)

    ours = Watcher(lambda config: Told())
    ours.watch(ARENA)
    ours.watch(None)
    assert ours.released(10)
    assert ours.sight.wanted is None
    ours.watch(ARENA)
    wait_until(lambda: ours._done == ours._orders)
    ours.watch(None)
    assert ours.released(10)
    assert closed
    ours.close()


def test_a_source_that_opens_too_late_says_nothing_about_the_next_one():
    opening, may_open = threading.Event(), threading.Event()

    class Slow:
        """A source that takes its time."""

        def open(self):
            opening.set()
            assert may_open.wait(20)
            raise SourceError("the slow one")

        def close(self):
            """Nothing is open."""

    ours = Watcher(lambda config: Slow() if config.seed == ARENA.seed else build.source(config))
    ours.watch(ARENA)
    assert opening.wait(10)
    ours.watch(ARENA.model_copy(update={"seed": 1}))
    may_open.set()
    wait_until(lambda: ours.sight.image is not None or ours.sight.problem is not None)
    ours.close()
    assert ours.sight.problem is None


def test_a_recording_with_nothing_in_it_is_not_opened_for_ever():
    opened = []

    class Empty:
        """A recording without a frame."""

        def open(self):
            opened.append(True)

        def read(self, timeout_s):
            raise EndOfStream("there is nothing in it")

        def close(self):
            """Nothing is open."""

    ours = Watcher(lambda config: Empty())
    ours.watch(ARENA)
    wait_until(lambda: ours.sight.problem is not None)
    ours.close()
    assert ours.sight.problem == "there is nothing in it"
    assert len(opened) == 1
