"""A rig for whole sessions, an acted session, and Qt without a screen."""

import os

import pytest

from tests.session.rig import make_rig
from tests.support import need_module
from tests.view.stage import Stage

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def rig(tmp_path_factory):
    """A folder with a tiny model and a reference made with it."""
    need_module("onnx")
    return make_rig(tmp_path_factory.mktemp("rig"))


@pytest.fixture
def stage(tmp_path):
    """An acted session with one rule, which speaks when told to."""
    folder = tmp_path / "acted"
    folder.mkdir()
    made = Stage(folder, arenas=("left", "right"), rules=("song",))
    yield made
    made.close()
