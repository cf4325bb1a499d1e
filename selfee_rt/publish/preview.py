"""The camera's picture to whoever wants to see it."""

import zmq

from selfee_rt import clock, wire
from selfee_rt.clock import NS_PER_S
from selfee_rt.config import PublishConfig
from selfee_rt.publish.bound import BoundSocket
from selfee_rt.publish.jpeg import QUALITY, JpegEncoder
from selfee_rt.types import Frame

WIDEST_PX = 640
"""Wider pictures are scaled down to this."""

HIGH_WATER = 4
"""Pictures that wait for one subscriber; a subscriber that conflates never waits for more than the newest."""


class Preview:
    """Sends single-frame messages: length of the header, header, JPEG. Used by one thread."""

    def __init__(self, config: PublishConfig, session_id: str) -> None:
        """Bind at once.

        Raises:
            PublishError: the address cannot be bound, or may not be.
        """
        self._bound = BoundSocket(zmq.PUB, config.preview, "publish.preview", config.curve, {zmq.SNDHWM: HIGH_WATER})
        self.address = self._bound.address
        """Where it is bound."""
        self.n_sent = 0
        self._session_id = session_id
        self._period_ns = round(NS_PER_S / config.preview_fps)
        self._due_ns: int | None = None
        self._encoder: JpegEncoder | None = None

    def write(self, frame: Frame) -> None:
        """Send the picture if one is due; on average never more than `preview_fps`.

        Raises:
            PublishError: FFmpeg refused the picture.
        """
        if not self._due(clock.now_ns()):
            return
        if self._encoder is None or self._encoder.shape != frame.image.shape:
            self._encoder = JpegEncoder(frame.image, widest_px=WIDEST_PX)
        header = self._header(frame, self._encoder)
        self._bound.socket.send(wire.with_header(header, self._encoder.encode(frame.image)))
        self.n_sent += 1

    def _due(self, now_ns: int) -> bool:
        """Whether to send now; a camera's jitter does not lower the rate, since the schedule is not moved by it."""
        due_ns = now_ns if self._due_ns is None else self._due_ns
        if now_ns < due_ns:
            return False
        self._due_ns = max(due_ns, now_ns - self._period_ns) + self._period_ns
        return True

    def _header(self, frame: Frame, encoder: JpegEncoder) -> wire.PreviewHeader:
        return wire.PreviewHeader(
            session_id=self._session_id,
            seq=self.n_sent,
            index=frame.index,
            media_ns=frame.media_ns,
            captured_ns=frame.captured_ns,
            received_ns=frame.received_ns,
            colour=frame.image.ndim == 3,
            width_px=encoder.width_px,
            height_px=encoder.height_px,
            scale=encoder.scale,
            quality=QUALITY,
        )

    def close(self) -> None:
        """Unbind. Allowed twice."""
        self._bound.close()
