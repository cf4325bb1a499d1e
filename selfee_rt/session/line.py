"""The channels of one session, and what each stage hands on to which."""

import threading
from collections.abc import Callable
from typing import Any

from selfee_rt.accounting import Ledger
from selfee_rt.channels import Channel
from selfee_rt.config import SessionConfig
from selfee_rt.errors import ControlError
from selfee_rt.session.recording import Recording
from selfee_rt.session.stages import Decided, Publication, Switch, exposure_row
from selfee_rt.stimuli import Delivery
from selfee_rt.types import Action, Frame, LiveFrames, Loss, SourceInfo
from selfee_rt.wire import Queue

NEWEST_LIVE = 2
"""Live frames that may wait for the network behind a camera; older ones are dropped, and counted."""
AHEAD_LIVE = 8
"""Live frames that a source that can wait may be ahead."""
MOST_UNPUBLISHED = 1000
LOG_ITEMS_PER_EXPOSURE = 8
"""Room in the log's channel: an exposure, its decision, its publication, and what else may come."""


class Line:
    """Every channel of a session. Behind a source that can wait none loses anything; behind a camera each says what."""

    def __init__(
        self,
        config: SessionConfig,
        info: SourceInfo,
        ledger: Ledger,
        *,
        records_video: bool,
        on_failure: Callable[[Exception], None],
    ) -> None:
        waits = info.can_wait
        buffered = max(16, round(config.record.buffer_s * info.fps))
        self.live = Channel[LiveFrames](
            "embed",
            capacity=AHEAD_LIVE if waits else NEWEST_LIVE,
            when_full="wait" if waits else "drop_oldest",
            on_drop=lambda live: ledger.lost(Loss("channel:embed", live.exposure.index, live.exposure.index)),
        )
        self.published: Channel[Publication] | None = None
        if config.publish.observations is not None:
            self.published = Channel("publish", capacity=MOST_UNPUBLISHED, when_full="wait" if waits else "drop_oldest")
        self.preview: Channel[Frame] | None = None
        if config.publish.preview is not None:
            self.preview = Channel("preview", capacity=1, when_full="drop_oldest")
        self.recording = Recording(
            items=LOG_ITEMS_PER_EXPOSURE * buffered,
            frames=buffered,
            when_full="wait" if waits else "fail",
            on_failure=config.record.on_failure,
            stop=on_failure,
        )
        self._records_video = records_video
        self.quiet = threading.Event()
        """Set while nothing waits to be decided: when encoders had better work, on a machine with few cores."""
        self.quiet.set()

    @property
    def queues(self) -> dict[str, Queue]:
        """How full each channel is, by the stage that takes from it."""
        recording = self.recording
        channels: dict[str, Channel[Any] | None] = {
            "embed": self.live,
            "publish": self.published,
            "record": recording.log_channel,
            "video": recording.video_channel if self._records_video else None,
        }
        return {
            name: Queue(waiting=len(channel), capacity=channel.capacity)
            for name, channel in channels.items()
            if channel is not None
        }

    def composed(self, live: LiveFrames) -> None:
        """Hand a live frame to be decided about."""
        if self.live.when_full != "wait":
            self.quiet.clear()
        self.live.put(live)

    def captured(self, frame: Frame) -> None:
        """Hand an exposure to the recorder (or its times to the log) and to the preview."""
        if self._records_video:
            self.recording.frame(frame)
        else:
            self.recording.log(exposure_row(frame))
        if self.preview is not None:
            self.preview.put(frame)

    def decided(self, item: Decided) -> None:
        """Hand on what was decided."""
        self.publish(item)
        if item.decision is not None and not len(self.live):
            self.quiet.set()
        self.recording.log(item)

    def acted(self, action: Action) -> None:
        """Hand on what a client did."""
        self.recording.log(action)
        self.publish(action)

    def delivered(self, delivery: Delivery) -> None:
        """Hand on what became of a trial at its device."""
        self.recording.log(delivery)
        self.publish(delivery)

    def publish(self, item: Publication) -> None:
        """Hand on to the publisher, if there is one."""
        if self.published is not None:
            self.published.put(item)

    def switch_video(self, on: bool) -> None:
        """Start or stop recording video, after the frames that were captured before.

        Raises:
            ControlError: this session records no video, or recording has failed.
        """
        if not self._records_video:
            raise ControlError("this session records no video: record.video is none, or a recording is replayed")
        if self.recording.failure is not None:
            raise ControlError(f"recording has failed: {self.recording.failure}")
        self.recording.video_channel.put(Switch(on))

    def close(self) -> None:
        """Close every channel at once; for a session that could not start."""
        for channel in (
            self.live,
            self.published,
            self.preview,
            self.recording.video_channel,
            self.recording.log_channel,
        ):
            if channel is not None:
                channel.close()
