"""Providers are asked for by short names, and nothing falls back in silence."""

import pytest

from selfee_rt.embed.plugins import PLUGINS
from selfee_rt.embed.providers import PROVIDERS, check_started, resolve, short_name
from selfee_rt.errors import ProviderMissing

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"


def test_short_names_stand_for_onnxruntimes_own():
    import onnxruntime

    elsewhere = {"ROCMExecutionProvider", *(PROVIDERS[plugin] for plugin in PLUGINS)}
    assert set(PROVIDERS.values()) - elsewhere <= set(onnxruntime.get_all_providers())
    for short, name in PROVIDERS.items():
        assert short_name(name) == short
    assert short_name("NewExecutionProvider") == "NewExecutionProvider"


def test_the_order_of_preference_is_kept():
    assert resolve(["tensorrt", "cuda", "cpu"], [CPU, CUDA, TENSORRT]) == [TENSORRT, CUDA, CPU]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (["cuda"], "'cuda' was asked for, but this onnxruntime offers only: cpu; install onnxruntime-gpu"),
        (["cpu", "cuda"], "'cuda' was asked for"),
        (["gpu"], "'gpu' is unknown, expected one of: cpu, cuda"),
        (["xnnpack"], "install an onnxruntime that was built with it"),
        ([], r"is \[\], expected one or more different ones of: cpu"),
        (["cpu", "cpu"], "different"),
    ],
)
def test_what_cannot_be_had_is_named_with_what_to_do(asked, words):
    with pytest.raises(ProviderMissing, match=words):
        resolve(asked, ["AzureExecutionProvider", CPU])


def test_every_provider_that_was_asked_for_must_have_started():
    check_started([CPU], [CPU])
    check_started([CUDA], [CUDA, CPU])
    check_started([TENSORRT, CUDA], [TENSORRT, CUDA, CPU])


@pytest.mark.parametrize(
    ("asked", "started", "missing"),
    [
        ([CUDA], [CPU], "cuda"),
        ([TENSORRT, CUDA], [CUDA, CPU], "tensorrt"),
        ([TENSORRT, CUDA], [TENSORRT, CPU], "cuda"),
        ([CUDA, CPU], [CPU], "cuda"),
        ([CUDA], [TENSORRT, CUDA, CPU], "cuda"),
    ],
)
def test_a_provider_that_did_not_start_is_an_error(asked, started, missing):
    with pytest.raises(ProviderMissing, match=f"'{missing}' was asked for .* did not start"):
        check_started(asked, started)
