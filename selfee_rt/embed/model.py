"""The model file: one ONNX file that carries its own card."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ModelError, ModelMismatch
from selfee_rt.types import Preprocessing

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

SHIPPED = "selfee_small.onnx"
"""The model that ships with the project."""

CARD_KEY = "selfee_rt.card"
"""Key of the card in the ONNX file's own `metadata_props`."""

EmbeddingLayer = Literal["projector", "backbone"]
"""What the embedding is: the projector's output, as in Selfee, or the ResNet's, before it."""


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model is, takes and gives, and how it was made."""

    name: str
    version: str
    backbone: str
    """For example resnet18."""
    embedding_layer: EmbeddingLayer
    embedding_dim: int
    height_px: int
    width_px: int
    interval_ms: float
    """Time between past and current, and between current and future, that it was trained at."""
    trained_interval_ms: tuple[float, float]
    """Shortest and longest interval among its training recordings."""
    channel_order: tuple[str, str, str] = ("past", "current", "future")
    preprocessing: Preprocessing = "grey_resize"
    """Name of the preparation that `compose` carries out."""
    precision: str = "fp32"
    """`fp32`, `fp16 weights` (stored so, computed in float32) or `int8` (convolutions computed in 8 bits)."""
    verification: dict[str, Any] = {}
    """Agreement with what it was made from: how compared, on what, figures; of int8 the floors too."""
    training: dict[str, Any] = {}
    """Recordings (with licences), steps, objective, seed."""
    source_sha256: str | None = None
    """Of the checkpoint or model file it was made from."""
    licence: str | None = None


def check_live_frames(card: ModelCard, images: NDArray[np.uint8]) -> None:
    """Refuse what a model does not take.

    Raises:
        ModelError: the shape is not (N, 3, H, W) with the card's size, or the dtype is not uint8.
    """
    shape = (3, card.height_px, card.width_px)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != shape:
        raise ModelError(
            f"model {card.name!r} expects live frames of shape (N, {', '.join(map(str, shape))}) and "
            f"dtype uint8, got {images.shape} {images.dtype}; compose them at the size on the model's card"
        )


class _Wish(msgspec.Struct, frozen=True):
    """The part of a card in which a newer version may ask for what this one does not know."""

    preprocessing: str = "grey_resize"


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def shipped_model() -> Path:
    """Path of the model that ships with the project.

    Raises:
        ModelError: this installation has none.
    """
    return shipped(SHIPPED)


def shipped(name: str) -> Path:
    """Path of a file that ships in `models/`: inside an installed package, beside it in a clone.

    Raises:
        ModelError: this installation does not have it.
    """
    package = Path(__file__).resolve().parent.parent
    folders = (package / "models", package.parent / "models")
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = " and ".join(str(folder) for folder in folders)
    raise ModelError(
        f"the shipped file {name} is missing, looked in {looked}; install selfee-rt again or name a file of your own"
    )


def read_card(path: Path) -> ModelCard:
    """Read and check the card of a model file, and that its graph agrees with it.

    Raises:
        ModelError: the file is missing, not an ONNX model, needs other files, has no card or an unreadable one.
        ModelMismatch: the graph is not what the card says.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return card_of(path, open_session(path, read_bytes(path), options, ["CPUExecutionProvider"]))


def read_bytes(path: Path) -> bytes:
    """Content of a model file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}; give an existing ONNX file") from error


def open_session(path: Path, content: bytes, options: "SessionOptions", providers: list[Any]) -> "InferenceSession":
    """Make an ONNX Runtime session of a file's content; `path` is for messages.

    Raises:
        ModelError: ONNX Runtime cannot use it, or it keeps weights in other files.
    """
    import onnxruntime

    options.log_severity_level = 4  # what goes wrong is raised, once, by us
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(path / "refused"))
    try:
        return onnxruntime.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        raise ModelError(_explain(path, str(error), onnxruntime.__version__)) from error


def _explain(path: Path, message: str, version: str) -> str:
    lowered = message.lower()
    if "external" in lowered or "model_path must not be empty" in lowered:
        return f"{path} keeps weights in other files, expected one self-contained ONNX file; export it again as one"
    if "opset" in lowered or "ir version" in lowered or "ir_version" in lowered:
        return f"{path} is newer than this onnxruntime ({version}): {_first_line(message)}; upgrade onnxruntime"
    return f"{path} is not an ONNX model that onnxruntime {version} can use: {_first_line(message)}"


def _first_line(message: str) -> str:
    return (message.strip().splitlines() or ["no reason given"])[0][-200:]


def card_of(path: Path, session: "InferenceSession") -> ModelCard:
    """Card of an open model, checked against its graph; `path` is for messages.

    Raises:
        ModelError: there is no card, or it cannot be read.
        ModelMismatch: the graph is not what the card says.
    """
    try:
        text = session.get_modelmeta().custom_metadata_map.get(CARD_KEY)
    except UnicodeDecodeError as error:
        raise ModelError(f"the card of {path} cannot be read: it is not UTF-8; export the model again") from error
    if text is None:
        raise ModelError(
            f"{path} has no card: expected {CARD_KEY!r} in its metadata; export the model with `selfee-rt export`"
        )
    try:
        _check_preprocessing(path, msgspec.json.decode(text, type=_Wish).preprocessing)
        card = msgspec.json.decode(text, type=ModelCard)
    except msgspec.MsgspecError as error:
        raise ModelError(f"the card of {path} cannot be read: {error}; export the model again") from error
    _check_promises(path, card)
    _check_graph(path, card, session)
    return card


def _check_preprocessing(path: Path, name: str) -> None:
    """Raise unless this version has the preparation that the card asks for."""
    known = get_args(Preprocessing)
    if name not in known:
        raise ModelMismatch(
            f"{path}: its card says preprocessing {name!r}, this version knows only {', '.join(map(repr, known))}; "
            "upgrade selfee-rt, or use another model"
        )


def _check_promises(path: Path, card: ModelCard) -> None:
    """Raise unless this version can compose what the card asks for, and its numbers can be true."""
    expected = ("past", "current", "future")
    if card.channel_order != expected:
        raise ModelMismatch(
            f"{path}: its card says channel_order {card.channel_order!r}, this version knows only {expected!r}"
        )
    shortest, longest = card.trained_interval_ms
    numbers = (card.embedding_dim, card.height_px, card.width_px, card.interval_ms, shortest)
    if min(numbers) <= 0 or longest < shortest:
        raise ModelError(
            f"the card of {path} cannot be true: embedding_dim, height_px, width_px and interval_ms are {numbers[:4]}, "
            f"trained_interval_ms is {card.trained_interval_ms}; expected them above 0 and the shorter interval first; "
            "export the model again"
        )


def _check_graph(path: Path, card: ModelCard, session: "InferenceSession") -> None:
    """Raise unless the graph takes (N, 3, H, W) uint8 and gives (N, D) float32, as the card says."""
    got = [(node.type, list(node.shape)[1:]) for node in (*session.get_inputs(), *session.get_outputs())]
    expected = [
        ("tensor(uint8)", [3, card.height_px, card.width_px]),
        ("tensor(float)", [card.embedding_dim]),
    ]
    if len(session.get_inputs()) != 1 or got != expected:
        raise ModelMismatch(
            f"{path}: its graph has the inputs and outputs {got} per live frame, its card says {expected}; "
            "export the model again"
        )
