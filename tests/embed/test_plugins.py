"""Providers that are packages of their own are registered once, by device, and say what is missing."""

import importlib.machinery
import types

import onnxruntime
import pytest

from selfee_rt.embed import plugins
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.embed.plugins import register_plugins, use_plugins
from selfee_rt.errors import ProviderMissing
from tests.tiny_model import write_tiny_model

NAME = "NvTensorRTRTXExecutionProvider"


class Device:
    """What ONNX Runtime lists for one provider."""

    def __init__(self, ep_name):
        self.ep_name = ep_name


class Options:
    """Session options that remember what they were given."""

    def __init__(self):
        self.added = []

    def add_provider_for_devices(self, devices, options):
        self.added.append(([each.ep_name for each in devices], options))


@pytest.fixture
def plugin(monkeypatch):
    """ONNX Runtime with a plug-in that can be registered; `registered` counts, `offered` is what it then finds."""
    state = types.SimpleNamespace(registered=[], offered=[Device(NAME)], problem=None)

    def register(name, path):
        if state.problem is not None:
            raise state.problem
        state.registered.append((name, path))

    module = types.SimpleNamespace(get_library_path=lambda: "library.so")
    spec = importlib.machinery.ModuleSpec("plugin", None)
    monkeypatch.setattr(plugins, "find_spec", lambda name: spec)
    monkeypatch.setattr(plugins.importlib, "import_module", lambda name: module)
    monkeypatch.setattr(onnxruntime, "register_execution_provider_library", register)
    monkeypatch.setattr(
        onnxruntime,
        "get_ep_devices",
        lambda: [Device("CPUExecutionProvider"), *(state.offered if state.registered else ())],
    )
    return state


def test_a_plugin_is_registered_once_for_the_whole_process(plugin):
    assert register_plugins(["nvtensorrtrtx", "cpu"]) == [NAME]
    assert register_plugins(["nvtensorrtrtx"]) == [NAME]
    assert plugin.registered == [(NAME, "library.so")]


def test_nothing_is_registered_that_was_not_asked_for(plugin):
    assert register_plugins(["cpu", "cuda"]) == []
    assert plugin.registered == []


def test_a_session_takes_plugins_by_device_and_all_others_by_name(plugin):
    register_plugins(["nvtensorrtrtx"])
    options = Options()
    assert use_plugins(options, [NAME, "CPUExecutionProvider"]) == []
    assert options.added == [([NAME], {}), (["CPUExecutionProvider"], {})]
    assert use_plugins(options, ["CPUExecutionProvider"]) == ["CPUExecutionProvider"]
    assert len(options.added) == 2


def test_a_library_that_cannot_be_loaded_is_an_error_in_onnxruntimes_words(plugin):
    plugin.problem = RuntimeError("libcuda.so.1: cannot open shared object file")
    with pytest.raises(
        ProviderMissing, match=r"'nvtensorrtrtx' is installed, but .*libcuda.*; install NVIDIA's driver"
    ):
        register_plugins(["nvtensorrtrtx"])


def test_a_plugin_that_finds_no_gpu_is_an_error(plugin):
    plugin.offered = []
    with pytest.raises(ProviderMissing, match="found no GPU that it runs on"):
        register_plugins(["nvtensorrtrtx"])


def test_a_plugin_that_is_not_installed_is_named_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(plugins, "find_spec", lambda name: None)
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path)
    with pytest.raises(ProviderMissing, match="install onnxruntime-ep-nv-tensorrt-rtx-cu13 beside onnxruntime"):
        OnnxEmbedder(path, providers=["nvtensorrtrtx"])
