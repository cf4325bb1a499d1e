"""From a float32 graph to int8: convolutions with 8-bit weights and activations, calibrated on live frames."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import MissingExtra, ModelError
from selfee_rt.workbench.storage import halved

if TYPE_CHECKING:
    from onnx import ModelProto

FEWEST_CALIBRATED = 32
"""Live frames; a range from fewer is one of chance."""
BATCH = 8
KEPT_IN_FLOAT = frozenset({"GlobalAveragePool", "Gemm", "MatMul"})
"""The projector and the mean it begins with, where int8 does most harm: docs/models.md has the figures."""
PREPARED = {"onnx.quant.pre_process": "onnxruntime.quant"}
"""How ONNX Runtime's quantiser is told that constants and batch norms are folded."""


def quantised(model: "ModelProto", images: NDArray[np.uint8]) -> "ModelProto":
    """Return an int8 graph (QDQ nodes of standard ONNX); the graph given is not touched.

    Weights are int8, one scale per output channel, in 7 bits: CPUs with AVX2 but without VNNI add two products of 8 and
    8 bits in 16 and saturate. Activations are uint8, from the least to the largest value of the calibration. What
    comes after the convolutions stays float, stored as float16.

    Source: Jacob et al. 2018, CVPR, 2704-2713.

    Args:
        model: float32, or with weights stored as float16.
        images: (N, 3, H, W) uint8 live frames to calibrate on, at least 32.

    Raises:
        ModelError: too few live frames; the graph has no convolution, is quantised already or cannot be.
        MissingExtra: onnx is not installed.
    """
    if len(images) < FEWEST_CALIBRATED:
        raise ModelError(
            f"int8 is calibrated on at least {FEWEST_CALIBRATED} live frames, got {len(images)}; give a longer video"
        )
    _check(model)
    onnx, quantization = libraries()
    try:
        with TemporaryDirectory() as folder:
            folded, small = Path(folder, "folded.onnx"), Path(folder, "small.onnx")
            _fold(model, folded)
            quantization.quantize_static(
                folded,
                small,
                _reader(quantization.CalibrationDataReader, model.graph.input[0].name, images),
                quant_format=quantization.QuantFormat.QDQ,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                nodes_to_exclude=[node.name for node in onnx.load(folded).graph.node if node.op_type in KEPT_IN_FLOAT],
            )
            small_model = onnx.load(small)
    except Exception as error:  # its errors have no base of their own
        said = " ".join(str(error).split())
        raise ModelError(f"ONNX Runtime cannot make the model int8: {said}; stay with fp16") from error
    return halved(_tidied(small_model))


def libraries() -> tuple[Any, Any]:
    """The modules onnx and onnxruntime.quantization.

    Raises:
        MissingExtra: onnx is not installed.
    """
    try:
        import onnx
        from onnxruntime import quantization
    except ImportError as error:
        raise MissingExtra(f"int8 needs onnx ({error}); `pip install onnx`, or selfee-rt[train]") from error
    return onnx, quantization


def _check(model: "ModelProto") -> None:
    kinds = {node.op_type for node in model.graph.node}
    if "QuantizeLinear" in kinds:
        raise ModelError("the model is quantised already; start from the file or checkpoint that it was made from")
    if "Conv" not in kinds:
        raise ModelError("the model has no convolution, and nothing else is made int8; use it as it is")


def _fold(model: "ModelProto", path: Path) -> None:
    """Fold constants (float16 weights become float32) and batch norms, by ONNX Runtime's exact rewrites; name nodes."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(
        model.SerializeToString(),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["ConstantSharing"],  # the quantiser looks for one bias per convolution
    )
    folded = onnx.load(path)
    for number, node in enumerate(folded.graph.node):
        node.name = f"{node.op_type}_{number}"  # the quantiser tells nodes apart by name, and not all files have any
    onnx.helper.set_model_props(folded, PREPARED)
    onnx.save(folded, path)


def _reader(base: type, name: str, images: NDArray[np.uint8]) -> Any:
    """Live frames as the quantiser takes them."""

    class Reader(base):  # type: ignore[misc]  # its class is known only once it is imported
        def __init__(self) -> None:
            self._batches = _batches(name, images)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            return next(self._batches, None)

    return Reader()


def _batches(name: str, images: NDArray[np.uint8]) -> Iterator[dict[str, NDArray[np.uint8]]]:
    for i in range(0, len(images), BATCH):
        yield {name: np.ascontiguousarray(images[i : i + BATCH])}


def _tidied(model: "ModelProto") -> "ModelProto":
    """Without the operator sets that ONNX Runtime names but no node uses, which an older one may not know."""
    used = {node.domain for node in model.graph.node}
    for entry in [each for each in model.opset_import if each.domain not in used]:
        model.opset_import.remove(entry)
    return model
