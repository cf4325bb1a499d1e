"""What this machine can run models with; `selfee-rt doctor` prints it."""

import importlib.metadata
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from selfee_rt.embed.providers import short_name

_NVIDIA_SMI_TIMEOUT_S = 10.0
_SAME_FILES = {
    "onnxruntime",
    "onnxruntime-cann",
    "onnxruntime-directml",
    "onnxruntime-gpu",
    "onnxruntime-migraphx",
    "onnxruntime-openvino",
    "onnxruntime-qnn",
    "onnxruntime-rocm",
    "onnxruntime-training",
    "ort-nightly",
    "ort-nightly-directml",
    "ort-nightly-gpu",
}
"""Distributions that all install the one Python package `onnxruntime`, over each other."""


@dataclass(frozen=True, slots=True)
class RuntimeListing:
    """One installed runtime and what it offers."""

    name: str
    version: str
    providers: tuple[str, ...]
    """Short names, in the runtime's order of preference."""


@dataclass(frozen=True, slots=True)
class GpuListing:
    """One GPU that the driver reports."""

    name: str
    memory_mib: int
    driver: str


def list_runtimes() -> list[RuntimeListing]:
    """The inference runtimes installed here."""
    import onnxruntime

    providers = tuple(short_name(name) for name in onnxruntime.get_available_providers())
    names = [name for name, _ in _onnxruntimes(_installed())] or ["onnxruntime"]
    return [RuntimeListing(" and ".join(names), onnxruntime.__version__, providers)]


def conflicting_onnxruntime(distributions: Iterable[tuple[str, str]] | None = None) -> str | None:
    """What is wrong, where two onnxruntime distributions are installed over each other; else None.

    `distributions` are (name, version) pairs, by default those installed.

    >>> conflicting_onnxruntime([("onnxruntime", "1.20.0"), ("numpy", "2.0.0")]) is None
    True
    """
    found = _onnxruntimes(_installed() if distributions is None else distributions)
    if len(found) < 2:
        return None
    listed = " and ".join(f"{name} {version}" for name, version in found)
    names = " ".join(name for name, _ in found)
    return (
        f"{listed} are installed over each other, expected one of them: which one's files run is chance; "
        f"run `pip uninstall {names}`, then install the one you want"
    )


def list_gpus() -> list[GpuListing]:
    """NVIDIA GPUs that the driver reports; none where its `nvidia-smi` is absent, fails or does not answer."""
    return parse_gpus(nvidia_smi("--query-gpu=name,memory.total,driver_version"))


def nvidia_smi(query: str) -> str:
    """Lines that NVIDIA's driver answers to a query, values apart by commas; empty where its program cannot answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, query, "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(  # noqa: S603  the program is found on the path, the arguments are constant
            command, capture_output=True, text=True, timeout=_NVIDIA_SMI_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout


def parse_gpus(text: str) -> list[GpuListing]:
    """Read nvidia-smi's lines `name, MiB, driver`; lines of another form are about no GPU.

    >>> parse_gpus("NVIDIA H100 80GB HBM3, 81559, 580.95.05")
    [GpuListing(name='NVIDIA H100 80GB HBM3', memory_mib=81559, driver='580.95.05')]
    """
    rows = [[field.strip() for field in line.split(",")] for line in text.splitlines()]
    return [GpuListing(row[0], int(row[1]), row[2]) for row in rows if len(row) == 3 and row[1].isdigit()]


def _installed() -> list[tuple[str, str]]:
    return [(found.metadata["Name"] or "", found.version) for found in importlib.metadata.distributions()]


def _onnxruntimes(distributions: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    named = {name.lower().replace("_", "-"): version for name, version in distributions}
    return sorted((name, version) for name, version in named.items() if name in _SAME_FILES)
