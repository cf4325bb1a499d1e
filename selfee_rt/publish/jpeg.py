"""A picture as a JPEG, through FFmpeg's encoder."""

from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from selfee_rt.errors import PublishError

QUALITY = 4
"""The encoder's quantiser scale, 2 (best) to 31; at 4 artefacts are hard to see, a 640x480 picture is 20-60 kB."""


class JpegEncoder:
    """Encodes pictures of one size and colour; full range in, full range out (JFIF)."""

    def __init__(self, image: NDArray[np.uint8], *, widest_px: int) -> None:
        height, width = image.shape[:2]
        self.shape = image.shape
        self.width_px = min(width, widest_px)
        self.height_px = max(1, round(height * self.width_px / width))
        self.scale = self.width_px / width
        self._format = "rgb24" if image.ndim == 3 else "gray"
        self._reformatter = VideoReformatter()
        self._context = self._open()

    def _open(self) -> "av.video.codeccontext.VideoCodecContext":
        context = av.codec.CodecContext.create("mjpeg", "w")
        assert isinstance(context, av.video.codeccontext.VideoCodecContext)
        context.width, context.height = self.width_px, self.height_px
        context.pix_fmt = "yuvj420p"
        context.time_base = Fraction(1, 30)
        context.thread_count = 1
        context.qmin = context.qmax = QUALITY
        return context

    def encode(self, image: NDArray[np.uint8]) -> bytes:
        """Encode (H, W) grey or (H, W, 3) RGB uint8, 0..255, of the shape it was made for.

        Raises:
            PublishError: FFmpeg refused the picture.
        """
        try:
            frame = av.VideoFrame.from_ndarray(image, format=self._format)
            picture = self._reformatter.reformat(
                frame,
                width=self.width_px,
                height=self.height_px,
                format="yuvj420p",  # grey and RGB are full range by nature, and yuvj is too
                dst_color_range=ColorRange.JPEG,
                interpolation=Interpolation.BILINEAR,
            )
            return b"".join(bytes(packet) for packet in self._context.encode(picture))
        except av.error.FFmpegError as error:
            raise PublishError(f"the preview of a {image.shape} picture cannot be encoded: {error}") from error
