"""A disk that is small enough to be filled."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(at: Path, size_mib: int) -> Iterator[Path]:
    """Mount a memory disk at `at`; skips where this test may not mount one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("absent: the right to mount a disk (root on Linux)")
    at.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "selfee_rt_test", str(at)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("absent: the right to mount a disk")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)  # also where a failed test left a file open


def make_read_only(at: Path) -> None:
    """From now on nothing can be written to the disk mounted at `at`, by nobody."""
    subprocess.run(["mount", "-o", "remount,ro", str(at)], check=True)
