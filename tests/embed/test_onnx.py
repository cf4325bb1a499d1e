"""ONNX Runtime does exactly what was asked, or says what is missing."""

import hashlib
import os
import warnings

import numpy as np
import onnxruntime
import pytest

from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ModelError, ModelMismatch, ProviderMissing
from tests.support import need_module
from tests.tiny_model import write_tiny_model


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    return path


def test_an_embedder_says_what_it_is(path):
    embedder = OnnxEmbedder(path, providers=["cpu"], threads=1, batch=3)
    assert embedder.model_id == hashlib.sha256(path.read_bytes()).hexdigest()
    assert embedder.card.name == "tiny"
    assert embedder.provider == "cpu"
    assert embedder.session_options_summary == {
        "runtime": "onnxruntime",
        "version": onnxruntime.__version__,
        "providers": ["cpu"],
        "intra_op_threads": 1,
        "execution_mode": "sequential",
        "graph_optimisation": "all",
        "spinning": False,
    }


def test_one_core_is_left_free_by_default(path, monkeypatch):
    for cores, threads in ((8, 7), (2, 1), (1, 1), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        monkeypatch.setattr(os, "process_cpu_count", lambda cores=cores: cores, raising=False)
        assert OnnxEmbedder(path).session_options_summary["intra_op_threads"] == threads


def test_the_graph_does_what_numpy_does(path):
    onnx = need_module("onnx")
    weights = onnx.numpy_helper.to_array(
        next(tensor for tensor in onnx.load(str(path)).graph.initializer if tensor.name == "weights")
    )
    images = np.random.default_rng(3).integers(0, 256, (2, 3, 32, 32), np.uint8)
    unit = images / 255
    five = np.stack([*unit.swapaxes(0, 1), 4 * (unit[:, 1] - unit[:, 0]), 4 * (unit[:, 2] - unit[:, 1])], axis=1)
    grid = five.reshape(2, 5, 8, 4, 8, 4).mean(axis=(3, 5))
    expected = np.tanh(grid.reshape(2, -1) @ weights)
    np.testing.assert_allclose(OnnxEmbedder(path, threads=1, batch=2).embed(images), expected, atol=1e-5)


@pytest.mark.parametrize("provider", ["cuda", "tensorrt", "openvino", "dml", "coreml", "dnnl"])
def test_a_provider_that_this_onnxruntime_lacks_is_named_with_what_to_install(path, provider):
    if OnnxEmbedder(path).provider != "cpu" or provider in str(onnxruntime.get_available_providers()).lower():
        pytest.skip(f"absent: an onnxruntime without {provider}")
    with pytest.raises(ProviderMissing, match=rf"'{provider}' was asked for, .* offers only: .*cpu; install .*onnx"):
        OnnxEmbedder(path, providers=[provider, "cpu"])


def test_a_provider_that_onnxruntime_only_warns_about_is_an_error(path, monkeypatch):
    """With its libraries missing, CUDA is listed as available, and the session then runs on the CPU."""
    available = [*onnxruntime.get_available_providers(), "CUDAExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ProviderMissing, match=r"'cuda' .* did not start \(running: cpu\).*install onnxruntime-gpu"):
            OnnxEmbedder(path, providers=["cuda"])


def test_the_model_is_warm_before_it_is_handed_over(path, monkeypatch):
    seen = []
    embed = OnnxEmbedder.embed

    def watched(self, images):
        seen.append(images.shape)
        return embed(self, images)

    monkeypatch.setattr(OnnxEmbedder, "embed", watched)
    OnnxEmbedder(path, threads=1, batch=3)
    assert len(seen) >= 3
    assert set(seen) == {(3, 3, 32, 32)}


def test_a_model_with_a_fixed_batch_of_another_size_is_a_mismatch(path):
    onnx = need_module("onnx")
    model = onnx.load(str(path))
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_value = 2
    path.write_bytes(model.SerializeToString())
    assert OnnxEmbedder(path, threads=1, batch=2).embed(np.zeros((2, 3, 32, 32), np.uint8)).shape == (2, 16)
    with pytest.raises(ModelMismatch, match="takes exactly 2 live frames at once, this session has 3 arenas"):
        OnnxEmbedder(path, threads=1, batch=3)


def test_a_failed_inference_is_a_model_error(path):
    onnx = need_module("onnx")
    model = onnx.load(str(path))
    model.graph.node[4].CopyFrom(onnx.helper.make_node("Reshape", ["grid", "threes"], ["flat"]))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([3, -1]), "threes"))
    path.write_bytes(model.SerializeToString())
    embedder = OnnxEmbedder(path, threads=1, batch=3)
    with pytest.raises(ModelError, match="model 'tiny' failed on 1 live frames: "):
        embedder.embed(np.zeros((1, 3, 32, 32), np.uint8))
