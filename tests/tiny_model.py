"""A tiny model file for tests: no training, yet different behaviours in the picture give different embeddings."""

from pathlib import Path

import msgspec
import numpy as np

from selfee_rt.embed.model import CARD_KEY, ModelCard
from tests.support import need_module

GRID = 8


def write_tiny_model(
    path: Path,
    *,
    size_px: tuple[int, int] = (32, 32),
    dim: int = 16,
    interval_ms: float = 66.7,
    seed: int = 0,
    card: ModelCard | None = None,
) -> ModelCard:
    """Write an ONNX model of a few kilobytes and return its card.

    Each of past, current, future and the two differences between them (movement) is pooled to an 8x8 grid; a fixed
    random projection of those 320 numbers through tanh is the embedding. `size_px` is (H, W), multiples of 8.
    `card` replaces the card that fits.
    """
    onnx = need_module("onnx")
    height, width = size_px
    fitting = ModelCard(
        name="tiny",
        version="1",
        backbone="pooled-grid",
        embedding_layer="projector",
        embedding_dim=dim,
        height_px=height,
        width_px=width,
        interval_ms=interval_ms,
        trained_interval_ms=(interval_ms, interval_ms),
        training={"note": "random weights, for tests"},
    )
    model = onnx.helper.make_model(
        _graph(onnx, size_px, dim, seed), opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.helper.set_model_props(model, {CARD_KEY: msgspec.json.encode(card or fitting).decode()})
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return card or fitting


def _graph(onnx, size_px, dim, seed):
    height, width = size_px
    differences = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-4, 4, 0], [0, -4, 4]], np.float32)
    weights = np.random.default_rng(seed).normal(size=(5 * GRID * GRID, dim)).astype(np.float32) / 8
    tensors = {
        "scale": np.array(1 / 255, np.float32),
        "differences": differences.reshape(5, 3, 1, 1),
        "weights": weights,
    }
    kernel = [height // GRID, width // GRID]
    node = onnx.helper.make_node
    return onnx.helper.make_graph(
        [
            node("Cast", ["image"], ["float"], to=onnx.TensorProto.FLOAT),
            node("Mul", ["float", "scale"], ["unit"]),
            node("Conv", ["unit", "differences"], ["five"], kernel_shape=[1, 1]),
            node("AveragePool", ["five"], ["grid"], kernel_shape=kernel, strides=kernel),
            node("Flatten", ["grid"], ["flat"]),
            node("MatMul", ["flat", "weights"], ["projected"]),
            node("Tanh", ["projected"], ["embedding"]),
        ],
        "tiny",
        [onnx.helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, ["n", 3, height, width])],
        [onnx.helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, ["n", dim])],
        [onnx.numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
