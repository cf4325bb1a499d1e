"""ONNX Runtime's providers that come as packages of their own and are registered while the program runs."""

import importlib
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from selfee_rt.embed.providers import PROVIDERS, short_name
from selfee_rt.errors import ProviderMissing

if TYPE_CHECKING:
    from onnxruntime import SessionOptions

PLUGINS = {"nvtensorrtrtx": "onnxruntime_ep_nv_tensorrt_rtx"}
"""Short names, and the Python module that knows where the plug-in's library is."""


def installed_plugins() -> list[str]:
    """Short names of those whose packages are there, whether or not they find a device."""
    return [name for name, module in PLUGINS.items() if find_spec(module) is not None]


def register_plugins(asked: Sequence[str]) -> list[str]:
    """Register the plug-ins among the short names `asked`; return ONNX Runtime's names of those that are installed.

    Raises:
        ProviderMissing: an installed one cannot be loaded, or finds no device that it runs on.
    """
    installed = [name for name in asked if name in installed_plugins()]
    for name in installed:
        _register(name)
    return [PROVIDERS[name] for name in installed]


def use_plugins(options: "SessionOptions", names: Sequence[str]) -> list[str]:
    """Put providers (ONNX Runtime's names) into a session's options where one is a plug-in; return those left to name.

    A session takes its providers either by device, as plug-ins want it, or by name.
    """
    if not {short_name(each) for each in names} & set(PLUGINS):
        return list(names)
    for name in names:
        options.add_provider_for_devices(_devices(name), {})
    return []


def _register(name: str) -> None:
    import onnxruntime

    full = PROVIDERS[name]
    if _devices(full):
        return  # registered before: once is for the whole process
    try:
        plugin = importlib.import_module(PLUGINS[name])
        onnxruntime.register_execution_provider_library(full, plugin.get_library_path())
    except Exception as error:  # ONNX Runtime's errors have no base of their own
        raise ProviderMissing(
            f"provider {name!r} is installed, but its library cannot be loaded: {error}; install NVIDIA's driver, or "
            'set model.providers = ["cpu"]'
        ) from error
    if not _devices(full):
        raise ProviderMissing(
            f"provider {name!r} found no GPU that it runs on, expected an NVIDIA RTX GPU (Ampere or newer); "
            'set model.providers = ["cpu"]'
        )


def _devices(full: str) -> list[Any]:
    """What a provider can run on here."""
    import onnxruntime

    return [each for each in onnxruntime.get_ep_devices() if each.ep_name == full]
