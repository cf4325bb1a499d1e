"""What is used of TensorRT's Python API: the same in the big TensorRT and in TensorRT-RTX, with the differences named.

The classes are named as the library names them; a test compares every member with the installed library and with the
published stubs of the big one.
"""

from collections.abc import Sequence
from typing import Any, Protocol


class IOptimizationProfile(Protocol):
    """The shapes that an engine must take."""

    def set_shape(self, input: str, min: Sequence[int], opt: Sequence[int], max: Sequence[int]) -> None:  # noqa: A002
        """Smallest, usual and largest shape of an input."""


class IBuilderConfig(Protocol):
    """How an engine is built."""

    progress_monitor: Any

    def add_optimization_profile(self, profile: IOptimizationProfile) -> int:
        """Take a profile; -1 where it is wrong."""

    def set_flag(self, flag: Any) -> None:
        """Set one BuilderFlag."""

    def clear_flag(self, flag: Any) -> None:
        """Clear one BuilderFlag."""


class IBuilderConfigRtx(IBuilderConfig, Protocol):
    """What TensorRT-RTX has besides."""

    num_compute_capabilities: int

    def set_compute_capability(self, compute_capability: Any, index: int) -> bool:
        """Build for a GPU that need not be here."""


class ITensor(Protocol):
    """An input or output of a network."""

    name: str
    shape: Any


class INetworkDefinition(Protocol):
    """The layers that a parser fills in."""

    @property
    def num_inputs(self) -> int:
        """Inputs that the network has."""

    def get_input(self, index: int) -> ITensor:
        """One of them."""


class ParserError(Protocol):
    """Why a node could not be parsed."""

    def desc(self) -> str:
        """In words."""

    def node_operator(self) -> str:
        """Its operator, empty where there is none."""

    def node_name(self) -> str:
        """Its name, often empty."""


class OnnxParser(Protocol):
    """Reads an ONNX file's bytes into a network."""

    @property
    def num_errors(self) -> int:
        """What went wrong."""

    def parse(self, model: bytes) -> bool:
        """False where something went wrong."""

    def get_error(self, index: int) -> ParserError:
        """One thing that went wrong."""


class Builder(Protocol):
    """Makes engines of networks."""

    def create_network(self, flags: int) -> INetworkDefinition:
        """An empty network."""

    def create_builder_config(self) -> IBuilderConfig:
        """Default settings."""

    def create_optimization_profile(self) -> IOptimizationProfile:
        """An empty profile."""

    def build_serialized_network(self, network: INetworkDefinition, config: IBuilderConfig) -> Any:
        """The plan, readable as a buffer; None where it failed or was stopped."""


class IExecutionContext(Protocol):
    """An engine with the memory to run once at a time."""

    def set_input_shape(self, name: str, shape: Sequence[int]) -> bool:
        """False where the shape is outside the profile."""

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """Say where an input or output lies on the device."""

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Enqueue one inference."""


class IRuntimeConfig(Protocol):
    """How TensorRT-RTX compiles and launches; the big TensorRT compiles nothing at run time."""

    cuda_graph_strategy: Any
    dynamic_shapes_kernel_specialization_strategy: Any


class ICudaEngine(Protocol):
    """A plan that the library accepted."""

    @property
    def num_io_tensors(self) -> int:
        """Inputs and outputs together."""

    def get_tensor_name(self, index: int) -> str:
        """Name of one of them."""

    def get_tensor_mode(self, name: str) -> Any:
        """TensorIOMode.INPUT or OUTPUT."""

    def get_tensor_shape(self, name: str) -> Any:
        """Its shape, -1 where it is free."""

    def get_tensor_dtype(self, name: str) -> Any:
        """Its DataType."""

    def create_execution_context(self) -> IExecutionContext | None:
        """None where the memory does not suffice."""


class ICudaEngineRtx(ICudaEngine, Protocol):
    """What TensorRT-RTX has besides."""

    def create_runtime_config(self) -> IRuntimeConfig:
        """Default settings, to be handed to `create_execution_context`."""

    def create_execution_context(self, runtime_config: IRuntimeConfig | None = None) -> IExecutionContext | None:
        """None where the memory does not suffice, or the kernels cannot be compiled."""


class Runtime(Protocol):
    """Makes plans runnable."""

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> ICudaEngine | None:
        """None where the library does not accept the plan."""
