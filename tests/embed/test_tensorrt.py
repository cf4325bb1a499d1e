"""Everything around an engine that needs no GPU, on a pretended one: what is chosen, refused, copied and released."""

import sys

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ModelConfig
from selfee_rt.embed.cuda import Gpu, this_gpu
from selfee_rt.embed.engine_cache import engine_path
from selfee_rt.embed.engine_file import read_engine, write_engine
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import MissingExtra, ModelError, ModelMismatch, ProviderMissing
from tests.embed.engines import header_of, key_of, tiny_model, write_pretended
from tests.embed.pretend_gpu import pretend


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path)


@pytest.fixture
def folder(tmp_path, model):
    """A folder of engines with one that fits the pretended GPU."""
    folder = tmp_path / "engines"
    write_pretended(engine_path(folder, key_of(model)), model)
    return folder


def config(model, folder, **more):
    return ModelConfig(file=model, runtime="tensorrt", engine_folder=folder, **more)


def images(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 3, 32, 32), np.uint8)


def test_a_session_finds_its_engine_and_embeds_as_the_model_does(monkeypatch, model, folder):
    pretend(monkeypatch)
    embedder = build.embedder(config(model, folder), batch=2)
    expected = OnnxEmbedder(model, threads=1, batch=2)
    np.testing.assert_allclose(embedder.embed(images(2)), expected.embed(images(2)), atol=1e-6)
    assert embedder.model_id == expected.model_id
    assert embedder.session_options_summary == {
        "runtime": "tensorrt",
        "version": "TensorRT-RTX 1.7.1.116",
        "precision": "fp16",
        "target": "sm86",
        "gpu": "Pretended RTX",
        "batch": 2,
        "max_batch": 4,
        "cuda_graph": True,
    }
    embedder.close()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_other_numbers_of_live_frames_than_the_batch_are_embedded_in_parts(monkeypatch, model, folder, n):
    pretend(monkeypatch)
    embedder = build.embedder(config(model, folder), batch=3)
    got = embedder.embed(images(n))
    assert got.shape == (n, 16)
    np.testing.assert_allclose(got, OnnxEmbedder(model, threads=1).embed(images(n)), atol=1e-6)
    embedder.close()


@pytest.mark.parametrize("library", ["tensorrt", "tensorrt_rtx"])
@pytest.mark.parametrize("cuda_graph", [True, False])
def test_the_graph_changes_how_work_is_launched_and_nothing_else(monkeypatch, model, tmp_path, library, cuda_graph):
    cuda, module = pretend(monkeypatch, library)
    target = "sm86" if library == "tensorrt_rtx" else f"Pretended RTX, sm86, {sys.platform}"
    key = key_of(model, library=library, target=target)
    write_pretended(engine_path(tmp_path / "engines", key), model, library=library, target=target)
    embedder = build.embedder(config(model, tmp_path / "engines", cuda_graph=cuda_graph), batch=2)
    cuda.calls.clear()
    got = embedder.embed(images(4))
    np.testing.assert_allclose(got, OnnxEmbedder(model, threads=1).embed(images(4)), atol=1e-6)
    ours = cuda_graph and library == "tensorrt"
    assert cuda.calls == (["graph", "graph"] if ours else [])
    if library == "tensorrt_rtx":
        assert module.runtime_config.cuda_graph_strategy == ("whole" if cuda_graph else "disabled")
        assert module.runtime_config.dynamic_shapes_kernel_specialization_strategy == "eager"
    embedder.close()


@pytest.mark.parametrize("library", ["tensorrt", "tensorrt_rtx"])
def test_nothing_is_held_on_the_gpu_after_close(monkeypatch, model, tmp_path, library):
    cuda, _ = pretend(monkeypatch, library)
    target = "sm86" if library == "tensorrt_rtx" else f"Pretended RTX, sm86, {sys.platform}"
    path = tmp_path / "a.engine"
    write_pretended(path, model, library=library, target=target)
    embedder = build.embedder(config(model, None, engine_file=path), batch=1)
    assert cuda.held
    embedder.close()
    embedder.close()
    assert not cuda.held


def test_memory_is_allocated_once(monkeypatch, model, folder):
    cuda, _ = pretend(monkeypatch)
    embedder = build.embedder(config(model, folder), batch=2)
    before = set(cuda.held)
    for seed in range(5):
        embedder.embed(images(2, seed))
    assert set(cuda.held) == before
    embedder.close()


