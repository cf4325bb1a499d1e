"""A network in float16 is float16 throughout, and is refused where it is not the model any more."""

import numpy as np
import pytest

from selfee_rt.embed.model import shipped_model
from selfee_rt.errors import ModelError
from selfee_rt.workbench import engine_half
from selfee_rt.workbench.engine_half import half_network
from tests.embed.built import moving
from tests.embed.engines import tiny_model
from tests.support import need_module


@pytest.fixture
def model(tmp_path):
    need_module("onnx")
    return tiny_model(tmp_path)


def changed(model, name, change):
    """Write the model back with one constant changed."""
    onnx = need_module("onnx")
    network = onnx.load(str(model))
    for tensor in network.graph.initializer:
        if tensor.name == name:
            tensor.CopyFrom(onnx.numpy_helper.from_array(change(onnx.numpy_helper.to_array(tensor)), name))
    model.write_bytes(network.SerializeToString())
    return model


def test_every_tensor_between_input_and_output_is_float16(model):
    onnx = need_module("onnx")
    network, _ = half_network(model, moving(model, 8), "a test")
    graph = onnx.shape_inference.infer_shapes(onnx.load_from_string(network), strict_mode=True).graph
    float16, float32, uint8 = (getattr(onnx.TensorProto, each) for each in ("FLOAT16", "FLOAT", "UINT8"))
    assert {each.data_type for each in graph.initializer} == {float16}
    assert {each.type.tensor_type.elem_type for each in graph.value_info} == {float16}
    assert [each.type.tensor_type.elem_type for each in (*graph.input, *graph.output)] == [uint8, float32]


def test_the_float16_network_computes_what_the_model_does(model):
    import onnxruntime

    images = moving(model, 8)
    network, agreement = half_network(model, images, "a test")
    got, expected = (
        onnxruntime.InferenceSession(each, providers=["CPUExecutionProvider"]).run(None, {"image": images})[0]
        for each in (network, model.read_bytes())
    )
    np.testing.assert_allclose(got, expected, atol=2e-3)
    assert agreement.live_frames == 8
    assert agreement.centred_cosine_min > 0.999
    assert 0 < agreement.max_difference < 2e-3
    assert 150 < agreement.largest_value < 255.5


def test_the_comparison_rounds_every_tensor_and_not_only_the_weights(model):
    """With constants that float16 holds exactly, ONNX Runtime computes the float16 file on a processor in float32."""
    import onnxruntime

    for name in ("scale", "differences", "weights"):
        changed(model, name, lambda array: array.astype(np.float16).astype(np.float32))
    images = moving(model, 8)
    network, agreement = half_network(model, images, "a test")
    on_processor, expected = (
        onnxruntime.InferenceSession(each, providers=["CPUExecutionProvider"]).run(None, {"image": images})[0]
        for each in (network, model.read_bytes())
    )
    assert agreement.max_difference > 10 * np.abs(on_processor - expected).max()
    assert agreement.max_difference > 1e-5


def test_a_constant_beyond_float16_is_named(model):
    changed(model, "weights", lambda array: array * np.float32(1e6))
    changed(model, "scale", lambda array: array / np.float32(1e6))
    with pytest.raises(ModelError, match=r"constant weights reaches .*e\+05, more than float16 holds \(65504\).*tf32"):
        half_network(model, moving(model, 8), "a test")


def test_values_beyond_float16_are_found_on_live_frames(model):
    changed(model, "scale", lambda array: array * np.float32(6e4))
    with pytest.raises(ModelError, match=r"its values reach .* in \w+, more than float16 holds"):
        half_network(model, moving(model, 8), "a test")


def test_a_network_that_loses_too_much_is_refused(model, monkeypatch):
    monkeypatch.setattr(engine_half, "MIN_CENTRED_COSINE", 1.0)
    with pytest.raises(ModelError, match=r"loses too much in float16: centred cosine down to 0\.99.* on a test"):
        half_network(model, moving(model, 8), "a test")


def test_too_few_live_frames_prove_nothing(model):
    with pytest.raises(ModelError, match="got 7 live frames of a test, expected at least 8"):
        half_network(model, moving(model, 7), "a test")


def test_batch_norms_and_stored_casts_of_a_real_network_are_folded_first():
    onnx = need_module("onnx")
    network, agreement = half_network(shipped_model(), moving(shipped_model(), 8), "moving noise")
    operators = [each.op_type for each in onnx.load_from_string(network).graph.node]
    assert "BatchNormalization" not in operators
    assert operators.count("Cast") == 2  # uint8 in, float32 out
    assert agreement.centred_cosine_min > 0.999
