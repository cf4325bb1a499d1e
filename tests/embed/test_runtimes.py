"""What this machine can run models with."""

import subprocess

import pytest

from selfee_rt.embed import runtimes
from selfee_rt.embed.runtimes import GpuListing, conflicting_onnxruntime, list_gpus, list_runtimes, parse_gpus


def test_the_installed_runtime_is_listed_with_its_providers():
    import onnxruntime

    (listing,) = list_runtimes()
    assert listing.version == onnxruntime.__version__
    assert "cpu" in listing.providers
    assert listing.name.startswith("onnxruntime")


@pytest.mark.parametrize(
    "other", ["onnxruntime-gpu", "onnxruntime_gpu", "onnxruntime-openvino", "Onnxruntime-DirectML"]
)
def test_two_onnxruntimes_over_each_other_are_named_with_what_to_do(other):
    found = conflicting_onnxruntime([("numpy", "2.0"), ("onnxruntime", "1.20.0"), (other, "1.19.0")])
    name = other.lower().replace("_", "-")
    assert f"{name} 1.19.0" in found
    assert "onnxruntime 1.20.0" in found
    assert "pip uninstall onnxruntime " + name in found


@pytest.mark.parametrize(
    "installed", [[], [("onnxruntime-gpu", "1.20")], [("onnxruntime", "1.20"), ("onnxruntime-extensions", "0.13")]]
)
def test_one_onnxruntime_or_none_is_no_conflict(installed):
    assert conflicting_onnxruntime(installed) is None


def test_this_environment_has_no_conflict():
    assert conflicting_onnxruntime() is None


def test_gpus_are_read_from_nvidia_smi():
    assert parse_gpus("NVIDIA H100, 81559, 580.95\nNVIDIA T4, 15360, 580.95\n") == [
        GpuListing("NVIDIA H100", 81559, "580.95"),
        GpuListing("NVIDIA T4", 15360, "580.95"),
    ]
    assert parse_gpus("No devices were found\n") == []


def test_without_a_driver_there_are_no_gpus(monkeypatch):
    monkeypatch.setattr(runtimes.shutil, "which", lambda name: None)
    assert list_gpus() == []


@pytest.mark.parametrize("error", [OSError("gone"), subprocess.TimeoutExpired("nvidia-smi", 10)])
def test_a_driver_that_does_not_answer_is_no_gpu(monkeypatch, error):
    def fail(*arguments, **options):
        assert options["timeout"] > 0
        raise error

    monkeypatch.setattr(runtimes.shutil, "which", lambda name: "nvidia-smi")
    monkeypatch.setattr(runtimes.subprocess, "run", fail)
    assert list_gpus() == []
