"""From a network to one ONNX file that carries its own card, written only if it agrees with its source."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from selfee_rt.embed.model import ModelCard
from selfee_rt.errors import MissingExtra, ModelError
from selfee_rt.workbench.comparison import Agreement, compare
from selfee_rt.workbench.likeness import Embed
from selfee_rt.workbench.model_file import write_model
from selfee_rt.workbench.network import SelfeeNetwork
from selfee_rt.workbench.storage import HALF, Storage

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 17
FEWEST_COMPARED = 8
"""Live frames, so that their embeddings can be centred."""


class _Deployed(nn.Module):
    """What is exported: uint8 live frames in, embeddings out."""

    def __init__(self, network: SelfeeNetwork, embedding: str) -> None:
        super().__init__()
        self.backbone = network.backbone
        self.projector = network.projector if embedding == "projector" else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Take (N, 3, H, W) uint8 to (N, D) float32."""
        embedding: Tensor = self.projector(self.backbone(images.float() / 255.0))
        return embedding


def export_model(
    network: SelfeeNetwork,
    card: ModelCard,
    path: Path,
    images: NDArray[np.uint8],
    compared_on: str,
    storage: Storage = HALF,
) -> Agreement:
    """Write `network` to `path` as ONNX with `card`, after comparing the two on `images`.

    Args:
        network: the trained network; its batch norms are folded.
        card: everything but precision and verification, which are filled in here.
        path: replaced in one step; untouched if anything fails.
        images: (N, 3, H, W) uint8 live frames to compare on; at least 8, so that they can be centred.
        compared_on: what the live frames are, for the card.
        storage: how the weights are stored.

    Raises:
        ModelError: the shapes do not fit the card, file and network disagree, or the file cannot be written; in each
            case what was at `path` stays.
        MissingExtra: onnx is not installed.
    """
    _check(card, network, images)
    source = _Deployed(network, card.embedding_layer).eval()
    model = storage.change(_traced(source, card))
    agreement = compare(_embedding_with(source), model.SerializeToString(), images, compared_on)
    storage.tolerance.check(agreement)
    write_model(model, msgspec.structs.replace(card, precision=storage.name, verification=agreement.as_dict()), path)
    return agreement


def _check(card: ModelCard, network: SelfeeNetwork, images: NDArray[np.uint8]) -> None:
    """Refuse what cannot be exported or compared."""
    expected = (3, card.height_px, card.width_px)
    if images.dtype != np.uint8 or images.shape[1:] != expected or len(images) < FEWEST_COMPARED:
        raise ModelError(
            f"to verify the export, got {images.dtype} {images.shape}, expected at least {FEWEST_COMPARED} x {expected}"
        )
    if card.embedding_dim != network.width(card.embedding_layer) or network.shape.backbone != card.backbone:
        raise ModelError(f"the network is {network.shape}, the card says {card.backbone}, {card.embedding_dim} wide")


def _embedding_with(source: nn.Module) -> Embed:
    """What `compare` takes for the network."""

    def embed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        with torch.inference_mode():
            embeddings: NDArray[np.float32] = source(torch.from_numpy(images)).numpy()
        return embeddings

    return embed


def _traced(source: nn.Module, card: ModelCard) -> "ModelProto":
    """Trace to an ONNX model with a dynamic number of live frames."""
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
