"""Engine files for tests: of the tiny model, with the plan and the key that a test wants."""

from selfee_rt.embed.engine_file import EngineHeader, EngineKey, write_engine
from selfee_rt.embed.model import read_card, sha256_of
from tests.tiny_model import write_tiny_model


def tiny_model(folder):
    """Path of the tiny model in `folder`."""
    path = folder / "tiny.onnx"
    if not path.exists():
        write_tiny_model(path)
    return path


def key_of(model, **changes):
    """Key of an fp16 engine of `model` for TensorRT-RTX and sm86, but for `changes`."""
    fields = {
        "model_sha256": sha256_of(model),
        "library": "tensorrt_rtx",
        "library_version": "1.7.1.116",
        "precision": "fp16",
        "target": "sm86",
    }
    return EngineKey(**(fields | changes))


def header_of(model, *, max_batch=4, card=None, **changes):
    """Header of such an engine."""
    return EngineHeader(
        key=key_of(model, **changes), max_batch=max_batch, card=card or read_card(model), agreement={}, build_s=0.1
    )


def write_pretended(path, model, **changes):
    """Write an engine file whose plan is the ONNX file itself, as the pretended TensorRT wants it."""
    header = header_of(model, **changes)
    write_engine(path, header, model.read_bytes())
    return header
