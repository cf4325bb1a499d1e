"""Which TensorRT is used, and that both have every member that is used."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from selfee_rt.embed import tensorrt_api
from selfee_rt.embed.tensorrt_library import (
    broken_libraries,
    capability_number,
    choose_library,
    installed_libraries,
)
from selfee_rt.errors import MissingExtra, ProviderMissing
from tests.embed.pretend_gpu import PretendTensorRt, pretend
from tests.support import need_module

RTX_ONLY = {"IBuilderConfigRtx": "IBuilderConfig", "ICudaEngineRtx": "ICudaEngine", "IRuntimeConfig": "IRuntimeConfig"}
USED = {name: each for name, each in vars(tensorrt_api).items() if getattr(each, "_is_protocol", False)}
CONSTANTS = {
    "BuilderFlag": {"TF32"},
    "NetworkDefinitionCreationFlag": {"STRONGLY_TYPED"},
    "TensorIOMode": {"INPUT", "OUTPUT"},
    "DataType": {"UINT8", "FLOAT"},
    "IProgressMonitor": {"phase_start", "phase_finish", "step_complete"},
    "ILogger": {"log"},
}
BIG = json.loads(Path(__file__).with_name("tensorrt_10_13.json").read_text(encoding="utf-8"))["classes"]


def members(protocol):
    named = {each for each in vars(protocol) if not each.startswith("_")}
    return named | set(vars(protocol).get("__annotations__", {}))


USED.pop("Protocol", None)


@pytest.mark.parametrize("name", [name for name in USED if name not in RTX_ONLY])
def test_the_big_tensorrt_has_every_member_that_is_used(name):
    assert members(USED[name]) <= set(BIG[name])


@pytest.mark.parametrize("name", CONSTANTS)
def test_the_big_tensorrt_has_every_constant_and_callback_that_is_used(name):
    assert CONSTANTS[name] <= set(BIG[name])


@pytest.mark.parametrize("name", USED)
def test_tensorrt_rtx_has_every_member_that_is_used(name):
    library = need_module("tensorrt_rtx")
    assert members(USED[name]) <= set(dir(getattr(library, RTX_ONLY.get(name, name))))


def test_tensorrt_rtx_has_every_constant_and_callback_that_is_used():
    library = need_module("tensorrt_rtx")
    more = {
        "ComputeCapability": {"CURRENT", "SM86"},
        "DynamicShapesKernelSpecializationStrategy": {"EAGER"},
        "CudaGraphStrategy": {"WHOLE_GRAPH_CAPTURE", "DISABLED"},
    }
    for name, used in (CONSTANTS | more).items():
        assert used <= set(dir(getattr(library, name)))
    assert {"ERROR", "INTERNAL_ERROR"} <= set(dir(library.ILogger.Severity))


def test_tensorrt_rtx_is_found_with_the_capabilities_it_builds_for():
    need_module("tensorrt_rtx")
    library = choose_library("tensorrt_rtx")
    assert library.is_rtx
    assert library.title.startswith("TensorRT-RTX 1.")
    assert {"sm75", "sm80", "sm86", "sm89", "sm120"} <= set(library.capabilities)
    assert list(library.capabilities) == sorted(library.capabilities, key=capability_number)


def test_the_big_one_is_preferred_where_both_are_installed(monkeypatch):
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, PretendTensorRt(None, name, "10.13"))
    assert [each.name for each in installed_libraries()] == ["tensorrt", "tensorrt_rtx"]
    assert choose_library().name == "tensorrt"
    assert choose_library("tensorrt_rtx").name == "tensorrt_rtx"
    assert choose_library().capabilities == ()


def test_a_library_that_is_absent_is_named_with_the_extra(monkeypatch):
    pretend(monkeypatch, library="neither")
    assert installed_libraries() == []
    with pytest.raises(MissingExtra, match=r"engines need TensorRT-RTX .*selfee-rt\[tensorrt\]"):
        choose_library("tensorrt_rtx")


def test_a_library_that_cannot_be_imported_is_an_error_with_the_reason(monkeypatch):
    pretend(monkeypatch, library="neither")
    broken = SimpleNamespace(__spec__=sys.__spec__)  # no version: not what it says it is
    monkeypatch.setitem(sys.modules, "tensorrt", broken)
    (sentence,) = broken_libraries()
    assert sentence.startswith("TensorRT is installed, but tensorrt cannot be imported: ")
    with pytest.raises(ProviderMissing, match=r"cannot be imported.*__version__.*install it again"):
        choose_library()
