"""Which TensorRT is installed: the big one, or TensorRT-RTX, which compiles for its GPU when an engine is loaded."""

import importlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from selfee_rt.embed.cuda import Gpu
from selfee_rt.errors import MissingExtra, ProviderMissing

LIBRARIES = {"tensorrt": "TensorRT", "tensorrt_rtx": "TensorRT-RTX"}
"""Python modules, the one that is preferred first, and what people call them."""


@dataclass(frozen=True, slots=True)
class Library:
    """One TensorRT, imported."""

    name: str
    """Of the Python module."""
    version: str
    module: Any

    @property
    def title(self) -> str:
        """Name and version for people."""
        return f"{LIBRARIES[self.name]} {self.version}"

    @property
    def is_rtx(self) -> bool:
        """Whether it builds for named capabilities without a GPU, and compiles kernels when an engine is loaded."""
        return self.name == "tensorrt_rtx"

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Compute capabilities that it builds for by name, rising: sm75, sm80, …; none for the big TensorRT."""
        if not self.is_rtx:
            return ()
        names = (each.lower() for each in self.module.ComputeCapability.__members__ if each.startswith("SM"))
        return tuple(sorted(names, key=capability_number))

    def target_of(self, gpu: Gpu) -> str:
        """What an engine for this GPU is made for: its capability, or GPU and system where engines do not travel."""
        return gpu.capability if self.is_rtx else f"{gpu.name}, {gpu.capability}, {sys.platform}"


def capability_number(capability: str) -> int:
    """86 for sm86."""
    return int(capability.removeprefix("sm"))


def installed_libraries() -> list[Library]:
    """Every TensorRT that is installed and can be imported, the one that is preferred first."""
    return [each for each in map(_imported, LIBRARIES) if isinstance(each, Library)]


def broken_libraries() -> list[str]:
    """A sentence for every TensorRT that is installed and cannot be imported."""
    return [each for each in map(_imported, LIBRARIES) if isinstance(each, str)]


def choose_library(name: str | None = None) -> Library:
    """The TensorRT of this name, or the one that is preferred among those installed.

    Raises:
        MissingExtra: it is not installed.
        ProviderMissing: it is installed and cannot be imported.
    """
    wanted = tuple(LIBRARIES) if name is None else (name,)
    found = [each for each in map(_imported, wanted) if each is not None]
    for each in found:
        if isinstance(each, Library):
            return each
    if found:
        raise ProviderMissing(str(found[0]))
    titles = " or ".join(LIBRARIES[each] for each in wanted)
    raise MissingExtra(f"engines need {titles} (module {' or '.join(wanted)}); install selfee-rt[tensorrt]")


def _imported(name: str) -> Library | str | None:
    """The library, a sentence where it is broken, None where it is absent."""
    if find_spec(name) is None:
        return None
    try:
        module = importlib.import_module(name)
        return Library(name, str(module.__version__), module)
    except (ImportError, OSError, AttributeError) as error:
        return f"{LIBRARIES[name]} is installed, but {name} cannot be imported: {error}; install it again"
