"""Small video files as cameras and programs leave them, and what a source makes of them."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from selfee_rt.acquire.playback import Player
from selfee_rt.acquire.video_file import VideoFile
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import EndOfStream
from selfee_rt.types import Frame, SourceInfo

MILLISECOND = Fraction(1, 1000)
LIMITED, FULL = 1, 2


def ramp(index: int = 0, *, width: int = 64, height: int = 48) -> np.ndarray:
    """(H, W) uint8: grey rising from left to right over the whole range, and a square that tells the index."""
    image = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    image[4:12, 4:12] = index * 8 % 256
    return image


def write(
    path: Path,
    pts_ms: Sequence[int],
    images: Iterable[np.ndarray] | None = None,
    *,
    codec: str = "ffv1",
    pixels: str = "gray",
    tag: int | None = None,
    rotation: int | None = None,
    time_base: Fraction = MILLISECOND,
    options: dict[str, str] | None = None,
    container: str | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """Write grey images, whose values go into the luma plane as they are, at those times."""
    images = [ramp(i) for i in range(len(pts_ms))] if images is None else list(images)
    with av.open(str(path), "w", format=container, options=container_options or {}) as output:
        stream = output.add_stream(codec, rate=25, options=options or {})
        stream.pix_fmt = pixels
        stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        stream.height, stream.width = images[0].shape
        if tag is not None:
            stream.codec_context.color_range = tag
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for pts, image in zip(pts_ms, images, strict=True):
            frame = picture(image, pixels)
            frame.pts, frame.time_base = round(pts * MILLISECOND / time_base), time_base
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def picture(image: np.ndarray, pixels: str) -> av.VideoFrame:
    """A frame with `image` (H, W) as its luma, 8 or 10 bit, and no colour."""
    frame = av.VideoFrame(image.shape[1], image.shape[0], pixels)
    ten_bit = "10le" in pixels
    for number, plane in enumerate(frame.planes):
        dtype = np.dtype("<u2") if ten_bit else np.dtype("u1")
        lines = np.frombuffer(plane, dtype).reshape(plane.height, -1)
        lines[:] = (512 if ten_bit else 128) if number else 0
        if number == 0:
            lines[:, : image.shape[1]] = image.astype(dtype) * (4 if ten_bit else 1)
    return frame


def to_limited(image: np.ndarray) -> np.ndarray:
    """Full-range grey to 16..235."""
    return np.rint(16 + image.astype(float) * 219 / 255).astype(np.uint8)


def read_all(source: Player) -> tuple[SourceInfo, list[Frame], str]:
    """Open, read to the end, close: what the source says, its frames, and how it ended."""
    info = source.open()
    frames = []
    try:
        while True:
            frame = source.read(1.0)
            assert frame is not None
            frames.append(frame)
    except EndOfStream as end:
        return info, frames, str(end)
    finally:
        source.close()


def replay(path: Path, **settings: object) -> tuple[SourceInfo, list[Frame], str]:
    """The whole of a file at speed `max`."""
    return read_all(VideoFile(VideoFileConfig.model_validate({"path": path, "speed": "max", **settings})))


def indices(frames: Iterable[Frame]) -> list[int]:
    """Which exposures they are."""
    return [frame.index for frame in frames]


def times_ms(frames: Iterable[Frame]) -> list[float]:
    """Their media times."""
    return [frame.media_ns / 1e6 for frame in frames]


def gaps(frames: Sequence[Frame]) -> Iterator[tuple[int, bool]]:
    """Exposure before which others are missing, and whether that was inferred."""
    for before, after in pairwise(frames):
        if after.index != before.index + 1:
            yield after.index, after.index_inferred


def damage(path: Path, packets: Sequence[int], *, header: int = 0) -> None:
    """Overwrite the length of the first unit of those packets of an H.264 file; `header` bytes precede it."""
    with av.open(str(path)) as container:
        positions = [packet.pos for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for number in packets:
        start = positions[number] + header
        content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