def test_a_gpu_without_room_is_a_model_error_in_cudas_words_and_keeps_nothing(monkeypatch, model, folder):
    cuda, _ = pretend(monkeypatch, room=4000)
    with pytest.raises(ModelError, match=r"out of memory \(cudaErrorMemoryAllocation in cudaMalloc\)"):
        build.embedder(config(model, folder), batch=2)
    assert not cuda.held


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_sha256": "0" * 64}, "was built of the model 000000000000…"),
        ({"library_version": "1.3.0.0"}, "was built by version 1.3.0.0"),
        ({"precision": "tf32"}, "computes in tf32, asked for is fp16"),
        ({"target": "sm120"}, "was built for sm120, this machine has sm86"),
        ({"max_batch": 1}, "takes at most 1 live frames at once, this session has 2 arenas"),
    ],
)
def test_a_stale_or_foreign_engine_is_refused_before_the_library_sees_it(monkeypatch, model, tmp_path, changes, words):
    _, module = pretend(monkeypatch)
    path = tmp_path / "given.engine"
    write_pretended(path, model, **changes)
    with pytest.raises(ModelMismatch, match=words):
        build.embedder(config(model, None, engine_file=path), batch=2)
    assert module.logger is None


def test_an_engine_of_the_other_library_names_the_one_that_is_missing(monkeypatch, model, tmp_path):
    pretend(monkeypatch)
    path = tmp_path / "given.engine"
    write_pretended(path, model, library="tensorrt")
    with pytest.raises(MissingExtra, match=r"engines need TensorRT \(module tensorrt\)"):
        build.embedder(config(model, None, engine_file=path), batch=1)


def test_a_damaged_engine_is_refused_before_the_library_sees_it(monkeypatch, model, tmp_path):
    _, module = pretend(monkeypatch)
    path = tmp_path / "given.engine"
    write_pretended(path, model)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is cut off or was changed"):
        build.embedder(config(model, None, engine_file=path), batch=1)
    assert module.logger is None


def test_an_engine_moved_under_another_ones_name_is_refused(monkeypatch, model, folder):
    pretend(monkeypatch)
    path = engine_path(folder, key_of(model))
    _, plan = read_engine(path)
    write_engine(path, header_of(model, precision="fp32"), plan)
    with pytest.raises(ModelMismatch, match="computes in fp32"):
        build.embedder(config(model, folder), batch=1)


def test_no_engine_for_this_gpu_names_the_command(monkeypatch, model, folder):
    pretend(monkeypatch, name="NVIDIA GeForce RTX 5090", major=12, minor=0)
    assert this_gpu() == Gpu("NVIDIA GeForce RTX 5090", "sm120")
    with pytest.raises(ModelError, match=r"for NVIDIA GeForce RTX 5090 \(sm120\) .*; run `selfee-rt engine"):
        build.embedder(config(model, folder), batch=1)


def test_what_the_library_says_is_in_the_error(monkeypatch, model, folder):
    cuda, module = pretend(monkeypatch)
    module.refuse = True
    with pytest.raises(
        ModelError, match=r"TensorRT-RTX 1\.7\.1\.116 does not accept the engine: Version tag does not match$"
    ):
        build.embedder(config(model, folder), batch=1)
    module.refuse, module.refuse_run = False, True
    with pytest.raises(ModelError, match="did not start: illegal memory access"):
        build.embedder(config(model, folder), batch=1)
    assert not cuda.held


def test_an_engine_with_other_sizes_than_its_card_is_a_mismatch(monkeypatch, model, tmp_path):
    pretend(monkeypatch)
    import msgspec

    from selfee_rt.embed.model import read_card

    path = tmp_path / "given.engine"
    write_pretended(path, model, card=msgspec.structs.replace(read_card(model), embedding_dim=15))
    with pytest.raises(ModelMismatch, match=r"\('float32', \(16,\)\).*its card says .*\(15,\)"):
        build.embedder(config(model, None, engine_file=path), batch=1)


def test_without_a_gpu_the_reason_is_named(monkeypatch, model, folder):
    cuda, _ = pretend(monkeypatch)
    cuda.cudaGetDeviceCount = lambda: (cuda.cudaError_t.cudaSuccess, 0)
    with pytest.raises(ProviderMissing, match="no NVIDIA GPU answers: the driver lists none"):
        build.embedder(config(model, folder), batch=1)
    cuda.cudaDriverGetVersion = lambda: (cuda.cudaError_t.cudaSuccess, 0)
    with pytest.raises(ProviderMissing, match="no NVIDIA GPU answers: there is no NVIDIA driver"):
        build.embedder(config(model, folder), batch=1)


def test_without_tensorrt_the_extra_is_named(monkeypatch, model, folder):
    pretend(monkeypatch, library="neither")
    with pytest.raises(MissingExtra, match=r"engines need TensorRT or TensorRT-RTX .*install selfee-rt\[tensorrt\]"):
        build.embedder(config(model, folder), batch=1)
