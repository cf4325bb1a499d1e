"""From a checkpoint to one ONNX file that carries its own card, written only if it agrees with its source."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from selfee_rt.embed.model import CARD_KEY, ModelCard, sha256_of
from selfee_rt.errors import MissingExtra, ModelError
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.stored_run import load_checkpoint, load_network
from selfee_rt.workbench.train_settings import TrainSettings

OPSET = 17
MIN_CENTRED_COSINE = 0.999
"""Least agreement, over every live frame compared, between the file and the network it was made from."""
HALF = "fp16 weights"
"""`ModelCard.precision` of a file whose weights take half the room and are computed with in float32."""
SMALLEST_HALVED = 1024
"""Tensors with fewer values (biases, constants) stay float32."""

Layer = Literal["projector", "backbone"]
"""What the embedding is: the projector's output, as in Selfee, or the ResNet's, before it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the exported file compares with its source on the same live frames."""

    live_frames: int
    centred_cosine_min: float
    """Of each pair of embeddings, both centred on the source's mean: backbone cosines hide damage."""
    centred_cosine_median: float
    max_difference: float
    """Largest absolute difference of any component."""
    on: str
    """What was compared on."""

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the card."""
        return {
            "compared": "onnxruntime (cpu, float32) with the torch network in float32",
            "on": self.on,
            "live_frames": self.live_frames,
            "centred_cosine_min": round(self.centred_cosine_min, 7),
            "centred_cosine_median": round(self.centred_cosine_median, 7),
            "max_difference": round(self.max_difference, 6),
        }


class _Deployed(nn.Module):
    """What is exported: uint8 live frames in, embeddings out."""

    def __init__(self, network: SelfeeNetwork, layer: str) -> None:
        super().__init__()
        self.backbone = network.backbone
        self.projector = network.projector if layer == "projector" else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Take (N, 3, H, W) uint8 to (N, D) float32."""
        embedding: Tensor = self.projector(self.backbone(images.float() / 255.0))
        return embedding


def export_checkpoint(
    checkpoint: Path,
    path: Path,
    images: NDArray[np.uint8],
    compared_on: str,
    *,
    name: str,
    version: str,
    licence: str | None,
    layer: Layer = "projector",
) -> Agreement:
    """Write the network of a checkpoint to `path`; see `export_model`.

    Raises:
        ModelError: it is not a checkpoint, or the file would not agree with it; nothing is written.
    """
    stored = load_checkpoint(checkpoint)
    network, settings = load_network(stored)
    card = ModelCard(
        name=name,
        version=version,
        backbone=settings.shape.backbone,
        embedding_layer=layer,
        embedding_dim=_width(network, layer),
        height_px=settings.size_px[0],
        width_px=settings.size_px[1],
        interval_ms=settings.interval_ms,
        trained_interval_ms=_trained_range(stored["notes"], settings),
        precision=HALF,
        training={"objective": "SimSiam + CLD", "steps_done": stored["step"], **settings.as_dict(), **stored["notes"]},
        source_sha256=sha256_of(checkpoint),
        licence=licence,
    )
    return export_model(network, card, path, images, compared_on)


def _width(network: SelfeeNetwork, layer: str) -> int:
    """Return the number of components that this layer's output has."""
    return network.shape.embedding_dim if layer == "projector" else network.features_dim


def _trained_range(notes: dict[str, Any], settings: TrainSettings) -> tuple[float, float]:
    """Shortest and longest interval among the recordings, which are as near as their frame rates allow."""
    intervals = [float(each["interval_ms"]) for each in notes.get("recordings", ())] or [settings.interval_ms]
    return min(intervals), max(intervals)


def export_model(
    network: SelfeeNetwork, card: ModelCard, path: Path, images: NDArray[np.uint8], compared_on: str
) -> Agreement:
    """Write `network` to `path` as ONNX with `card`, after comparing the two on `images`.

    Args:
        network: the trained network; its batch norms are folded.
        card: everything but the verification, which is filled in here.
        path: replaced in one step; untouched if anything fails.
        images: (N, 3, H, W) uint8 live frames to compare on; at least 8, so that they can be centred.
        compared_on: what the live frames are, for the card.

    Raises:
        ModelError: the shapes do not fit the card, or file and network disagree; nothing is written.
        MissingExtra: onnx is not installed.
    """
    _check(card, network, images)
    source = _Deployed(network, card.embedding_layer).eval()
    model = _traced(source, card)
    if card.precision == HALF:
        _halve_weights(model)
    agreement = _compare(source, model.SerializeToString(), images, compared_on)
    _write(model, msgspec.structs.replace(card, verification=agreement.as_dict()), path)
    return agreement


