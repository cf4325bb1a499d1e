"""A model's network computed in float16, and proof that it still is the model.

TensorRT builds strongly typed networks: what is computed in float16 must be float16 in the ONNX file. ONNX Runtime's
basic optimisation folds the stored casts and batch norms first, in float32, so that nothing delicate is left to halve.

On a processor ONNX Runtime computes such a file in float32 from rounded weights. The proof therefore runs another form
of it, in which every tensor is rounded to float16 and back where it arises; only sums within one operator stay float32.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.embed.model import open_session, read_bytes
from selfee_rt.errors import MissingExtra, ModelError
from selfee_rt.workbench.centred import centred_cosines

MIN_CENTRED_COSINE = 0.999
"""Least agreement, over every live frame compared, between the float16 network and its model."""
LARGEST_HALF = float(np.finfo(np.float16).max)
LIVE_FRAMES_RANGED = 8
"""Live frames on which every tensor of the network is looked at."""


@dataclass(frozen=True, slots=True)
class HalfAgreement:
    """How the float16 network compares with its model on the same live frames, both in ONNX Runtime."""

    on: str
    live_frames: int
    centred_cosine_min: float
    """Of each pair of embeddings, both centred on the model's mean."""
    centred_cosine_median: float
    max_difference: float
    largest_value: float
    """Of any tensor in float32, up to 65504 fits."""

    def as_dict(self) -> dict[str, Any]:
        """What goes into the engine's header."""
        return {name: round(value, 7) if isinstance(value, float) else value for name, value in asdict(self).items()}


def half_network(model: Path, images: NDArray[np.uint8], compared_on: str) -> tuple[bytes, HalfAgreement]:
    """The network of `model` in float16, uint8 in and float32 out as before, after comparing the two on `images`.

    Args:
        model: the ONNX file.
        images: (N, 3, H, W) uint8 live frames; at least 8, so that they can be centred.
        compared_on: what they are, for the header.

    Raises:
        ModelError: a value does not fit float16, or the two disagree.
        MissingExtra: onnx is not installed.
    """
    if len(images) < LIVE_FRAMES_RANGED:
        raise ModelError(
            f"to compare float16 with the model, got {len(images)} live frames of {compared_on}, expected at least "
            f"{LIVE_FRAMES_RANGED}; use a longer video"
        )
    folded = _folded(model)
    largest = _largest_value(model, folded, images[:: max(1, len(images) // LIVE_FRAMES_RANGED)][:LIVE_FRAMES_RANGED])
    half = _halved(model, folded)
    network: bytes = half.SerializeToString()
    rounded: bytes = _rounded(half).SerializeToString()
    expected, got = (_embedded(model, content, images) for content in (read_bytes(model), rounded))
    cosines = centred_cosines(expected, got, both_at_mean=1)
    agreement = HalfAgreement(
        compared_on,
        len(images),
        float(cosines.min()),
        float(np.median(cosines)),
        float(np.abs(got - expected).max()),
        largest,
    )
    if not agreement.centred_cosine_min >= MIN_CENTRED_COSINE:
        raise ModelError(
            f"{model} loses too much in float16: centred cosine down to {agreement.centred_cosine_min:.5f} on "
            f"{compared_on}, expected {MIN_CENTRED_COSINE}; build with --precision tf32, or if nothing moves there, "
            "compare on a video in which something does (--verify)"
        )
    return network, agreement


def _folded(model: Path) -> Any:
    """The network in float32 with its constants folded, as an ONNX ModelProto."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("float16 engines need onnx; install selfee-rt[tensorrt]") from error
    import onnxruntime

    with TemporaryDirectory() as folder:
        written = Path(folder, "folded.onnx")
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(written)
        open_session(model, read_bytes(model), options, ["CPUExecutionProvider"])
        return onnx.load(str(written))


def _halved(model: Path, folded: Any) -> Any:
    """A copy in which every float32 tensor is float16, but for the output."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    half = ModelProto()
    half.CopyFrom(folded)
    graph = half.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            values = _half_values(model, tensor.name, numpy_helper.to_array(tensor))
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT:
                attribute.i = TensorProto.FLOAT16
            if node.op_type == "Constant" and attribute.t.data_type == TensorProto.FLOAT:
                values = _half_values(model, node.output[0], numpy_helper.to_array(attribute.t))
                attribute.t.CopyFrom(numpy_helper.from_array(values))
    del graph.value_info[:]
    output = graph.output[0].name
    for node in graph.node:
        node.input[:] = [f"{name}.half" if name == output else name for name in node.input]
        node.output[:] = [f"{name}.half" if name == output else name for name in node.output]
    graph.node.append(helper.make_node("Cast", [f"{output}.half"], [output], to=TensorProto.FLOAT))
    return half


def _rounded(half: Any) -> Any:
    """The float16 network written in float32, with a cast to float16 and back after every node."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    rounded = ModelProto()
    rounded.CopyFrom(half)
    graph = rounded.graph
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT16:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name))
    nodes = []
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.FLOAT
            if node.op_type == "Constant" and attribute.t.data_type == TensorProto.FLOAT16:
                attribute.t.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(attribute.t).astype(np.float32)))
        name = node.output[0]
        nodes.append(node)
        if name != graph.output[0].name:
            node.output[0] = f"{name}.exact"
            nodes.append(helper.make_node("Cast", [f"{name}.exact"], [f"{name}.cut"], to=TensorProto.FLOAT16))
            nodes.append(helper.make_node("Cast", [f"{name}.cut"], [name], to=TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)
    return rounded


def _half_values(model: Path, name: str, values: NDArray[np.float32]) -> NDArray[np.float16]:
    if values.size and np.abs(values).max() > LARGEST_HALF:
        raise ModelError(f"{model}: constant {name} reaches {np.abs(values).max():.3g}, more than float16 holds "
                         f"({LARGEST_HALF:.0f}); build with --precision tf32")  # fmt: skip
    return values.astype(np.float16)


def _largest_value(model: Path, folded: Any, images: NDArray[np.uint8]) -> float:
    """Largest absolute value of any float32 tensor of the network on these live frames.

    Raises:
        ModelError: it is more than float16 holds.
    """
    from onnx import ModelProto, helper

    watched = ModelProto()
    watched.CopyFrom(folded)
    known = {each.name for each in watched.graph.output}
    names = [name for node in watched.graph.node for name in node.output if name and name not in known]
    watched.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    session = _session(model, watched.SerializeToString())
    found = {each.name: 0.0 for each in session.get_outputs()}
    for image in images:
        for name, value in zip(found, session.run(None, {session.get_inputs()[0].name: image[None]}), strict=True):
            found[name] = max(found[name], float(np.abs(value).max()))
    name = max(found, key=lambda each: found[each])
    if not found[name] <= LARGEST_HALF:
        raise ModelError(
            f"{model}: its values reach {found[name]:.3g} in {name}, more than float16 holds ({LARGEST_HALF:.0f}); "
            "build with --precision tf32"
        )
    return found[name]


def _session(model: Path, content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return open_session(model, content, options, ["CPUExecutionProvider"])


def _embedded(model: Path, content: bytes, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Embeddings (N, D), one live frame at a time."""
    session = _session(model, content)
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: image[None]})[0] for image in images])
