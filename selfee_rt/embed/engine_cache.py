"""Where engines are kept, and which of them fits: of this model, library, precision and GPU, and for enough arenas."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from selfee_rt.embed.cuda import Gpu
from selfee_rt.embed.engine_file import EngineHeader, EngineKey, read_engine
from selfee_rt.embed.tensorrt_library import Library
from selfee_rt.errors import ModelError, ModelMismatch
from selfee_rt.types import EnginePrecision


def default_folder() -> Path:
    """This user's cache of engines."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "selfee-rt" / "engines"


def engine_path(folder: Path, key: EngineKey) -> Path:
    """Where an engine of this key is kept."""
    target = re.sub(r"[^A-Za-z0-9]+", "-", key.target)
    name = f"{key.model_sha256[:16]}_{key.library}-{key.library_version}_{key.precision}_{target}.engine"
    return folder / name


def find_engine(
    folder: Path, model: Path, model_sha256: str, libraries: Sequence[Library], gpu: Gpu, precision: EnginePrecision
) -> tuple[Path, Library]:
    """The engine in `folder` for this model and GPU, and the library that runs it; nothing of it is loaded.

    Raises:
        ModelError: there is none, with the command that builds it.
    """
    for library in libraries:
        path = engine_path(folder, key_for(model_sha256, library, precision, gpu))
        if path.exists():
            return path, library
    titles = " or ".join(each.title for each in libraries)
    raise ModelError(
        f"no engine of {model} in {precision} for {gpu.name} ({gpu.capability}) and {titles} in {folder}; "
        f"run `selfee-rt engine {model} --precision {precision}`"
    )


def key_for(model_sha256: str, library: Library, precision: EnginePrecision, gpu: Gpu) -> EngineKey:
    """Key of the engine that this library runs on this GPU."""
    return EngineKey(
        model_sha256=model_sha256,
        library=library.name,
        library_version=library.version,
        precision=precision,
        target=library.target_of(gpu),
    )


def check_engine(path: Path, header: EngineHeader, expected: EngineKey, batch: int) -> None:
    """Raise unless an engine is what it must be; `path` is for messages.

    Raises:
        ModelMismatch: naming everything that differs.
    """
    wrong = differences(header.key, expected)
    if header.max_batch < batch:
        wrong.append(f"takes at most {header.max_batch} live frames at once, this session has {batch} arenas")
    if wrong:
        raise ModelMismatch(f"the engine {path} does not fit: it {', and '.join(wrong)}; build it again with "
                            f"`selfee-rt engine MODEL --precision {expected.precision} --arenas {batch}`")  # fmt: skip


def differences(key: EngineKey, expected: EngineKey) -> list[str]:
    """What differs between two keys, each as the end of a sentence that begins with the engine."""
    sentences = {
        "model_sha256": "was built of the model {}, this one is {}",
        "library": "was built by {}, here it would be run by {}",
        "library_version": "was built by version {} of the library, installed is {}",
        "precision": "computes in {}, asked for is {}",
        "target": "was built for {}, this machine has {}",
    }
    pairs = ((name, getattr(key, name), getattr(expected, name)) for name in sentences)
    return [sentences[name].format(_short(got), _short(want)) for name, got, want in pairs if got != want]


def _short(value: str) -> str:
    return f"{value[:12]}…" if len(value) == 64 else value


def fresh_header(path: Path, key: EngineKey, max_batch: int) -> EngineHeader | None:
    """Header of the engine at `path` where it is whole and exactly this one, so that it need not be built."""
    try:
        header, _ = read_engine(path)
    except ModelError:
        return None
    return header if header.key == key and header.max_batch == max_batch else None