def _check(card: ModelCard, network: SelfeeNetwork, images: NDArray[np.uint8]) -> None:
    """Refuse what cannot be exported or compared."""
    expected = (3, card.height_px, card.width_px)
    if images.dtype != np.uint8 or images.shape[1:] != expected or len(images) < 8:
        raise ModelError(f"to verify the export, got {images.dtype} {images.shape}, expected at least 8 x {expected}")
    if card.embedding_dim != _width(network, card.embedding_layer) or network.shape.backbone != card.backbone:
        raise ModelError(f"the network is {network.shape}, the card says {card.backbone}, {card.embedding_dim} wide")


def _traced(source: nn.Module, card: ModelCard) -> Any:
    """Trace to an ONNX ModelProto with a dynamic number of live frames."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("exporting needs onnx; install selfee-rt[train]") from error
    example = torch.zeros(2, 3, card.height_px, card.width_px, dtype=torch.uint8)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        traced = Path(folder, "traced.onnx")
        warnings.simplefilter("ignore", DeprecationWarning)  # the successor needs a package that this one does not
        torch.onnx.export(
            source,
            (example,),
            traced,
            dynamo=False,
            opset_version=OPSET,
            input_names=["live_frames"],
            output_names=["embedding"],
            dynamic_axes={"live_frames": {0: "N"}, "embedding": {0: "N"}},
        )
        return onnx.load(traced)


def _halve_weights(model: Any) -> None:
    """Store large weights as float16 with a Cast to float32, which ONNX Runtime folds when it loads the file."""
    import onnx
    from onnx import helper, numpy_helper

    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALVED:
            continue
        with np.errstate(over="ignore"):
            half = numpy_helper.to_array(tensor).astype(np.float16)
        if not np.isfinite(half).all():
            raise ModelError(f"weight {tensor.name} does not fit float16; export with float32 weights")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, name + ".half"))
        casts.append(
            helper.make_node("Cast", [name + ".half"], [name], name=name + ".float", to=onnx.TensorProto.FLOAT)
        )
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _compare(source: nn.Module, model: bytes, images: NDArray[np.uint8], compared_on: str) -> Agreement:
    """Run both on the same live frames."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = np.concatenate([source(torch.from_numpy(part)).numpy() for part in _parts(images)])  # (N, D)
    got = np.concatenate([session.run(None, {"live_frames": part})[0] for part in _parts(images)])
    cosines = _cosines(expected - expected.mean(axis=0), got - expected.mean(axis=0))
    agreement = Agreement(
        len(images), float(cosines.min()), float(np.median(cosines)), float(np.abs(got - expected).max()), compared_on
    )
    if not agreement.centred_cosine_min >= MIN_CENTRED_COSINE:
        raise ModelError(
            f"the exported file does not agree with its network: centred cosine down to "
            f"{agreement.centred_cosine_min:.5f} on {compared_on}, expected {MIN_CENTRED_COSINE}; nothing was written"
        )
    return agreement


def _parts(images: NDArray[np.uint8], size: int = 16) -> list[NDArray[np.uint8]]:
    return [np.array(images[i : i + size]) for i in range(0, len(images), size)]


def _cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each pair of rows; 1 where both rows are zero."""
    dots = (a * b).sum(axis=1)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.where(norms > 0, dots / np.maximum(norms, np.finfo(np.float32).tiny), 1.0).astype(np.float32)


def _write(model: Any, card: ModelCard, path: Path) -> None:
    """Write next to `path`, then rename over it: a reader sees the old file or the new one."""
    import onnx

    onnx.helper.set_model_props(model, {CARD_KEY: msgspec.json.encode(card).decode()})
    onnx.checker.check_model(model)
    partial = path.with_name(path.name + ".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(model.SerializeToString(deterministic=True))
    partial.replace(path)
    _log.info("wrote %s", path)
