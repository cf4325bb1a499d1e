"""An engine file is read whole and unchanged, or refused with a message; several may write it at once."""

import errno
import os
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.embed.engine_file import read_engine, read_header, write_engine
from selfee_rt.errors import ModelError
from tests.embed.engines import header_of, tiny_model

PLAN = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engines")
    header = header_of(tiny_model(folder))
    path = folder / "sub" / "tiny.engine"
    write_engine(path, header, PLAN)
    return path, header


def test_what_was_written_is_read(written):
    path, header = written
    assert read_engine(path) == (header, PLAN)
    assert read_header(path) == header


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_file_cut_off_anywhere_is_refused(written, data):
    path, _ = written
    content = path.read_bytes()
    cut = path.with_name("cut.engine")
    cut.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(ModelError, match=r"cut\.engine (is cut off|is not an engine|is damaged).*selfee-rt engine"):
        read_engine(cut)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_file_with_any_bit_changed_is_refused(written, data):
    path, _ = written
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = path.with_name("changed.engine")
    changed.write_bytes(content)
    with pytest.raises(ModelError, match=r"changed\.engine (is|has) .*selfee-rt engine"):
        read_engine(changed)


@pytest.mark.parametrize("content", [b"", b"ftrt\0\0\0\0 a bare plan of TensorRT's own", b"\x08\x08\x12 an ONNX file"])
def test_a_file_of_another_kind_is_refused_before_any_library_sees_it(tmp_path, content):
    path = tmp_path / "foreign.engine"
    path.write_bytes(content)
    for read in (read_engine, read_header):
        with pytest.raises(ModelError, match="is not an engine file of selfee-rt"):
            read(path)


def test_a_format_of_another_version_is_named(written):
    path, _ = written
    newer = path.with_name("newer.engine")
    content = bytearray(path.read_bytes())
    content[16] = 9
    newer.write_bytes(content)
    with pytest.raises(ModelError, match="has engine format 9, this version of selfee-rt reads 1"):
        read_engine(newer)


def test_a_missing_file_is_a_model_error(tmp_path):
    for read in (read_engine, read_header):
        with pytest.raises(ModelError, match=r"cannot read the engine .*no\.engine: No such file"):
            read(tmp_path / "no.engine")


def test_a_full_disk_leaves_the_old_engine_and_no_remains(written, monkeypatch, tmp_path):
    _, header = written
    path = tmp_path / "a.engine"
    write_engine(path, header, b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match=r"cannot write the engine .*No space left"):
        write_engine(path, header, b"new")
    assert read_engine(path)[1] == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.engine"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not replace a file while it is read")
def test_two_processes_that_write_at_once_leave_a_whole_engine_at_every_moment(written, tmp_path):
    path, header = written
    target = tmp_path / "busy.engine"
    script = (
        "import sys; from pathlib import Path; from selfee_rt.embed.engine_file import *\n"
        "header, _ = read_engine(Path(sys.argv[1]))\n"
        "for n in range(40): write_engine(Path(sys.argv[2]), header, sys.argv[3].encode() * 200_000)"
    )
    write_engine(target, header, b"a" * 200_000)
    writers = [subprocess.Popen([sys.executable, "-c", script, str(path), str(target), each]) for each in "ab"]
    seen = set()
    deadline = time.monotonic() + 60
    while any(each.poll() is None for each in writers) and time.monotonic() < deadline:
        _, plan = read_engine(target)
        seen.add(plan[:1])
        assert plan == plan[:1] * 200_000
    assert [each.wait(30) for each in writers] == [0, 0]
    assert seen <= {b"a", b"b"}
    assert [each.name for each in tmp_path.iterdir()] == ["busy.engine"]
