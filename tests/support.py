"""What tests share: how a test says what it needs."""

import importlib
import os
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from selfee_rt.embed.cuda import Gpu, this_gpu
from selfee_rt.errors import SelfeeRTError

ROOT = Path(__file__).resolve().parent.parent


def _absent(what: str) -> None:
    """Skip with the name of what is absent; CI, which installs everything, fails instead."""
    if os.environ.get("SELFEE_RT_NOTHING_ABSENT"):
        pytest.fail(f"absent, but this run was told that nothing is: {what}", pytrace=False)
    pytest.skip(f"absent: {what}", allow_module_level=True)


def need_module(name: str) -> ModuleType:
    """Import an optional module, or skip."""
    try:
        return importlib.import_module(name)
    except ImportError:
        _absent(f"Python module {name}")
        raise AssertionError from None


def need_tool(name: str) -> str:
    """Path of a program, or skip."""
    path = shutil.which(name)
    if path is None:
        _absent(f"program {name}")
        raise AssertionError
    return path


def need_header(name: str, package: str) -> None:
    """Skip unless the C compiler finds this header, which is in this Debian package."""
    asked = subprocess.run([need_tool("gcc"), "-E", "-"], input=f"#include <{name}>".encode(), capture_output=True)
    if asked.returncode != 0:
        _absent(f"header {name} (Debian package {package})")


def need_gpu() -> Gpu:
    """The NVIDIA GPU of this machine, or skip: no package brings one, so none is expected of CI."""
    try:
        return this_gpu()
    except SelfeeRTError as error:
        pytest.skip(f"absent: {error}")


def need_data(name: str) -> Path:
    """Path of a recording in $SELFEE_RT_DATA (../shared/data by default), or skip."""
    path = Path(os.environ.get("SELFEE_RT_DATA", ROOT.parent / "shared" / "data")) / name
    if not path.exists():
        _absent(f"recording {path}")
    return path


def children_of(pid: int | str = "self") -> set[int]:
    """Process ids of a process's children, where the system can tell.

    Anew when a thread ended between being listed and being read: its children are another thread's then.
    """
    while True:
        try:
            listed = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
        except (FileNotFoundError, ProcessLookupError):
            continue
        return {int(pid) for text in listed for pid in text.split()}
