"""ONNX Runtime's execution providers by short names, and what to install for one that is missing."""

from collections.abc import Sequence

from selfee_rt.errors import ProviderMissing

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "nvtensorrtrtx": "NvTensorRTRTXExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "dml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "dnnl": "DnnlExecutionProvider",
    "qnn": "QNNExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
    "xnnpack": "XnnpackExecutionProvider",
}
"""Short names, as the configuration has them."""

_INSTALL = {
    "cuda": "onnxruntime-gpu, CUDA 12 and cuDNN 9 (pip install onnxruntime-gpu[cuda,cudnn])",
    "tensorrt": "onnxruntime-gpu, CUDA 12 and TensorRT 10",
    "openvino": "onnxruntime-openvino",
    "dml": "onnxruntime-directml",
    "coreml": "onnxruntime on macOS",
    "qnn": "onnxruntime-qnn",
    "rocm": "onnxruntime-rocm",
    "migraphx": "onnxruntime-migraphx",
}


def short_name(provider: str) -> str:
    """Short name of one of ONNX Runtime's own names; its own name where there is no short one."""
    return next((short for short, name in PROVIDERS.items() if name == provider), provider)


def resolve(asked: Sequence[str], available: Sequence[str]) -> list[str]:
    """ONNX Runtime's names for the short names `asked`; all must be among `available`.

    >>> resolve(["cpu"], ["AzureExecutionProvider", "CPUExecutionProvider"])
    ['CPUExecutionProvider']

    Raises:
        ProviderMissing: one is unknown, not offered here, or named twice; or none is asked for.
    """
    offered = ", ".join(short_name(name) for name in available if name in PROVIDERS.values())
    if not asked or len(set(asked)) < len(asked):
        raise ProviderMissing(f"model.providers is {list(asked)}, expected one or more different ones of: {offered}")
    for name in asked:
        if name not in PROVIDERS:
            raise ProviderMissing(f"provider {name!r} is unknown, expected one of: {', '.join(PROVIDERS)}")
        if PROVIDERS[name] not in available:
            raise ProviderMissing(
                f"provider {name!r} was asked for, but this onnxruntime offers only: {offered}; {_advice(name)}"
            )
    return [PROVIDERS[name] for name in asked]


def check_started(asked: Sequence[str], started: Sequence[str]) -> None:
    """Raise unless the providers that a session has `started` begin with those `asked` for (ONNX Runtime's names).

    ONNX Runtime only warns where a provider's libraries cannot be loaded, and runs on the CPU.

    Raises:
        ProviderMissing: a provider did not start.
    """
    if list(started[: len(asked)]) != list(asked):
        failed = next(name for name in asked if name not in started) if set(asked) - set(started) else asked[0]
        raise ProviderMissing(
            f"provider {short_name(failed)!r} was asked for and is part of this onnxruntime, but did not start "
            f"(running: {', '.join(map(short_name, started))}): its driver or libraries are missing or do not fit; "
            f"{_advice(short_name(failed))}"
        )


def _advice(name: str) -> str:
    instead = 'or set model.providers = ["cpu"]'
    if name == "nvtensorrtrtx":
        return f"install onnxruntime-ep-nv-tensorrt-rtx-cu13 beside onnxruntime 1.24 or newer, {instead}"
    if name in _INSTALL:
        return f"install {_INSTALL[name]} in place of any other onnxruntime, {instead}"
    return f"install an onnxruntime that was built with it, {instead}"
