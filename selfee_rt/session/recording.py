"""Where the other stages hand over what is to be recorded, and what happens when that fails."""

import threading
from collections.abc import Callable
from typing import Any, Literal

from selfee_rt.channels import Channel, WhenFull
from selfee_rt.errors import ChannelClosed, Overrun, RecordingFailed
from selfee_rt.types import Frame


class Recording:
    """The way to the log and to the video; lossless, or it fails loudly and then takes nothing more.

    After a failure nothing further is accepted: a log with holes would not account for every exposure.
    """

    def __init__(
        self,
        *,
        items: int,
        frames: int,
        when_full: WhenFull,
        on_failure: Literal["stop", "continue"],
        stop: Callable[[Exception], None],
    ) -> None:
        self.log_channel = Channel[Any]("log", capacity=items, when_full=when_full)
        self.video_channel = Channel[Any]("video", capacity=frames, when_full=when_full)
        self.failure: Exception | None = None
        self._on_failure = on_failure
        self._stop = stop
        self._lock = threading.Lock()

    def log(self, item: Any) -> None:
        """Hand over anything that the session log keeps."""
        self._put(self.log_channel, item)

    def frame(self, frame: Frame) -> None:
        """Hand over a frame to the video recorder."""
        self._put(self.video_channel, frame)

    def failed(self, error: Exception) -> None:
        """Recording is over; the session stops, unless it was told to continue without."""
        with self._lock:
            if self.failure is not None:
                return
            self.failure = error
        self.video_channel.close()
        self.log_channel.close()
        if self._on_failure == "stop":
            self._stop(error)

    def _put(self, channel: Channel[Any], item: Any) -> None:
        try:
            channel.put(item)
        except Overrun as overrun:
            self.failed(
                RecordingFailed(
                    f"recording fell behind: {overrun}; what was recorded until then is kept. "
                    "Use a faster disk, a smaller picture or frame rate, or raise record.buffer_s"
                )
            )
        except ChannelClosed:
            if self.failure is None:
                raise
