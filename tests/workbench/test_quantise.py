"""An int8 graph is standard ONNX, calibrated, in 7 bits, and float where it has to be."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from selfee_rt.errors import ModelError
from tests.support import need_module
from tests.tiny_model import write_tiny_model

onnx = need_module("onnx")

from selfee_rt.workbench.quantise import FEWEST_CALIBRATED, quantised  # noqa: E402


def live_frames(n: int = FEWEST_CALIBRATED, brightest: int = 256):
    return np.random.default_rng(0).integers(0, brightest, (n, 3, 32, 32), np.uint8)


@pytest.fixture
def tiny(tmp_path: Path):
    write_tiny_model(tmp_path / "tiny.onnx")
    return onnx.load(tmp_path / "tiny.onnx")


def weights_of(model, kind: str):
    """Initializers of one type."""
    wanted = getattr(onnx.TensorProto, kind)
    return [onnx.numpy_helper.to_array(each) for each in model.graph.initializer if each.data_type == wanted]


def test_convolutions_have_8_bits_and_the_projector_does_not(tiny) -> None:
    small = quantised(tiny, live_frames())
    (convolution,) = (node for node in small.graph.node if node.op_type == "Conv")
    (product,) = (node for node in small.graph.node if node.op_type in ("MatMul", "Gemm"))
    dequantised = {name for node in small.graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    assert set(convolution.input[:2]) <= dequantised
    assert product.input[1] not in dequantised
    assert [each.size for each in weights_of(small, "FLOAT16")] == [320 * 16]


def test_weights_leave_room_for_processors_that_add_in_16_bits(tiny) -> None:
    (weights,) = (each for each in weights_of(quantised(tiny, live_frames()), "INT8") if each.ndim == 4)
    assert np.abs(weights.astype(int)).max() in (63, 64)


def test_each_output_channel_has_its_own_scale(tiny) -> None:
    small = quantised(tiny, live_frames())
    assert 5 in [each.size for each in weights_of(small, "FLOAT")]


def test_activations_cover_what_calibration_saw(tiny) -> None:
    def widest(brightest: int) -> float:
        return max(float(each.max()) for each in weights_of(quantised(tiny, live_frames(32, brightest)), "FLOAT"))

    assert widest(256) > 3 * widest(64)


def test_the_graph_is_standard_onnx_with_one_operator_set(tiny) -> None:
    small = quantised(tiny, live_frames())
    onnx.checker.check_model(small, full_check=True)
    assert [(each.domain, each.version) for each in small.opset_import] == [("", 17)]
    assert not any(node.domain for node in small.graph.node)


def test_the_graph_that_was_given_is_not_touched(tiny) -> None:
    before = tiny.SerializeToString(deterministic=True)
    quantised(tiny, live_frames())
    assert tiny.SerializeToString(deterministic=True) == before


def test_the_same_live_frames_give_the_same_graph(tiny) -> None:
    once, again = (quantised(tiny, live_frames()).SerializeToString(deterministic=True) for _ in range(2))
    assert once == again


def test_nothing_is_left_behind(tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.chdir(scratch)
    quantised(tiny, live_frames())
    assert not list(scratch.iterdir())


def test_nothing_is_logged_by_the_quantiser(tiny, caplog: pytest.LogCaptureFixture) -> None:
    quantised(tiny, live_frames())
    assert not caplog.records


def test_too_few_live_frames_are_refused(tiny) -> None:
    with pytest.raises(ModelError, match="calibrated on at least 32 live frames, got 31; give a longer video"):
        quantised(tiny, live_frames(31))


def test_what_is_quantised_already_is_refused(tiny) -> None:
    with pytest.raises(ModelError, match="quantised already; start from"):
        quantised(quantised(tiny, live_frames()), live_frames())


def test_a_model_without_convolutions_is_refused(tiny) -> None:
    (convolution,) = (node for node in tiny.graph.node if node.op_type == "Conv")
    convolution.op_type = "Identity"
    assert Counter(node.op_type for node in tiny.graph.node)["Conv"] == 0
    with pytest.raises(ModelError, match="has no convolution"):
        quantised(tiny, live_frames())


def test_what_onnx_runtime_cannot_quantise_is_one_message(tiny) -> None:
    """A convolution whose picture has one channel too few, as after editing by hand."""
    tiny.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2
    with pytest.raises(ModelError, match=r"ONNX Runtime cannot make the model int8: .*; stay with fp16"):
        quantised(tiny, live_frames())
