"""A tiny model, and what is needed to time it."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from selfee_rt import __version__
from selfee_rt.config import ModelConfig
from selfee_rt.workbench.bench.candidates import Candidate, Environment
from selfee_rt.workbench.bench.messages import Offer
from selfee_rt.workbench.bench.run import Telling
from tests.support import ROOT
from tests.tiny_model import write_tiny_model


@pytest.fixture(autouse=True)
def found_by_children(monkeypatch):
    """What is tested is also what other processes import, in a bare clone too."""
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), *([before] if before else [])]))


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    return path


@pytest.fixture
def images():
    """Live frames for the tiny model, (10, 3, 32, 32) uint8."""
    return np.random.default_rng(0).integers(0, 256, (10, 3, 32, 32), np.uint8)


@pytest.fixture
def here():
    """This Python."""
    return Environment(Path(sys.executable), Offer(__version__, "onnxruntime", ["cpu"]))


@pytest.fixture
def candidate(model, here):
    """The tiny model on the CPU with a batch."""

    def make(batch=1, environment=here, **settings):
        config = ModelConfig(**{"file": model, "threads": 1, **settings})
        return Candidate(0, "cpu, 1 thread", config, batch, environment)

    return make


@pytest.fixture
def telling():
    """Tells nobody, and never has enough."""
    return Telling(doing=lambda what: None, done=lambda done, of: None, enough=lambda: False)


@pytest.fixture
def program(tmp_path):
    """A program that takes the place of a Python; its text is Python."""
    if sys.platform == "win32":
        pytest.skip("absent: programs that begin with #!")

    def write(text):
        path = tmp_path / f"program_{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!{sys.executable}\n{text}\n")
        path.chmod(0o755)
        return path

    return write
