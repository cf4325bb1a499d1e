import pytest

from tests.session.rig import make_rig
from tests.support import need_module


@pytest.fixture(scope="session")
def rig(tmp_path_factory):
    """A folder with a tiny model and a reference made with it."""
    need_module("onnx")
    return make_rig(tmp_path_factory.mktemp("rig"))
