"""Writes a model file: graph and card in one, whole or not at all."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from selfee_rt.embed.model import CARD_KEY, ModelCard
from selfee_rt.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto

_log = logging.getLogger(__name__)


def write_model(model: "ModelProto", card: ModelCard, path: Path) -> None:
    """Write next to `path`, then rename over it: a reader sees the old file or the new one.

    `model` gets the card as its only metadata.

    Raises:
        ModelError: the file cannot be written; what was at `path` stays.
    """
    import onnx

    onnx.helper.set_model_props(model, {CARD_KEY: msgspec.json.encode(card).decode()})
    onnx.checker.check_model(model)
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(model.SerializeToString(deterministic=True))
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ModelError(f"cannot write {path}: {error.strerror}; choose a writable folder with space") from error
    _log.info("wrote %s", path)
