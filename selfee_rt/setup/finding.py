"""What there is to choose from on this computer: cameras, serial ports, models and references."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selfee_rt.acquire.cameras import CameraListing, list_cameras
from selfee_rt.errors import ModelError
from selfee_rt.setup.files import ModelFile, ReferenceFile, described_model, described_reference

FileT = TypeVar("FileT")


@dataclass(frozen=True, slots=True)
class Camera:
    """One source that can be chosen, or why none of its kind can."""

    name: str
    source: dict[str, Any]
    """The section [source] that opens it; empty where it cannot be chosen."""
    problem: str | None = None

    def __str__(self) -> str:
        """The name, with the problem if there is one."""
        return self.name if self.problem is None else f"{self.name}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Port:
    """One serial port."""

    port: str
    description: str

    def __str__(self) -> str:
        """The port, and what is behind it if the system knows."""
        return f"{self.port}  {self.description}".strip()


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was found, in the order in which it is offered."""

    cameras: tuple[Camera, ...]
    ports: tuple[Port, ...]
    ports_problem: str | None
    """Why serial ports cannot be listed; None where they can."""
    models: tuple[ModelFile, ...]
    references: tuple[ReferenceFile, ...]


def find(folder: Path, cameras: Callable[[], list[CameraListing]] = list_cameras) -> Found:
    """Look at this computer, and for files in `folder`, the working folder and their `models`; opens no camera."""
    ports, problem = _ports()
    folders = tuple(_folders(folder))
    return Found(
        cameras=tuple(_camera(each) for each in cameras()),
        ports=ports,
        ports_problem=problem,
        models=tuple(_described(_files(folders, "*.onnx"), _model)),
        references=tuple(_described(_files(folders, "*.npz"), described_reference)),
    )


def _camera(listing: CameraListing) -> Camera:
    document = tomllib.loads(listing.config)
    return Camera(listing.name, document.get("source", {}), listing.problem)


def _ports() -> tuple[tuple[Port, ...], str | None]:
    try:
        from selfee_rt.trigger.ports import serial_ports
    except ImportError:
        return (), 'serial ports are listed by pyserial; install "selfee-rt[devices]"'
    return tuple(Port(each.port, each.description) for each in serial_ports()), None


def _folders(folder: Path) -> Iterator[Path]:
    for each in dict.fromkeys((folder.resolve(), Path.cwd())):
        yield from (each, each / "models")


def _files(folders: Iterable[Path], pattern: str) -> list[Path]:
    return list(dict.fromkeys(path for folder in folders for path in sorted(folder.glob(pattern)) if path.is_file()))


def _model(path: Path) -> ModelFile | None:
    try:
        return described_model(path)
    except ModelError:
        return None


def _described(paths: Iterable[Path], describe: Callable[[Path], FileT | None]) -> Iterator[FileT]:
    """Those that can be used; an .onnx or .npz file may be anything."""
    for path in paths:
        described = describe(path)
        if described is not None:
            yield described
