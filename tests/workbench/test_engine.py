"""TensorRT-RTX builds engines here, without a GPU; what it cannot build is said in its words."""

import msgspec
import numpy as np
import pytest

from selfee_rt.embed import cuda
from selfee_rt.embed.cuda import Gpu
from selfee_rt.embed.engine_file import read_engine, write_engine
from selfee_rt.embed.model import CARD_KEY, read_bytes, read_card, sha256_of
from selfee_rt.embed.tensorrt_engine import TensorRtEngine
from selfee_rt.embed.tensorrt_library import Library, choose_library
from selfee_rt.errors import ModelError, ProviderMissing, SelfeeRTError
from selfee_rt.workbench import engine
from selfee_rt.workbench.engine import BuildStopped, build_engine, plan_engine
from selfee_rt.workbench.engine_half import half_network
from tests.embed.built import moving
from tests.embed.engines import tiny_model
from tests.embed.pretend_gpu import PretendTensorRt
from tests.support import need_module


@pytest.fixture
def library():
    need_module("tensorrt_rtx")
    return choose_library("tensorrt_rtx")


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path)


def silent(*step):
    pass


def no_gpu(monkeypatch):
    def absent():
        raise ProviderMissing("no NVIDIA GPU answers: there is none")

    monkeypatch.setattr(engine, "this_gpu", absent)


@pytest.mark.parametrize("precision", ["fp32", "tf32", "fp16"])
@pytest.mark.parametrize("capability", ["sm80", "sm86", "sm89", "sm120"])
def test_an_engine_is_built_for_every_capability_and_precision(library, model, tmp_path, precision, capability):
    plan = plan_engine(model, library, precision, capability, 3)
    network = read_bytes(model) if precision != "fp16" else half_network(model, moving(model, 8), "a test")[0]
    header, content = build_engine(plan, network, {}, silent)
    assert header.key == plan.key
    assert (header.key.model_sha256, header.key.target) == (sha256_of(model), capability)
    assert (header.max_batch, header.card) == (3, read_card(model))
    assert len(content) > 10_000
    write_engine(tmp_path / "a.engine", header, content)
    assert read_engine(tmp_path / "a.engine") == (header, content)


def test_a_model_stored_in_half_precision_is_built_in_full(library):
    """Its weights are float16 with a cast each; in the plan they must be float32 constants, not twice as many."""
    from selfee_rt.embed.model import shipped_model

    weights = 4 * 11_950_000  # parameters of the shipped ResNet-18 and projector
    plan = plan_engine(shipped_model(), library, "fp32", "sm86", 1)
    _, content = build_engine(plan, read_bytes(shipped_model()), {}, silent)
    assert 0.9 * weights < len(content) < 1.2 * weights


def test_every_step_is_reported_and_the_last_phase_ends(library, model):
    seen = []
    build_engine(plan_engine(model, library, "fp32", "sm86", 1), read_bytes(model), {}, lambda *step: seen.append(step))
    phases = [phase for phase, _, _ in seen]
    assert phases[0] == phases[-1] == "Building engine"
    assert seen[-1][1] == seen[-1][2] > 0
    assert all(0 <= done <= steps for _, done, steps in seen)


def test_a_build_that_is_stopped_ends_at_the_next_step(library, model):
    asked = []

    def stopped():
        asked.append(True)
        return len(asked) > 2

    with pytest.raises(BuildStopped, match="no engine was written"):
        build_engine(plan_engine(model, library, "fp32", "sm86", 1), read_bytes(model), {}, silent, stopped)
    assert len(asked) < 10


def test_what_cannot_be_built_for_a_capability_is_said_in_the_librarys_words(library, model):
    plan = plan_engine(model, library, "fp32", "sm75", 1)
    with pytest.raises(ModelError, match=r"cannot build .*in fp32 for sm75: .*FP32 GEMM is not supported.*--precision"):
        build_engine(plan, read_bytes(model), {}, silent)


def test_an_operator_that_the_parser_does_not_know_is_named(library, model):
    onnx = need_module("onnx")
    network = onnx.load(str(model))
    network.graph.node[-1].op_type = "Telepathy"
    plan = plan_engine(model, library, "fp32", "sm86", 1)
    with pytest.raises(ModelError, match=r"TensorRT-RTX .* cannot parse .*tiny\.onnx: Telepathy.*older opset"):
        build_engine(plan, network.SerializeToString(), {}, silent)


