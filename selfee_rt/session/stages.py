"""What each thread of a session does, from its input's first item to its last."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from selfee_rt import build
from selfee_rt.channels import Channel
from selfee_rt.clock import now_ns
from selfee_rt.config import PublishConfig, RecordConfig
from selfee_rt.decide import Decision, Ending
from selfee_rt.errors import ChannelClosed, RecordingFailed
from selfee_rt.folder import RECORDING_FAILED, ExposureRow, HopTime
from selfee_rt.protocols import Sink
from selfee_rt.publish.preview import Preview
from selfee_rt.publish.publisher import Publisher
from selfee_rt.publish.stills import Stills
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import LogItem, SessionLog
from selfee_rt.record.video import VideoRecorder
from selfee_rt.session.meter import Meter
from selfee_rt.session.recording import Recording
from selfee_rt.session.stage import Ready
from selfee_rt.stimuli import Delivery, Trigger
from selfee_rt.types import Action, Bout, Frame, Loss, Revision, SourceInfo
from selfee_rt.wire import SessionMessage, StatusMessage

T = TypeVar("T")

PATIENCE_S = 0.01
"""How long an encoder with nothing else to do waits for a decision that is being made."""
IDLE_S = 0.04
"""How often a stage that writes looks after what is due when nothing arrives."""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What the deciding thread hands on, in order: the losses before an exposure, then the exposure."""

    losses: tuple[Loss, ...]
    decision: Decision | None
    ending: Ending = field(default_factory=Ending)
    """What was pending when the stream ended."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Start or stop recording video, between the frames where it stands."""

    on: bool


Publication = Decided | StatusMessage | Action | Delivery
"""What the publisher takes."""


def items(channel: Channel[T], idle: Callable[[], None] | None = None) -> Iterator[T]:
    """Everything that a channel brings until it ends; `idle` is called after each item and while nothing comes."""
    while True:
        try:
            item = channel.get(timeout_s=None if idle is None else IDLE_S)
        except ChannelClosed:
            return
        if item is not None:
            yield item
        if idle is not None:
            idle()


class LogStage:
    """Writes everything to the session log and the embedding store.

    `ending`, asked once after the last item, says how the session ended, its last exposure, and why in a sentence.
    """

    def __init__(
        self,
        folder: Path,
        config: RecordConfig,
        model_id: str,
        recording: Recording,
        meter: Meter,
        ending: Callable[[], tuple[str, int, str]],
    ) -> None:
        self._folder = folder
        self._config = config
        self._model_id = model_id
        self._recording = recording
        self._meter = meter
        self._ending = ending

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        log = SessionLog(self._folder)
        every = self._config.embeddings_every
        store = EmbeddingStore(self._folder, every, self._model_id) if every else None
        try:
            ready()
            for item in items(self._recording.log_channel, lambda: self._commit(log, store)):
                self._meter.n_in += 1
                self._write(log, store, item)
            if store is not None:
                store.end()
            self._end(log)
        except RecordingFailed as error:
            self._meter.error = str(error)
            self._recording.failed(error)
            self._recording.log_channel.drain()
            with suppress(RecordingFailed):  # then the log ends with its last transaction, as after a kill
                self._end(log)
        finally:
            if store is not None:
                store.close()
            log.close()

    def _end(self, log: SessionLog) -> None:
        """Write how it ended; after a failure the log ends where recording did, not where the session does."""
        failure = self._recording.failure
        if failure is not None:
            log.end(RECORDING_FAILED, log.last_index, str(failure))
        else:
            log.end(*self._ending())

    def _commit(self, log: SessionLog, store: EmbeddingStore | None) -> None:
        now = now_ns()
        if store is not None:
            store.commit_if_due(now)
        if log.commit_if_due(now) and log.last_index >= 0:
            log.write(HopTime(log.last_index, "recorded", now_ns()))

    def _write(self, log: SessionLog, store: EmbeddingStore | None, item: LogItem | Decided) -> None:
        if not isinstance(item, Decided):
            log.write(item)
            return
        before: tuple[LogItem, ...] = (*item.losses, *item.ending.revisions, *item.ending.bouts)
        for each in before:
            log.write(each)
        if item.decision is None:
            return
        said: tuple[LogItem, ...] = (
            *item.decision.observations,
            *item.decision.revisions,
            *item.decision.bouts,
            *item.decision.triggers,
        )
        for each in said:
            log.write(each)
        if store is not None:
            store.write(item.decision.embeddings)
        self._meter.n_out += 1
        self._meter.took(now_ns() - item.decision.observations[-1].decided_ns)


