"""A checkpoint's file: read without executing anything in it, or refused with what it is instead."""

import codecs
import pickle
import re
from pathlib import Path
from typing import Any

import torch

from selfee_rt.errors import ModelError

HEAD_BYTES = 512
LONGEST_HEADER = 100 * 2**20
"""A safetensors file begins with the length of its header; a longer one is no such file."""


def read_checkpoint(path: Path) -> Any:
    """Read what `torch.save` wrote: tensors and plain values, on the CPU. Nothing in the file is executed.

    Raises:
        ModelError: there is no such file, it is something else, it is cut short, or it holds Python objects.
    """
    other = _instead(path)
    if other is not None:
        raise ModelError(f"{path} is not a checkpoint: {other}")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever the broken part happened to cause
        raise ModelError(f"{path} is not a checkpoint: {_explain(error)}") from error


def _instead(path: Path) -> str | None:
    """What the file is, where that can be told without torch; None where torch has to look."""
    if not path.exists():
        return "there is no such file"
    if not path.is_file():
        return "it is a folder, expected a file" if path.is_dir() else "it is no plain file"
    try:
        with path.open("rb") as file:
            return _foreign(file.read(HEAD_BYTES))
    except OSError as error:
        return f"it cannot be read ({error.strerror})"


def _foreign(head: bytes) -> str | None:
    """What begins like this, None where it could be from torch: a zip archive, or a pickle in old files."""
    if not head:
        return "it is empty; save or copy it again"
    if head.startswith((b"PK\x03\x04", b"\x80")):
        return None
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < LONGEST_HEADER:
        return "it is a safetensors file; load it in Python and keep it with torch.save(state_dict, …)"
    if head.startswith(b"\x89HDF"):
        return "it is an HDF5 file, which Keras and others write; expected a state dict kept with torch.save"
    if re.match(rb"\x08[\x01-\x20][\x12\x1a\x22\x28\x32\x3a\x42]", head):
        return (
            "it looks like an ONNX model; a session takes one with a card as it is, and where its name ends in .onnx, "
            "--precision int8 makes a smaller one of it"
        )
    return "it is text; expected what torch.save wrote" if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character.isspace() for character in text)


def _explain(error: Exception) -> str:
    """Say what torch stumbled over, in one line."""
    named = re.search(r"(?:GLOBAL|Unsupported class|Unsupported operand|class) ([\w.]+\.[\w.]+)", str(error))
    if isinstance(error, pickle.UnpicklingError) and named:
        return (
            f"besides weights it holds Python objects ({named[1]}), expected a state dict; nothing in it was executed. "
            "If you trust the file, load it where it was made and keep torch.save(model.state_dict(), …)"
        )
    if "TorchScript" in str(error):
        return "it is a TorchScript archive; keep torch.save(model.state_dict(), …) where it was made"
    first = (str(error).strip().splitlines() or ["no reason given"])[0][:160]
    return f"it is cut short, damaged or not from torch.save ({type(error).__name__}: {first}); copy it again"
