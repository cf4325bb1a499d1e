"""Every worked example in configs/ is one that the program accepts, and says what its first line promises."""

import tomllib

import pytest

from selfee_rt import build
from selfee_rt.cli.live import CLOSED_LOOP, DEMO
from selfee_rt.config import load
from tests.support import ROOT

EXAMPLES = sorted((ROOT / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_loads_and_names_sources_that_can_be_built(path):
    config = load(path)
    if config.source.kind != "basler":
        build.source(config.source).close()
    assert path.read_text().startswith("# ")


def test_the_demo_is_the_example_of_that_name():
    assert tomllib.loads((ROOT / "configs" / "demo.toml").read_text()) == DEMO
    assert tomllib.loads((ROOT / "configs" / "closed_loop.toml").read_text()) == CLOSED_LOOP


def test_there_is_an_example_of_every_kind_of_camera():
    assert {load(path).source.kind for path in EXAMPLES} >= {"synthetic", "stream", "basler"}
