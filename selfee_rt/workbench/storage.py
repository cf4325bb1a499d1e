"""How a model file stores its weights: what that does to the graph, and how exact the result has to be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from selfee_rt.errors import ModelError
from selfee_rt.workbench.comparison import Tolerance

if TYPE_CHECKING:
    from onnx import ModelProto

SMALLEST_HALVED = 1024
"""Tensors with fewer values (biases, constants) stay float32."""


@dataclass(frozen=True, slots=True)
class Storage:
    """One way to store weights."""

    name: str
    """`ModelCard.precision`."""
    change: "Callable[[ModelProto], ModelProto]"
    """From the float32 graph to the one that is written; the graph given is not touched."""
    tolerance: Tolerance


def unchanged(model: "ModelProto") -> "ModelProto":
    """Leave the weights as they are."""
    return model


def halved(model: "ModelProto") -> "ModelProto":
    """Store large weights as float16 with a Cast to float32, which ONNX Runtime folds when it loads the file.

    Raises:
        ModelError: a weight is too large for float16.
    """
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    changed = ModelProto()
    changed.CopyFrom(model)
    casts = []
    for tensor in changed.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALVED:
            continue
        with np.errstate(over="ignore"):
            half = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(half).all():
            raise ModelError(f"weight {tensor.name} does not fit float16; export with --precision fp32")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, name + ".half"))
        casts.append(helper.make_node("Cast", [name + ".half"], [name], name=name + ".float", to=TensorProto.FLOAT))
    nodes = [*casts, *changed.graph.node]
    del changed.graph.node[:]
    changed.graph.node.extend(nodes)
    return changed


FULL = Storage("fp32", unchanged, Tolerance(0.99999, 1e-4, "try another version of torch or onnxruntime"))
HALF = Storage("fp16 weights", halved, Tolerance(0.999, 0.02, "use --precision fp32"))
"""Half the room; computed with in float32."""