@pytest.mark.parametrize("capability", ["sm60", "sm999", "86", "SM86", "CURRENT", ""])
def test_an_unknown_capability_is_refused_with_the_known_ones(library, model, capability):
    with pytest.raises(ModelError, match=r"is unknown to TensorRT-RTX .*, expected one of: sm75, sm80, sm86"):
        plan_engine(model, library, "fp16", capability, 1)


def test_without_a_gpu_a_capability_must_be_named(library, model, monkeypatch):
    no_gpu(monkeypatch)
    with pytest.raises(ProviderMissing, match=r"no NVIDIA GPU answers.*--capability sm75\|sm80\|sm86"):
        plan_engine(model, library, "fp16", None, 1)


def test_the_capability_of_the_gpu_that_is_here_is_taken(library, model, monkeypatch):
    monkeypatch.setattr(engine, "this_gpu", lambda: Gpu("NVIDIA A40", "sm86"))
    assert plan_engine(model, library, "fp16", None, 1).key.target == "sm86"


def test_a_gpu_too_old_for_the_library_is_named(library, model, monkeypatch):
    monkeypatch.setattr(engine, "this_gpu", lambda: Gpu("GeForce GTX 1080", "sm61"))
    with pytest.raises(ModelError, match=r"GeForce GTX 1080 \(sm61\) is too old for TensorRT-RTX .* begins at sm75"):
        plan_engine(model, library, "fp16", None, 1)


def test_the_big_library_builds_only_for_the_gpu_that_is_here(model, monkeypatch):
    big = Library("tensorrt", "10.13", PretendTensorRt(None, "tensorrt"))
    with pytest.raises(ModelError, match=r"--capability was given, but TensorRT 10\.13 builds only for the GPU"):
        plan_engine(model, big, "fp16", "sm86", 1)
    no_gpu(monkeypatch)
    with pytest.raises(ProviderMissing, match=r"no NVIDIA GPU answers: there is none$"):
        plan_engine(model, big, "fp16", None, 1)
    monkeypatch.setattr(engine, "this_gpu", lambda: Gpu("NVIDIA H100", "sm90"))
    assert plan_engine(model, big, "fp16", None, 1).key.target.startswith("NVIDIA H100, sm90, ")


def test_a_file_without_a_card_and_one_from_an_opset_to_come_are_refused(library, model):
    onnx = need_module("onnx")
    network = onnx.load(str(model))
    network.opset_import[0].version = 99
    model.write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match="is newer than this onnxruntime"):
        plan_engine(model, library, "fp16", "sm86", 1)
    network.opset_import[0].version = 17
    del network.metadata_props[:]
    model.write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match=r"has no card.*selfee-rt export"):
        plan_engine(model, library, "fp16", "sm86", 1)


def test_a_model_quantised_for_processors_is_refused(library, model):
    onnx = need_module("onnx")
    card = msgspec.structs.replace(read_card(model), precision="int8")
    network = onnx.load(str(model))
    onnx.helper.set_model_props(network, {CARD_KEY: msgspec.json.encode(card).decode()})
    model.write_bytes(network.SerializeToString())
    with pytest.raises(ModelError, match=r"was quantised for processors.*unquantised"):
        plan_engine(model, library, "fp16", "sm86", 1)


def test_loading_without_a_driver_is_an_error_in_the_librarys_words(library, model):
    if _has_gpu():
        pytest.skip("absent: a machine without an NVIDIA GPU")
    header, content = build_engine(plan_engine(model, library, "fp32", "sm86", 1), read_bytes(model), {}, silent)
    with pytest.raises(ModelError, match=r"TensorRT-RTX .* does not accept the engine: .*(?i:cuda|driver)"):
        TensorRtEngine(library, header, content, 1, True)


def _has_gpu():
    try:
        return bool(cuda.this_gpu())
    except SelfeeRTError:
        return False


def test_moving_live_frames_are_live_frames(model):
    frames = moving(model, 3)
    assert frames.shape == (3, 3, 32, 32)
    assert frames.dtype == np.uint8
    assert (frames[:, 0] != frames[:, 2]).any()
