"""The little of CUDA that an engine needs, without torch: one GPU, one stream, page-locked memory, a graph."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from selfee_rt.errors import MissingExtra, ModelError, ProviderMissing


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU that answers."""

    name: str
    capability: str
    """Compute capability as sm86."""


def cuda_runtime() -> ModuleType:
    """CUDA's runtime, whose code comes with the package; only the driver must be there.

    Raises:
        MissingExtra: cuda-bindings is not installed.
    """
    if find_spec("cuda") is None or find_spec("cuda.bindings") is None:
        raise MissingExtra("running engines needs cuda-bindings; install selfee-rt[tensorrt]")
    from cuda.bindings import runtime

    found: ModuleType = runtime
    return found


def this_gpu() -> Gpu:
    """The GPU that engines run on: CUDA's first.

    Raises:
        MissingExtra: cuda-bindings is not installed.
        ProviderMissing: no GPU answers, with CUDA's reason.
    """
    cuda = cuda_runtime()
    try:
        if call(cuda, cuda.cudaDriverGetVersion) == (0,):
            raise ModelError("there is no NVIDIA driver")
        (count,) = call(cuda, cuda.cudaGetDeviceCount)
        if count == 0:
            raise ModelError("the driver lists none")
        (properties,) = call(cuda, cuda.cudaGetDeviceProperties, 0)
    except ModelError as error:
        raise ProviderMissing(
            f"no NVIDIA GPU answers: {error}; install or renew its driver, or set model.runtime to 'onnxruntime'"
        ) from error
    return Gpu(properties.name.decode().rstrip("\0"), f"sm{properties.major}{properties.minor}")


def call(cuda: ModuleType, function: Callable[..., tuple[Any, ...]], *arguments: Any) -> tuple[Any, ...]:
    """Results of one call of CUDA's.

    Raises:
        ModelError: in CUDA's words.
    """
    error, *results = function(*arguments)
    if error != cuda.cudaError_t.cudaSuccess:
        _, words = cuda.cudaGetErrorString(error)
        raise ModelError(f"{words.decode()} ({error.name} in {function.__name__})")
    return tuple(results)


class Stream:
    """One queue of work on the GPU; everything enqueued runs in order.

    Raises:
        ModelError: in CUDA's words, from every method.
    """

    def __init__(self, cuda: ModuleType) -> None:
        self._cuda = cuda
        flags = cuda.cudaStreamNonBlocking
        self._stream = call(cuda, cuda.cudaStreamCreateWithFlags, flags)[0]
        self.handle = int(self._stream)

    def wait(self) -> None:
        """Return when everything is done."""
        call(self._cuda, self._cuda.cudaStreamSynchronize, self._stream)

    def captured(self, enqueue: Callable[[], None]) -> "Graph":
        """A graph of what `enqueue` would enqueue; nothing of it runs now."""
        cuda = self._cuda
        call(
            cuda, cuda.cudaStreamBeginCapture, self._stream, cuda.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        )
        try:
            enqueue()
        finally:
            (graph,) = call(cuda, cuda.cudaStreamEndCapture, self._stream)
        return Graph(cuda, graph, self._stream)

    def close(self) -> None:
        """Release it."""
        call(self._cuda, self._cuda.cudaStreamDestroy, self._stream)


class Graph:
    """Work that was enqueued once and is launched whole."""

    def __init__(self, cuda: ModuleType, graph: Any, stream: Any) -> None:
        self._cuda, self._graph, self._stream = cuda, graph, stream
        (self._ready,) = call(cuda, cuda.cudaGraphInstantiate, graph, 0)

    def launch(self) -> None:
        """Enqueue all of it."""
        call(self._cuda, self._cuda.cudaGraphLaunch, self._ready, self._stream)

    def close(self) -> None:
        """Release it."""
        call(self._cuda, self._cuda.cudaGraphExecDestroy, self._ready)
        call(self._cuda, self._cuda.cudaGraphDestroy, self._graph)


class MirroredArray:
    """An array in page-locked host memory, and room for the same on the device.

    Raises:
        ModelError: there is not enough memory, or a copy failed.
    """

    def __init__(self, cuda: ModuleType, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self._cuda = cuda
        empty = np.empty(shape, dtype)
        (address,) = call(cuda, cuda.cudaHostAlloc, empty.nbytes, cuda.cudaHostAllocDefault)
        self._host_address = int(address)
        self.host: NDArray[Any] = _array_at(self._host_address, empty)
        try:
            (address,) = call(cuda, cuda.cudaMalloc, empty.nbytes)
        except ModelError:
            call(cuda, cuda.cudaFreeHost, self._host_address)
            raise
        self.device = int(address)

    def send(self, rows: int, stream: Stream) -> None:
        """Enqueue the copy of the first rows to the device."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._copy(rows, stream, self.device, self._host_address, kind)

    def fetch(self, rows: int, stream: Stream) -> None:
        """Enqueue the copy of the first rows from the device."""
        kind = self._cuda.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._copy(rows, stream, self._host_address, self.device, kind)

    def close(self) -> None:
        """Release both; `host` must not be used any more."""
        call(self._cuda, self._cuda.cudaFree, self.device)
        call(self._cuda, self._cuda.cudaFreeHost, self._host_address)

    def _copy(self, rows: int, stream: Stream, to: int, start: int, kind: Any) -> None:
        call(self._cuda, self._cuda.cudaMemcpyAsync, to, start, self.host[:rows].nbytes, kind, stream.handle)


def _array_at(address: int, like: NDArray[Any]) -> NDArray[Any]:
    """An array over memory that somebody else owns."""
    import ctypes

    memory = (ctypes.c_uint8 * like.nbytes).from_address(address)
    return np.ctypeslib.as_array(memory).view(like.dtype).reshape(like.shape)
