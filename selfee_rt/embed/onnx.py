"""Embeds live frames with ONNX Runtime."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.embed.model import ModelCard, card_of, check_live_frames, open_session, read_bytes
from selfee_rt.embed.plugins import register_plugins, use_plugins
from selfee_rt.embed.providers import check_started, resolve, short_name
from selfee_rt.errors import ModelError, ModelMismatch

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions

_WARM_UP_RUNS = 5


class OnnxEmbedder:
    """One ONNX model, loaded, checked against its card and warmed up.

    `providers` are short names in order of preference and must all start: nothing falls back to the CPU in silence.
    `threads` are those of one inference, by default all cores but one. `batch` is the number of live frames that
    `embed` will usually be given at once: one per arena. The same live frames in the same batch give the same
    embeddings, bit for bit.

    Raises:
        ModelError: the file is not a model of ours, or this ONNX Runtime cannot run it.
        ModelMismatch: card, graph and `batch` do not fit together.
        ProviderMissing: a provider is not offered here or does not start.
    """

    def __init__(
        self, path: Path, *, providers: Sequence[str] = ("cpu",), threads: int | None = None, batch: int = 1
    ) -> None:
        content = read_bytes(path)
        self.model_id = hashlib.sha256(content).hexdigest()
        self._threads = threads or max(1, cores() - 1)
        self._session: InferenceSession | None = _open(path, content, providers, self._threads)
        self.card: ModelCard = card_of(path, self._session)
        self.providers = tuple(short_name(name) for name in self._session.get_providers())
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name
        self._warm_up(path, self._session.get_inputs()[0].shape[0], batch)

    @property
    def provider(self) -> str:
        """Short name of the provider that does the work."""
        return self.providers[0]

    @property
    def session_options_summary(self) -> dict[str, Any]:
        """How inference is set up, for the session's record."""
        import onnxruntime

        return {
            "runtime": "onnxruntime",
            "version": onnxruntime.__version__,
            "providers": list(self.providers),
            "intra_op_threads": self._threads,
            "execution_mode": "sequential",
            "graph_optimisation": "all",
            "spinning": False,
        }

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed (N, 3, H, W) uint8 live frames, channels past, current, future, to (N, D) float32, newly allocated.

        Raises:
            ModelError: the shape or dtype is not what the model takes, the embedder is closed, or inference failed.
        """
        check_live_frames(self.card, images)
        if self._session is None:
            raise ModelError(f"model {self.card.name!r} was closed; open it again")
        try:
            embeddings: NDArray[np.float32] = self._session.run([self._output], {self._input: images})[0]
        except Exception as error:  # ONNX Runtime's errors have no base of their own
            raise ModelError(f"model {self.card.name!r} failed on {len(images)} live frames: {error}") from error
        return embeddings

    def close(self) -> None:
        """Release the runtime; allowed twice."""
        self._session = None

    def _warm_up(self, path: Path, graph_batch: int | str | None, batch: int) -> None:
        """Let the first, slow inferences happen before anything is counted."""
        if isinstance(graph_batch, int) and graph_batch != batch:
            raise ModelMismatch(
                f"{path} takes exactly {graph_batch} live frames at once, this session has {batch} arenas; "
                "export the model with a free batch size"
            )
        blank = np.zeros((batch, 3, self.card.height_px, self.card.width_px), np.uint8)
        for _ in range(_WARM_UP_RUNS):
            self.embed(blank)


def cores() -> int:
    """Cores that this process may use, where Python can tell (3.13), else those there are."""
    count: int | None = getattr(os, "process_cpu_count", os.cpu_count)()
    return count or 1


def _open(path: Path, content: bytes, providers: Sequence[str], threads: int) -> "InferenceSession":
    import onnxruntime

    names = resolve(providers, [*onnxruntime.get_available_providers(), *register_plugins(providers)])
    if {"cuda", "tensorrt"} & set(providers) and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()
    options = _options(threads)
    session = open_session(path, content, options, use_plugins(options, names))
    check_started(names, session.get_providers())
    return session


def _options(threads: int) -> "SessionOptions":
    """Sequential, fully optimised, threads that sleep between operators.

    Threads that spin instead take twice as long as soon as anything else runs beside them (98 against 47 ms with two
    threads on two busy cores), and something does: capture, recording, publishing.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
