"""From decoded video frames to full-range images."""

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from selfee_rt.config import Range
from selfee_rt.types import read_only

STRETCH = np.clip(np.rint((np.arange(256) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
"""(256,) uint8: limited-range grey (16..235) to full range (0..255), as ITU-R BT.601 defines them."""

FULL_BY_FORMAT = ("yuvj", "gray", "rgb", "bgr", "argb", "abgr", "gbr", "0rgb", "0bgr", "pal8", "mono", "ya", "bayer")
"""Pixel formats whose names begin like this hold the full range unless the file is tagged otherwise."""

JPEG, MPEG = int(ColorRange.JPEG), int(ColorRange.MPEG)


class Pictures:
    """Converts the frames of one stream to grey (H, W) or RGB (H, W, 3) uint8 images, full range, upright.

    Built from the stream's first frame, which settles the range and the rotation for the rest.
    `limited` and `note` say what was settled. The raw values are fetched in one libswscale pass by one reused
    reformatter (a fresh one per frame costs three to seven times as much) and stretched by a table where the range
    is limited: 0.7 ms for a grey megapixel, where libswscale's own stretching takes 1.0. With `widest_px` they are
    made no wider than that, in the same pass.
    """

    def __init__(
        self, first: VideoFrame, *, range_: Range = "auto", colour: bool = False, widest_px: int | None = None
    ) -> None:
        self.limited, why = settle_range(first.format.name, first.color_range, range_)
        self.turns, self._rotation_note = quarter_turns(first.rotation)
        self.colour = colour
        self.source_size = (first.width, first.height)
        factor = 1.0 if widest_px is None else min(1.0, widest_px / first.width)
        self._size = {"width": max(1, round(first.width * factor)), "height": max(1, round(first.height * factor))}
        self._range_note = f"grey range {'limited' if self.limited else 'full'}: {why}"
        self._reformatter = VideoReformatter()

    @property
    def width_px(self) -> int:
        """Width of the upright image."""
        return self.source_size[self.turns % 2]

    @property
    def height_px(self) -> int:
        """Height of the upright image."""
        return self.source_size[1 - self.turns % 2]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was settled, one sentence each, for `SourceInfo.notes`."""
        return (self._range_note, self._rotation_note) if self._rotation_note else (self._range_note,)

    def fits(self, frame: VideoFrame) -> bool:
        """Whether `frame` has the size of the first one."""
        return (frame.width, frame.height) == self.source_size

    def convert(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return `frame` as a contiguous, read-only, upright image: (H, W) grey or (H, W, 3) RGB uint8, 0..255."""
        image = self._rgb(frame) if self.colour else self._grey(frame)
        if self.turns:
            image = np.rot90(image, self.turns)
        return read_only(np.ascontiguousarray(image))

    def _grey(self, frame: VideoFrame) -> NDArray[np.uint8]:
        grey = rows(
            self._reformatter.reformat(
                frame, **self._size, format="gray", src_color_range=JPEG, dst_color_range=JPEG, threads=1
            )
        )
        return STRETCH.take(grey) if self.limited else grey

    def _rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        by_format = full_by_format(frame.format.name)
        source_range = MPEG if self.limited and not by_format else JPEG
        packed = self._reformatter.reformat(
            frame, **self._size, format="rgb24", src_color_range=source_range, dst_color_range=JPEG, threads=1
        )
        rgb = rows(packed, bytes_per_pixel=3).reshape(packed.height, packed.width, 3)
        return STRETCH.take(rgb) if self.limited and by_format else rgb


def rows(frame: VideoFrame, *, bytes_per_pixel: int = 1) -> NDArray[np.uint8]:
    """View of the first plane without the padding of its lines: (H, W * bytes_per_pixel) uint8."""
    plane: Any = frame.planes[0]
    lines = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)
    return lines[:, : frame.width * bytes_per_pixel]


def full_by_format(pixel_format: str) -> bool:
    """Whether a pixel format itself means full range.

    >>> full_by_format("yuvj420p"), full_by_format("gray10le"), full_by_format("yuv420p"), full_by_format("yuyv422")
    (True, True, False, False)
    """
    return pixel_format.startswith(FULL_BY_FORMAT)


def settle_range(pixel_format: str, tag: int, asked: Range) -> tuple[bool, str]:
    """Whether grey values are limited to 16..235, and why.

    Auto believes the file's tag, then the pixel format, and else takes YUV as limited, as FFmpeg and OpenCV do.

    >>> settle_range("yuv420p", 0, "auto")
    (True, 'the file does not say, and yuv420p is limited by convention; set range = "full" if it is not')
    """
    if asked != "auto":
        return asked == "limited", "set in the configuration"
    if full_by_format(pixel_format) and not (tag == MPEG and pixel_format.startswith(("gray", "ya"))):
        return False, f"{pixel_format} holds the full range"
    if tag in (JPEG, MPEG):
        return tag == MPEG, "the file says so"
    why = f'the file does not say, and {pixel_format} is limited by convention; set range = "full" if it is not'
    return True, why


def quarter_turns(rotation: int) -> tuple[int, str | None]:
    """Counter-clockwise quarter turns that bring a frame upright, and a note where there is something to say.

    `rotation` is the display matrix's angle in degrees, counter-clockwise, as PyAV gives it.

    >>> quarter_turns(-90)
    (3, 'rotated by 270 degrees counter-clockwise, as the file says')
    """
    turns, rest = divmod(rotation, 90)
    if rest:
        return 0, f"the file asks for a rotation by {rotation} degrees, which is no quarter turn and was not applied"
    turns %= 4
    return turns, f"rotated by {90 * turns} degrees counter-clockwise, as the file says" if turns else None
