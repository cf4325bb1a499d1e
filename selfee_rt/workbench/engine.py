"""From a model file to an engine: parsed, built for one GPU or capability, and kept with what it was built of."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from selfee_rt.embed.cuda import this_gpu
from selfee_rt.embed.engine_file import EngineHeader, EngineKey
from selfee_rt.embed.model import read_card, sha256_of
from selfee_rt.embed.tensorrt_api import Builder, IBuilderConfig, IBuilderConfigRtx, INetworkDefinition, OnnxParser
from selfee_rt.embed.tensorrt_library import Library, capability_number
from selfee_rt.embed.tensorrt_log import Complaints, logger_of
from selfee_rt.errors import ModelError, ProviderMissing
from selfee_rt.types import EnginePrecision

Progress = Callable[[str, int, int], None]
"""Called with the outermost phase or the one in it, the steps done and their number."""


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """What to build, checked as far as it can be without building."""

    model: Path
    library: Library
    key: EngineKey
    capability: str
    """Of the GPU it is for, as sm86."""
    max_batch: int


class BuildStopped(ModelError):
    """The user stopped a build; nothing was written."""


def plan_engine(
    model: Path, library: Library, precision: EnginePrecision, capability: str | None, max_batch: int
) -> EnginePlan:
    """Find out what must be built: for `capability`, or for the GPU of this machine where that is None.

    Raises:
        ModelError: the model cannot be used, or the library cannot build for this capability.
        ProviderMissing: no capability is named and no GPU answers.
    """
    card = read_card(model)
    if card.precision == "int8":
        raise ModelError(
            f"{model} was quantised for processors, which TensorRT cannot run; build from the unquantised model"
        )
    if capability is None:
        gpu = _gpu_for(library)
        target, capability = library.target_of(gpu), gpu.capability
    else:
        _check_capability(library, capability)
        target = capability
    key = EngineKey(
        model_sha256=sha256_of(model),
        library=library.name,
        library_version=library.version,
        precision=precision,
        target=target,
    )
    return EnginePlan(model, library, key, capability, max_batch)


def _gpu_for(library: Library) -> Any:
    """The GPU of this machine, if the library builds for it."""
    try:
        gpu = this_gpu()
    except ProviderMissing as error:
        if not library.is_rtx:
            raise
        raise ProviderMissing(
            f"{error}; or name the GPU to build for: --capability {'|'.join(library.capabilities)}"
        ) from error
    oldest = min(map(capability_number, library.capabilities), default=0)
    if capability_number(gpu.capability) < oldest:
        raise ModelError(
            f"{gpu.name} ({gpu.capability}) is too old for {library.title}, which begins at sm{oldest}; "
            'run the model with model.runtime = "onnxruntime"'
        )
    return gpu


def _check_capability(library: Library, capability: str) -> None:
    if not library.is_rtx:
        raise ModelError(
            f"--capability was given, but {library.title} builds only for the GPU of the machine it runs on; leave it "
            "out there, or build with TensorRT-RTX"
        )
    if capability not in library.capabilities:
        raise ModelError(
            f"capability {capability!r} is unknown to {library.title}, expected one of: "
            f"{', '.join(library.capabilities)}"
        )


def build_engine(
    plan: EnginePlan,
    network: bytes,
    agreement: dict[str, Any],
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[EngineHeader, bytes]:
    """Build an engine of an ONNX network, the model's own or its float16 form; return what the engine file holds.

    Args:
        plan: what is built.
        network: the ONNX file's bytes.
        agreement: how the network agrees with the model, for the header.
        progress: told what is being done.
        stopped: asked at every step; True ends the build.

    Raises:
        ModelError: the library cannot parse or build it, in its words.
        BuildStopped: `stopped` said so.
    """
    began = time.perf_counter()
    complaints = Complaints()
    library = plan.library
    logger, monitor = logger_of(library, complaints), _monitor(library, progress, stopped)
    try:
        builder: Builder = library.module.Builder(logger)
        parsed, parser = _parsed(plan, builder, network, logger, complaints)  # a parser must outlive its network
        config = _config(plan, builder, parsed)
        config.progress_monitor = monitor
        memory = builder.build_serialized_network(parsed, config)
        del parser
    except (TypeError, RuntimeError) as error:  # what the bindings make of a null pointer
        raise ModelError(f"{library.title} cannot build here: {complaints} ({error})") from error
    if stopped():
        raise BuildStopped(f"stopped after {time.perf_counter() - began:.1f} s; no engine was written")
    if memory is None:
        raise ModelError(
            f"{library.title} cannot build {plan.model} in {plan.key.precision} for {plan.key.target}: {complaints}; "
            "try another --precision"
        )
    header = EngineHeader(
        key=plan.key,
        max_batch=plan.max_batch,
        card=read_card(plan.model),
        agreement=agreement,
        build_s=round(time.perf_counter() - began, 2),
    )
    return header, bytes(memory)


def _parsed(
    plan: EnginePlan, builder: Builder, network: bytes, logger: Any, complaints: Complaints
) -> tuple[INetworkDefinition, OnnxParser]:
    """The network, strongly typed: every tensor is of the type that the ONNX file gives it."""
    module = plan.library.module
    flags = 1 << int(module.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
    parsed = builder.create_network(flags)
    parser: OnnxParser = module.OnnxParser(parsed, logger)
    if parser.parse(network):
        return parsed, parser
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    reasons = [f"{each.node_operator()} {each.node_name()}: {each.desc()}".strip(" :") for each in errors]
    raise ModelError(
        f"{plan.library.title} cannot parse {plan.model}: {'; '.join(reasons) or complaints}; "
        "export it with an older opset, or update the library"
    )


def _config(plan: EnginePlan, builder: Builder, network: INetworkDefinition) -> IBuilderConfig:
    config = builder.create_builder_config()
    flag = plan.library.module.BuilderFlag.TF32
    if plan.key.precision == "tf32":
        config.set_flag(flag)
    else:
        config.clear_flag(flag)
    profile = builder.create_optimization_profile()
    live_frames = network.get_input(0)
    shape = tuple(live_frames.shape)[1:]
    profile.set_shape(live_frames.name, (1, *shape), (plan.max_batch, *shape), (plan.max_batch, *shape))
    config.add_optimization_profile(profile)
    _choose_capability(plan, config)
    return config


def _choose_capability(plan: EnginePlan, config: IBuilderConfig) -> None:
    """Say which GPU to build for; a GPU newer than the library's names is left to it to accept."""
    if not plan.library.is_rtx:
        return
    names = plan.library.module.ComputeCapability
    wanted = getattr(names, plan.capability.upper(), names.CURRENT)
    rtx = cast(IBuilderConfigRtx, config)
    rtx.num_compute_capabilities = 1
    rtx.set_compute_capability(wanted, 0)


def _monitor(library: Library, progress: Progress, stopped: Callable[[], bool]) -> Any:
    """Tell `progress` of every step of the two outermost phases, and the library whether to go on."""

    class Monitor(library.module.IProgressMonitor):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            library.module.IProgressMonitor.__init__(self)
            self.steps: dict[str, int] = {}

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            self.steps[phase_name] = num_steps
            progress(phase_name, 0, num_steps)

        def phase_finish(self, phase_name: str) -> None:
            steps = self.steps.pop(phase_name, 0)
            progress(phase_name, steps, steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            progress(phase_name, step + 1, self.steps.get(phase_name, 0))
            return not stopped()

    return Monitor()
