"""Background pictures on disk: 8-bit grey, without loss."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError, FolderError

WANTED = "expected one 8-bit grey picture (PNG, TIFF or npy), as `selfee-rt background` makes it"


def read_background(path: Path) -> NDArray[np.uint8]:
    """The picture in a file, (H, W) uint8.

    Raises:
        ConfigError: it cannot be read, or is no 8-bit grey picture.
    """
    picture = _read_array(path) if path.suffix.lower() == ".npy" else _read_picture(path)
    if picture.dtype != np.uint8 or picture.ndim != 2:
        raise ConfigError([f"background {path}: got {picture.dtype} {picture.shape}, {WANTED}"])
    return picture


def _read_array(path: Path) -> NDArray[np.uint8]:
    try:
        picture: NDArray[np.uint8] = np.load(path, allow_pickle=False)
    except OSError as error:
        raise ConfigError([f"cannot read the background {path}: {error.strerror or error}; {WANTED}"]) from error
    except (ValueError, EOFError) as error:
        raise ConfigError([f"the background {path} is no npy file; {WANTED}"]) from error
    return picture


def _read_picture(path: Path) -> NDArray[np.uint8]:
    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
    except (av.FFmpegError, IndexError, StopIteration) as error:
        why = getattr(error, "strerror", None) or "it holds no picture"
        raise ConfigError([f"cannot read the background {path}: {why}; {WANTED}"]) from error
    if frame.format.name != "gray":
        raise ConfigError([f"background {path}: got a picture of pixel format {frame.format.name}, {WANTED}"])
    return frame.to_ndarray().astype(np.uint8, copy=False)


def write_background(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write `picture`, (H, W) uint8, to a new PNG file.

    Raises:
        FolderError: the file exists, or cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(_png(picture))
    except FileExistsError as error:
        raise FolderError(f"{path} exists; nothing is ever overwritten, choose another file") from error
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}; choose a folder on a disk with space") from error


def _png(picture: NDArray[np.uint8]) -> bytes:
    encoder = av.codec.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.height, encoder.width = picture.shape
    encoder.pix_fmt, encoder.time_base = "gray", Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "gray")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
