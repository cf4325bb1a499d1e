"""A camera device or a network stream, through FFmpeg."""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

from selfee_rt.acquire.connection import shown
from selfee_rt.acquire.reconnect import Outage, Receiver
from selfee_rt.channels import Channel
from selfee_rt.config import StreamConfig
from selfee_rt.errors import ChannelClosed, SourceError
from selfee_rt.types import Frame, SourceInfo

logger = logging.getLogger(__name__)

HAND_OVER_FRAMES = 4
"""Frames that may wait for the reader; the oldest gives way to a newer one and is then a jump of the index."""
GRACE_S = 1.0


class Stream:
    """Frames of a camera device (v4l2, dshow, avfoundation) or of an RTSP, HTTP or UDP stream.

    FFmpeg blocks, so a thread of the source's own receives, decodes and hands over; `read` only waits for it.
    The stream counts as lost when no frame arrives for `lost_after_s`, or FFmpeg reports an error or the end; it is
    opened again with back-off while `read` returns None. The first frame after it has a jump of at least one exposure
    in its index, by the time that passed on the host's clock, and `media_ns` goes on.

    `captured_ns` is the arrival of a frame's last packet, before decoding.

    `close` waits for FFmpeg, at most about `lost_after_s` where the network is silent. A camera driver that neither
    sends nor fails cannot be interrupted by FFmpeg on any system; `close` then reports it and leaves the thread behind.
    """

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self._name = shown(config.address)
        self._stop = threading.Event()
        self._frames: Channel[Frame] | None = None
        self._receiver: Receiver | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._work: Future[Any] | None = None

    @property
    def outages(self) -> tuple[Outage, ...]:
        """Every time without the stream since it was opened, oldest first; the last thousand."""
        return () if self._receiver is None else tuple(self._receiver.outages)

    def open(self) -> SourceInfo:
        """Connect, and measure the frame rate on the first second; nothing of it is counted.

        Raises:
            SourceError: it cannot be opened within `open_timeout_s`.
        """
        self._stop.clear()
        self._frames = frames = Channel[Frame]("stream", capacity=HAND_OVER_FRAMES, when_full="drop_oldest")
        self._receiver = receiver = Receiver(self._config, frames, self._stop)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stream")
        self._work = connecting = self._thread.submit(receiver.connect)
        try:
            info = connecting.result(timeout=self._config.open_timeout_s + GRACE_S)
        except TimeoutError as error:
            self.close()
            raise SourceError(
                f"cannot open {self._name}: its driver did not answer within {self._config.open_timeout_s:g} s; "
                "check that the camera sends, for example that it is not waiting for a trigger"
            ) from error
        except BaseException:
            self.close()
            raise
        self._work = self._thread.submit(receiver.receive)
        self._work.add_done_callback(lambda _: frames.close())
        return info

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None if none came within `timeout_s`.

        Raises:
            SourceLost: the stream did not come back within `give_up_after_s`, or with another picture size.
            SourceError: it is not open.
        """
        if self._frames is None:
            raise SourceError(f"{self._name} is not open")
        try:
            return self._frames.get(timeout_s)
        except ChannelClosed as closed:
            failure = self._work.exception() if self._work is not None else None
            raise failure or SourceError(f"{self._name} is not open any more") from closed

    def close(self) -> None:
        """Release the device or the connection; allowed at any time, and twice."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is None or self._work is None:
            return
        patience_s = self._config.lost_after_s + self._config.open_timeout_s + GRACE_S
        ended = wait_for([self._work], timeout=patience_s).done
        if not ended:
            logger.error("the driver of %s does not return; end the program to free it", self._name)
        thread.shutdown(wait=bool(ended))
        self._frames, self._work = None, None
