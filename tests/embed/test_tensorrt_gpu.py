"""Engines on a real GPU: they agree with ONNX Runtime, in every precision and batch, with the graph and without."""

import numpy as np
import pytest

from selfee_rt.embed.engine_file import read_engine, write_engine
from selfee_rt.embed.model import shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.embed.tensorrt import open_engine
from selfee_rt.embed.tensorrt_engine import TensorRtEngine
from selfee_rt.embed.tensorrt_library import choose_library
from selfee_rt.errors import ModelError
from tests.embed.built import built_embedder, moving
from tests.embed.engines import header_of, key_of
from tests.support import need_gpu, need_module

pytestmark = pytest.mark.gpu
ARENAS = 4
FLOORS = {"fp32": 0.9999, "tf32": 0.999, "fp16": 0.995}
"""Least centred cosine with ONNX Runtime on the processor, over every live frame."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="module")
def expected():
    images = moving(shipped_model(), 32)
    return images, OnnxEmbedder(shipped_model(), batch=1).embed(images)


@pytest.mark.parametrize("precision", FLOORS)
@pytest.mark.parametrize("batch", range(1, ARENAS + 1))
def test_an_engine_agrees_with_onnxruntime_for_every_number_of_arenas(folder, expected, precision, batch):
    embedder = built_embedder(shipped_model(), folder, precision, batch, max_batch=ARENAS)
    images, want = expected
    got = embedder.embed(images)
    embedder.close()
    a, b = got - want.mean(axis=0), want - want.mean(axis=0)
    cosines = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert cosines.min() >= FLOORS[precision]


@pytest.mark.parametrize("precision", FLOORS)
def test_the_graph_changes_no_bit(folder, expected, precision):
    found = []
    for cuda_graph in (True, False):
        embedder = built_embedder(shipped_model(), folder, precision, ARENAS, max_batch=ARENAS, cuda_graph=cuda_graph)
        found.append(embedder.embed(expected[0]))
        embedder.close()
    np.testing.assert_array_equal(*found)


def test_an_engine_that_is_loaded_again_gives_the_same_bits(folder, expected):
    found = []
    for _ in range(2):
        embedder = built_embedder(shipped_model(), folder, "fp16", 1, max_batch=ARENAS)
        found.append(embedder.embed(expected[0]))
        embedder.close()
    np.testing.assert_array_equal(*found)


def test_a_plan_that_is_none_is_an_error_in_the_librarys_words(tmp_path):
    need_gpu()
    need_module("tensorrt_rtx")
    library = choose_library()
    with pytest.raises(ModelError, match="does not accept the engine: "):
        TensorRtEngine(library, header_of(shipped_model()), b"not a plan" * 100, 1, True)


def test_an_engine_for_another_gpu_or_of_another_version_never_reaches_the_library(folder, tmp_path, monkeypatch):
    built_embedder(shipped_model(), folder, "fp16", 1, max_batch=ARENAS).close()
    (path,) = folder.glob("*_fp16_*.engine")
    header, plan = read_engine(path)
    monkeypatch.setattr("selfee_rt.embed.tensorrt_engine._deserialised", None)
    for change in ({"target": "sm61"}, {"library_version": "0.1"}, {"model_sha256": "0" * 64}):
        fields = {name: getattr(header.key, name) for name in header.key.__struct_fields__}
        other = header_of(shipped_model(), **(fields | change))
        assert other.key != header.key
        assert key_of(shipped_model(), **fields) == header.key
        write_engine(tmp_path / "other.engine", other, plan)
        with pytest.raises(ModelError, match="does not fit: it was built"):
            open_engine(
                shipped_model(),
                precision="fp16",
                file=tmp_path / "other.engine",
                folder=None,
                batch=1,
                cuda_graph=True,
            )
