"""A TensorRT engine on the GPU: memory for one batch of live frames, one stream, and a graph of the whole work."""

from contextlib import ExitStack
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from selfee_rt.embed.cuda import Graph, MirroredArray, Stream, cuda_runtime
from selfee_rt.embed.engine_file import EngineHeader
from selfee_rt.embed.tensorrt_api import ICudaEngine, ICudaEngineRtx, IExecutionContext, Runtime
from selfee_rt.embed.tensorrt_library import Library
from selfee_rt.embed.tensorrt_log import Complaints, logger_of
from selfee_rt.errors import ModelError, ModelMismatch


class TensorRtEngine:
    """One engine, loaded for exactly `batch` live frames at a time.

    Shapes and addresses are set once, since a captured graph holds only as long as its context is not touched.
    With TensorRT-RTX the kernels for this shape are compiled here, before anything is counted, and the library
    captures the graph itself; with the big TensorRT it is captured here, copies included.

    Raises:
        ModelError: the library or CUDA refuses, in its words.
        ModelMismatch: inputs and outputs are not what the card says.
    """

    def __init__(self, library: Library, header: EngineHeader, plan: bytes, batch: int, cuda_graph: bool) -> None:
        self._library, self._batch = library, batch
        self._complaints = Complaints()
        self._graph: Graph | None = None
        # Each must outlive the next: logger, runtime, engine, context.
        self._logger = logger_of(library, self._complaints)
        self._runtime, self._engine = _deserialised(library, plan, self._logger, self._complaints)
        names = _checked(library, self._engine, header)
        self._context = self._new_context(cuda_graph)
        card, cuda = header.card, cuda_runtime()
        with ExitStack() as stack:
            self._stream = Stream(cuda)
            stack.callback(self._stream.close)
            self._input = MirroredArray(cuda, (batch, 3, card.height_px, card.width_px), np.uint8)
            stack.callback(self._input.close)
            self._output = MirroredArray(cuda, (batch, card.embedding_dim), np.float32)
            stack.callback(self._output.close)
            self._bind(*names)
            self._enqueue()
            self._stream.wait()
            if cuda_graph and not library.is_rtx:
                self._graph = self._stream.captured(self._enqueue)
                stack.callback(self._graph.close)
            self._open = stack.pop_all()

    def run(self, images: NDArray[np.uint8], embeddings: NDArray[np.float32]) -> None:
        """Embed up to `batch` live frames, (N, 3, H, W) uint8, into `embeddings`, (N, D) float32.

        Raises:
            ModelError: the library or CUDA failed, in its words.
        """
        self._input.host[: len(images)] = images
        if self._graph is None:
            self._enqueue()
        else:
            self._graph.launch()
        self._stream.wait()
        embeddings[:] = self._output.host[: len(images)]

    def close(self) -> None:
        """Release memory, stream and graph; allowed twice."""
        self._open.close()

    def _enqueue(self) -> None:
        self._input.send(self._batch, self._stream)
        self._must(self._context.execute_async_v3(self._stream.handle), "did not start")
        self._output.fetch(self._batch, self._stream)

    def _new_context(self, cuda_graph: bool) -> IExecutionContext:
        if not self._library.is_rtx:
            context = self._engine.create_execution_context()
        else:
            config = cast(ICudaEngineRtx, self._engine).create_runtime_config()
            kernels = self._library.module.DynamicShapesKernelSpecializationStrategy
            config.dynamic_shapes_kernel_specialization_strategy = kernels.EAGER  # never other kernels mid-session
            graphs = self._library.module.CudaGraphStrategy
            config.cuda_graph_strategy = graphs.WHOLE_GRAPH_CAPTURE if cuda_graph else graphs.DISABLED
            context = cast(ICudaEngineRtx, self._engine).create_execution_context(config)
        if context is None:
            raise ModelError(f"{self._library.title} cannot run the engine: {self._complaints}")
        return context

    def _bind(self, input_name: str, output_name: str) -> None:
        context = self._context
        self._must(context.set_input_shape(input_name, self._input.host.shape), f"refused {self._batch} live frames")
        self._must(context.set_tensor_address(input_name, self._input.device), "refused its input")
        self._must(context.set_tensor_address(output_name, self._output.device), "refused its output")

    def _must(self, done: bool, what: str) -> None:
        if not done:
            raise ModelError(f"an engine of {self._library.title} {what}: {self._complaints}")


def _deserialised(library: Library, plan: bytes, logger: Any, complaints: Complaints) -> tuple[Runtime, ICudaEngine]:
    try:
        runtime: Runtime = library.module.Runtime(logger)
        engine = runtime.deserialize_cuda_engine(plan)
    except (TypeError, RuntimeError) as error:  # what the bindings make of a null pointer
        raise ModelError(f"{library.title} cannot start here: {complaints} ({error})") from error
    if engine is None:
        raise ModelError(f"{library.title} does not accept the engine: {complaints}")
    return runtime, engine


def _checked(library: Library, engine: ICudaEngine, header: EngineHeader) -> tuple[str, str]:
    """Names of input and output, where they are what the card says."""
    card, types = header.card, library.module.DataType
    names = [engine.get_tensor_name(index) for index in range(engine.num_io_tensors)]
    names.sort(key=lambda name: engine.get_tensor_mode(name) != library.module.TensorIOMode.INPUT)
    got = [(engine.get_tensor_dtype(name), tuple(engine.get_tensor_shape(name))[1:]) for name in names]
    expected = [(types.UINT8, (3, card.height_px, card.width_px)), (types.FLOAT, (card.embedding_dim,))]
    if got != expected:
        raise ModelMismatch(
            f"the engine of {card.name!r} has the inputs and outputs {got} per live frame, its card says {expected}; "
            "build it again with `selfee-rt engine`"
        )
    return names[0], names[1]
