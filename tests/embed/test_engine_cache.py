"""Engines are found by what they depend on, and one that differs in anything is refused with what differs."""

import sys
from pathlib import Path

import pytest

from selfee_rt.embed import engine_cache
from selfee_rt.embed.cuda import Gpu
from selfee_rt.embed.engine_cache import (
    check_engine,
    default_folder,
    engine_path,
    find_engine,
    fresh_header,
    key_for,
)
from selfee_rt.embed.tensorrt_library import Library
from selfee_rt.errors import ModelError, ModelMismatch
from tests.embed.engines import header_of, key_of, tiny_model, write_pretended

GPU = Gpu("NVIDIA RTX A4000", "sm86")
RTX = Library("tensorrt_rtx", "1.7.1.116", None)
BIG = Library("tensorrt", "10.13.0.35", None)
CHANGES = {
    "model_sha256": ("0" * 64, "was built of the model 000000000000…, this one is"),
    "library": ("tensorrt", "was built by tensorrt, here it would be run by tensorrt_rtx"),
    "library_version": ("1.3.0", r"was built by version 1\.3\.0 of the library, installed is 1\.7"),
    "precision": ("fp32", "computes in fp32, asked for is fp16"),
    "target": ("sm120", "was built for sm120, this machine has sm86"),
}


@pytest.fixture
def model(tmp_path):
    return tiny_model(tmp_path)


def test_engines_are_kept_in_the_users_own_cache(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/selfee-rt/engines")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(engine_cache.Path, "home", lambda: Path("/home/fly"))
    assert default_folder() == Path("/home/fly/.cache/selfee-rt/engines")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "C:/Users/fly/AppData/Local")
    assert default_folder() == Path("C:/Users/fly/AppData/Local/selfee-rt/engines")


@pytest.mark.parametrize("field", CHANGES)
def test_whatever_an_engine_depends_on_is_part_of_its_place(model, tmp_path, field):
    changed = key_of(model, **{field: CHANGES[field][0]})
    assert engine_path(tmp_path, changed) != engine_path(tmp_path, key_of(model))


@pytest.mark.parametrize("field", CHANGES)
def test_an_engine_that_differs_in_anything_is_refused_with_what_differs(model, field):
    value, sentence = CHANGES[field]
    header = header_of(model, **{field: value})
    with pytest.raises(ModelMismatch, match=f"does not fit: it {sentence}.*--precision fp16 --arenas 2"):
        check_engine(Path("a.engine"), header, key_of(model), batch=2)


def test_everything_that_differs_is_named_at_once(model):
    header = header_of(model, max_batch=1, precision="tf32", target="sm75")
    with pytest.raises(
        ModelMismatch, match=r"computes in tf32.*and was built for sm75.*and takes at most 1 live frames"
    ):
        check_engine(Path("a.engine"), header, key_of(model), batch=3)


def test_an_engine_for_more_arenas_than_there_are_fits(model):
    check_engine(Path("a.engine"), header_of(model, max_batch=4), key_of(model), batch=4)
    check_engine(Path("a.engine"), header_of(model, max_batch=4), key_of(model), batch=1)


def test_big_engines_depend_on_gpu_and_system_and_rtx_engines_on_the_capability(model):
    assert key_for("0" * 64, RTX, "fp16", GPU).target == "sm86"
    assert key_for("0" * 64, BIG, "fp16", GPU).target == f"NVIDIA RTX A4000, sm86, {sys.platform}"


def test_the_engine_of_the_first_library_that_has_one_is_found(model, tmp_path):
    key = key_for(key_of(model).model_sha256, RTX, "fp16", GPU)
    path = engine_path(tmp_path / "cache", key)
    write_pretended(path, model)
    found = find_engine(tmp_path / "cache", model, key.model_sha256, [BIG, RTX], GPU, "fp16")
    assert found == (path, RTX)


def test_where_there_is_no_engine_the_command_that_builds_it_is_named(model, tmp_path):
    with pytest.raises(
        ModelError, match=r"no engine of .*tiny\.onnx in fp32 for NVIDIA RTX A4000 \(sm86\) and"
    ) as told:
        find_engine(tmp_path, model, "0" * 64, [BIG, RTX], GPU, "fp32")
    assert f"run `selfee-rt engine {model} --precision fp32`" in str(told.value)


def test_only_a_whole_engine_of_exactly_this_kind_is_fresh(model, tmp_path):
    path = tmp_path / "a.engine"
    assert fresh_header(path, key_of(model), 4) is None
    header = write_pretended(path, model)
    assert fresh_header(path, key_of(model), 4) == header
    assert fresh_header(path, key_of(model), 2) is None
    assert fresh_header(path, key_of(model, library_version="2"), 4) is None
    path.write_bytes(path.read_bytes()[:-1])
    assert fresh_header(path, key_of(model), 4) is None
