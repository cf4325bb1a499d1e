"""A pretended GPU for tests of what surrounds an engine: CUDA's memory is the host's, and a plan is an ONNX file.

It computes what ONNX Runtime computes, in order, at once. That an engine runs on a real GPU is for the `gpu` mark.
"""

import ctypes
import importlib.machinery
import sys
from types import SimpleNamespace

import numpy as np

OK = SimpleNamespace(name="cudaSuccess")
STREAM = 77
FAILED = SimpleNamespace(name="cudaErrorMemoryAllocation")


class PretendCuda:
    """The part of cuda.bindings.runtime that is used; `held` is what was allocated and not released."""

    cudaStreamNonBlocking = 1  # noqa: N815
    cudaHostAllocDefault = 0  # noqa: N815
    cudaError_t = SimpleNamespace(cudaSuccess=OK)  # noqa: N815
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)  # noqa: N815
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)  # noqa: N815

    def __init__(self, name="Pretended RTX", major=8, minor=6, room=1 << 30):
        self.held, self.calls, self.room = {}, [], room
        self.recording = None
        self.properties = SimpleNamespace(name=name.encode(), major=major, minor=minor)

    def cudaGetErrorString(self, error):
        return OK, b"out of memory"

    def cudaDriverGetVersion(self):
        return OK, 13000

    def cudaGetDeviceCount(self):
        return OK, 1

    def cudaGetDeviceProperties(self, device):
        return OK, self.properties

    def cudaStreamCreateWithFlags(self, flags):
        self.held[STREAM] = "stream"
        return OK, STREAM

    def cudaStreamSynchronize(self, stream):
        assert self.recording is None
        return (OK,)

    def cudaStreamDestroy(self, stream):
        del self.held[stream]
        return (OK,)

    def cudaMalloc(self, size):
        return self.cudaHostAlloc(size, 0) if size <= self.room else (FAILED, None)

    def cudaHostAlloc(self, size, flags):
        memory = ctypes.create_string_buffer(size)
        address = ctypes.addressof(memory)
        self.held[address] = memory
        return OK, address

    def cudaFree(self, address):
        del self.held[address]
        return (OK,)

    cudaFreeHost = cudaFree  # noqa: N815

    def cudaMemcpyAsync(self, to, start, size, kind, stream):
        assert stream == STREAM
        self.run(lambda: ctypes.memmove(to, start, size))
        return (OK,)

    def cudaStreamBeginCapture(self, stream, mode):
        self.recording = []
        return (OK,)

    def cudaStreamEndCapture(self, stream):
        graph, self.recording = tuple(self.recording), None
        self.held[("graph", id(graph))] = graph
        return OK, ("graph", id(graph))

    def cudaGraphInstantiate(self, graph, flags):
        self.held[("ready", graph)] = self.held[graph]
        return OK, ("ready", graph)

    def cudaGraphLaunch(self, ready, stream):
        self.calls.append("graph")
        for each in self.held[ready]:
            each()
        return (OK,)

    def cudaGraphExecDestroy(self, ready):
        return self.cudaFree(ready)

    def cudaGraphDestroy(self, graph):
        return self.cudaFree(graph)

    def run(self, work):
        """Do it now, or remember it while a graph is captured."""
        if self.recording is None:
            work()
        else:
            self.recording.append(work)


class Logger:
    """What a library's loggers are made of."""

    Severity = SimpleNamespace(ERROR="error", INTERNAL_ERROR="internal", INFO="info")


class PretendTensorRt:
    """A module like TensorRT's whose plans are ONNX files; `refuse` makes it accept none, `refuse_run` run none."""

    ILogger = Logger
    DataType = SimpleNamespace(UINT8="uint8", FLOAT="float32")
    TensorIOMode = SimpleNamespace(INPUT="input", OUTPUT="output")
    DynamicShapesKernelSpecializationStrategy = SimpleNamespace(EAGER="eager")
    CudaGraphStrategy = SimpleNamespace(WHOLE_GRAPH_CAPTURE="whole", DISABLED="disabled")
    ComputeCapability = SimpleNamespace(__members__={"SM86": 1, "SM75": 2, "SM120": 3, "CURRENT": 4})

    def __init__(self, cuda, name="tensorrt_rtx", version="1.7.1.116"):
        self.cuda, self.name, self.__version__ = cuda, name, version
        self.__spec__ = importlib.machinery.ModuleSpec(name, None)
        self.runtime_config = SimpleNamespace()
        self.refuse = self.refuse_run = False
        self.logger = None

    def Runtime(self, logger):
        self.logger = logger
        return SimpleNamespace(deserialize_cuda_engine=self._deserialised)

    def _deserialised(self, plan):
        import onnxruntime

        if self.refuse:
            self.logger.log("error", "Version tag does not\n match")
            self.logger.log("info", "never mind")
            return None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return Engine(self, onnxruntime.InferenceSession(plan, options, providers=["CPUExecutionProvider"]))


class Engine:
    """An ONNX Runtime session that answers as an engine does."""

    num_io_tensors = 2

    def __init__(self, library, session):
        self.library, self.session = library, session
        self.nodes = {each.name: each for each in (*session.get_outputs(), *session.get_inputs())}

    def get_tensor_name(self, index):
        return list(self.nodes)[index]

    def get_tensor_mode(self, name):
        modes = self.library.TensorIOMode
        return modes.INPUT if self.nodes[name].type == "tensor(uint8)" else modes.OUTPUT

    def get_tensor_dtype(self, name):
        types = self.library.DataType
        return types.UINT8 if self.nodes[name].type == "tensor(uint8)" else types.FLOAT

    def get_tensor_shape(self, name):
        return (-1, *self.nodes[name].shape[1:])

    def create_runtime_config(self):
        return self.library.runtime_config

    def create_execution_context(self, runtime_config=None):
        assert (runtime_config is not None) == (self.library.name == "tensorrt_rtx")
        return Context(self.library, self.session)


class Context:
    """Runs at the addresses it was given, in the shape it was given."""

    def __init__(self, library, session):
        self.library, self.session, self.shapes, self.addresses = library, session, {}, {}

    def set_input_shape(self, name, shape):
        self.shapes[name] = tuple(shape)
        return True

    def set_tensor_address(self, name, address):
        self.addresses[name] = address
        return True

    def execute_async_v3(self, stream):
        assert stream == STREAM
        if self.library.refuse_run:
            self.library.logger.log("error", "illegal memory access")
            return False
        self.library.cuda.run(self._execute)
        return True

    def _execute(self):
        ((name, shape),) = self.shapes.items()
        output = self.session.get_outputs()[0].name
        images = np.frombuffer(ctypes.string_at(self.addresses[name], int(np.prod(shape))), np.uint8)
        found = self.session.run(None, {name: images.reshape(shape)})[0]
        ctypes.memmove(self.addresses[output], found.tobytes(), found.nbytes)


def pretend(monkeypatch, library="tensorrt_rtx", version="1.7.1.116", **gpu):
    """Let this process see one pretended GPU and one pretended TensorRT; return both."""
    from selfee_rt.embed import cuda, tensorrt_engine

    pretended = PretendCuda(**gpu)
    module = PretendTensorRt(pretended, library, version)
    monkeypatch.setattr(cuda, "cuda_runtime", lambda: pretended)
    monkeypatch.setattr(tensorrt_engine, "cuda_runtime", lambda: pretended)
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, module if name == library else None)
    return pretended, module