class VideoStage:
    """Encodes frames to disk, and says in the log where each one lies; waits a moment while a decision is made."""

    def __init__(
        self,
        folder: Path,
        config: RecordConfig,
        info: SourceInfo,
        recording: Recording,
        quiet: threading.Event,
        meter: Meter,
    ) -> None:
        self._folder = folder
        self._config = config
        self._info = info
        self._recording = recording
        self._quiet = quiet
        self._meter = meter
        self.on = True

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        recorder = VideoRecorder(self._folder, self._config, self._info)
        try:
            recorder.start()
            ready()
            for item in items(self._recording.video_channel):
                if not len(self._recording.video_channel):
                    self._quiet.wait(PATIENCE_S)
                if isinstance(item, Switch):
                    self._switch(recorder, item)
                else:
                    self._record(recorder, item)
        except RecordingFailed as error:
            self._meter.error = str(error)
            self.on = False
            self._recording.failed(error)
        finally:
            recorder.close()

    def _switch(self, recorder: VideoRecorder, switch: Switch) -> None:
        if switch.on != self.on:
            if switch.on:
                recorder.start()
            else:
                recorder.stop()
            self.on = switch.on

    def _record(self, recorder: VideoRecorder, frame: Frame) -> None:
        self._meter.n_in += 1
        if not self.on:
            self._recording.log(exposure_row(frame))
            return
        self._recording.log(recorder.write(frame))
        self._meter.n_out += 1
        self._meter.took(now_ns() - frame.received_ns)


def exposure_row(frame: Frame) -> ExposureRow:
    """The log's row of an exposure whose picture is not recorded."""
    return ExposureRow(
        frame.index, frame.media_ns, frame.captured_ns, frame.received_ns, None, None, frame.index_inferred
    )


class PublishStage:
    """Sends what was decided to whoever listens."""

    def __init__(
        self,
        config: PublishConfig,
        session: SessionMessage,
        channel: Channel[Publication],
        recording: Recording,
        meters: Mapping[str, Meter],
    ) -> None:
        self._config = config
        self._session = session
        self._scores: Sink | None = None
        self._channel = channel
        self._recording = recording
        self._meter, self._total = meters["publish"], meters["total"]
        self.address: str | None = None
        """Where it is bound, once the stage runs."""

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        publisher = Publisher(self._config, self._session)
        self.address = publisher.address
        try:
            self._scores = build.score_streams(self._session) if self._config.lsl else None
            ready()
            for item in items(self._channel, lambda: publisher.tick(now_ns())):
                match item:
                    case StatusMessage():
                        publisher.status(item)
                    case Action() | Delivery():
                        publisher.write(item)
                    case Decided():
                        self._publish(publisher, item)
        finally:
            publisher.close()
            if self._scores is not None:
                self._scores.close()

    def _publish(self, publisher: Publisher, item: Decided) -> None:
        last: tuple[Revision | Bout, ...] = (*item.ending.revisions, *item.ending.bouts)
        for each in last:
            publisher.write(each)
        if item.decision is None:
            return
        self._meter.n_in += 1
        for observation in item.decision.observations:
            publisher.write(observation)
        published_ns = now_ns()
        if self._scores is not None:
            for observation in item.decision.observations:
                self._scores.write(observation)
        if self._config.embeddings:
            publisher.write(item.decision.embeddings)
        decision = item.decision
        judged: tuple[Trigger | Revision | Bout, ...] = (*decision.triggers, *decision.revisions, *decision.bouts)
        for said in judged:
            publisher.write(said)
        exposure = item.decision.embeddings.exposure
        self._meter.n_out += 1
        self._meter.took(published_ns - item.decision.observations[-1].decided_ns)
        self._total.took(published_ns - exposure.newest_captured_ns)
        self._recording.log(HopTime(exposure.index, "published", published_ns))


class PreviewStage:
    """Sends the camera's picture, at most `preview_fps` times a second, and keeps small ones of the last seconds."""

    def __init__(self, config: PublishConfig, session_id: str, channel: Channel[Frame], quiet: threading.Event) -> None:
        self.address: str | None = None
        """Where it is bound, once the stage runs."""
        self._config = config
        self._session_id = session_id
        self._channel = channel
        self._quiet = quiet
        self.stills = Stills(config.clip_s, config.clip_mib) if config.clip_s else None
        """What can be shown of the last seconds; None: nothing."""

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        preview = Preview(self._config, self._session_id)
        self.address = preview.address
        try:
            ready()
            for frame in items(self._channel):
                self._quiet.wait(PATIENCE_S)
                preview.write(frame)
                if self.stills is not None:
                    self.stills.write(frame)
        finally:
            preview.close()
