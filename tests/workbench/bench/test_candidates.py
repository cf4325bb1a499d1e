"""Everything on offer is timed, and a GPU that would stay unused is told of."""

import json
import sys
from pathlib import Path

import pytest

from selfee_rt import __version__
from selfee_rt.embed.runtimes import GpuListing
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.bench import candidates as module
from selfee_rt.workbench.bench.candidates import ENGINE, Environment, candidates, environments, runtimes
from selfee_rt.workbench.bench.messages import Offer


def names(offered, asked=(), threads=(1, 3), has_gpu=False):
    return [name for name, _ in runtimes(offered, asked, threads, has_gpu=has_gpu)]


def test_every_provider_that_has_a_short_name_is_timed_and_the_cpu_by_threads():
    assert names(["tensorrt", "cuda", "AzureExecutionProvider", "cpu"]) == [
        "tensorrt",
        "cuda",
        "cpu, 1 thread",
        "cpu, 3 threads",
    ]
    assert names(["cpu"], threads=(1, 1)) == ["cpu, 1 thread"]


def test_a_gpu_that_onnxruntime_does_not_offer_to_use_has_a_row_all_the_same():
    assert names(["cpu"], has_gpu=True) == [ENGINE, "cuda", "cpu, 1 thread", "cpu, 3 threads"]
    assert names(["cuda", "cpu"], threads=[1], has_gpu=True) == [ENGINE, "cuda", "cpu, 1 thread"]


def test_only_what_is_asked_for_is_timed_on_offer_or_not():
    assert names(["cpu"], ["openvino"], has_gpu=True) == ["openvino"]


def test_the_settings_are_those_that_choose_the_runtime():
    found = dict(runtimes(["cuda", "cpu"], (), (2,), has_gpu=False))
    assert found["cuda"].providers == ("cuda",) and found["cuda"].threads is None
    assert found["cpu, 2 threads"].providers == ("cpu",) and found["cpu, 2 threads"].threads == 2


@pytest.mark.parametrize(("gpus", "expected"), [([], 8), ([GpuListing("H100", 81559, "580")], 24)])
def test_files_environments_runtimes_and_batches_are_all_combined(gpus, expected, monkeypatch):
    monkeypatch.setattr(module, "list_gpus", lambda: gpus)
    offer = Offer(__version__, "onnxruntime", ["cpu"])
    every = [Environment(Path("a"), offer, "A"), Environment(Path("b"), offer, "B")]
    files = [Path("x.onnx"), Path("y.onnx")]
    found = candidates(files, every, providers=(), threads=(1,), batches=(1, 4))
    assert len(found) == len(set(map(repr, found))) == expected
    assert {each.config.file for each in found} == set(files)
    assert {each.runtime[:3] for each in found} == {"A: ", "B: "}
    assert len(candidates(files[:1], every[:1], providers=("cpu",), threads=(1,), batches=(1, 1))) == 1


def test_this_python_is_the_only_one_unless_others_are_named():
    (here,) = environments([])
    assert here.python == Path(sys.executable) and here.letter == ""
    assert "cpu" in here.offer.providers
    assert [each.letter for each in environments([Path(sys.executable)])] == ["A", "B"]


def test_every_python_that_cannot_be_timed_is_named_with_what_to_do(program, tmp_path):
    offer = {"version": "0.0.1", "onnxruntime": "onnxruntime 1.20", "providers": ["cpu"]}
    old = program(f"print({json.dumps(json.dumps(offer))})")
    without = program("raise ModuleNotFoundError('No module named selfee_rt')")
    with pytest.raises(ConfigError) as caught:
        environments([tmp_path / "none", old, without])
    absent, other, bare = caught.value.problems
    assert "cannot be run (No such file or directory)" in absent
    assert f"has selfee-rt 0.0.1, this is {__version__}" in other
    assert "No module named selfee_rt" in bare
    assert all(f"install selfee-rt {__version__} there" in each for each in caught.value.problems)
