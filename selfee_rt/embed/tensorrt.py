"""Embeds live frames with a TensorRT engine, without ONNX Runtime and without torch."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.embed.cuda import Gpu, this_gpu
from selfee_rt.embed.engine_cache import check_engine, default_folder, find_engine, key_for
from selfee_rt.embed.engine_file import EngineHeader, read_engine, read_header
from selfee_rt.embed.model import ModelCard, check_live_frames, sha256_of
from selfee_rt.embed.tensorrt_engine import TensorRtEngine
from selfee_rt.embed.tensorrt_library import Library, choose_library, installed_libraries
from selfee_rt.errors import ModelError
from selfee_rt.types import EnginePrecision

_WARM_UP_RUNS = 5


class TensorRtEmbedder:
    """One engine, loaded and warmed up; `batch` live frames, one per arena, are embedded at once.

    Other numbers are embedded in parts of `batch`, so that a live frame is computed in the same shape live and offline.
    `model_id` is that of the ONNX file the engine was built of.

    Raises:
        ModelError: the library or CUDA refuses, in its words.
        ModelMismatch: the engine is not what its card says.
    """

    def __init__(
        self, library: Library, header: EngineHeader, plan: bytes, gpu: Gpu, *, batch: int = 1, cuda_graph: bool = True
    ) -> None:
        self.model_id = header.key.model_sha256
        self.card: ModelCard = header.card
        self._header, self._gpu, self._batch, self._cuda_graph = header, gpu, batch, cuda_graph
        self._title = library.title
        self._engine: TensorRtEngine | None = TensorRtEngine(library, header, plan, batch, cuda_graph)
        for _ in range(_WARM_UP_RUNS):
            self.embed(np.zeros((batch, 3, self.card.height_px, self.card.width_px), np.uint8))

    @property
    def session_options_summary(self) -> dict[str, Any]:
        """How inference is set up, for the session's record."""
        return {
            "runtime": "tensorrt",
            "version": self._title,
            "precision": self._header.key.precision,
            "target": self._header.key.target,
            "gpu": self._gpu.name,
            "batch": self._batch,
            "max_batch": self._header.max_batch,
            "cuda_graph": self._cuda_graph,
        }

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed (N, 3, H, W) uint8 live frames, channels past, current, future, to (N, D) float32, newly allocated.

        Raises:
            ModelError: the shape or dtype is not what the model takes, the embedder is closed, or inference failed.
        """
        check_live_frames(self.card, images)
        if self._engine is None:
            raise ModelError(f"model {self.card.name!r} was closed; open it again")
        embeddings = np.empty((len(images), self.card.embedding_dim), np.float32)
        for start in range(0, len(images), self._batch):
            part = slice(start, start + self._batch)
            self._engine.run(images[part], embeddings[part])
        return embeddings

    def close(self) -> None:
        """Release the engine; allowed twice."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def open_engine(
    model: Path,
    *,
    precision: EnginePrecision,
    file: Path | None,
    folder: Path | None,
    batch: int,
    cuda_graph: bool,
) -> TensorRtEmbedder:
    """An embedder from the engine that was built of `model` for this GPU; nothing is built, nothing foreign loaded.

    Args:
        model: the ONNX file; its sha256 must be the engine's.
        precision: what the engine computes in.
        file: the engine; None: the one in `folder` that fits.
        folder: where engines are kept; None: this user's cache.
        batch: live frames at a time, one per arena.
        cuda_graph: launch all of the work at once.

    Raises:
        MissingExtra: TensorRT or cuda-bindings is not installed.
        ProviderMissing: no GPU answers.
        ModelError: there is no engine, or it is damaged, or refused by the library.
        ModelMismatch: the engine was built of, by or for something else.
    """
    choose_library()
    gpu, model_sha256 = this_gpu(), sha256_of(model)
    if file is None:
        place = default_folder() if folder is None else folder
        file, library = find_engine(place, model, model_sha256, installed_libraries(), gpu, precision)
    else:
        library = choose_library(read_header(file).key.library)
    header, plan = read_engine(file)
    check_engine(file, header, key_for(model_sha256, library, precision, gpu), batch)
    return TensorRtEmbedder(library, header, plan, gpu, batch=batch, cuda_graph=cuda_graph)
