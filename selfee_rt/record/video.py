"""The camera's picture, in segments, as it arrived."""

from pathlib import Path

from selfee_rt.clock import NS_PER_S
from selfee_rt.config import RecordConfig
from selfee_rt.errors import RecordingFailed
from selfee_rt.folder.rows import ExposureRow
from selfee_rt.folder.schema import segment_name
from selfee_rt.record.segment import Segment
from selfee_rt.types import Frame, SourceInfo


class VideoRecorder:
    """Records every frame that it is given while recording is on, which it is from the start.

    A new segment begins when recording is started and whenever one is `segment_s` of `media_ns` long.
    Used by one thread, from construction to `close`.

    Raises:
        ValueError: the configuration says `video = "none"`.
    """

    def __init__(self, folder: Path, config: RecordConfig, info: SourceInfo) -> None:
        if config.video == "none":
            raise ValueError('record.video is "none"; make no recorder')
        self._codec = config.video
        self._folder = folder
        self._config = config
        self._fps = info.fps
        self._shape = (info.height_px, info.width_px, 3) if info.colour else (info.height_px, info.width_px)
        self._n_segments = 0
        self._segment: Segment | None = None
        self._segment_start_ns = 0
        self._recording = True

    @property
    def recording(self) -> bool:
        """Whether the next frame will be recorded."""
        return self._recording

    def start(self) -> None:
        """Record from the next frame on, into a new segment; nothing changes where it is on already."""
        self._recording = True

    def stop(self) -> None:
        """Finish the segment; frames from now on are not recorded until `start`.

        Raises:
            RecordingFailed: the segment could not be finished.
        """
        self._recording = False
        self._finish()

    def write(self, frame: Frame) -> ExposureRow:
        """Record one frame; return where it went, or with no segment where recording is off.

        Raises:
            RecordingFailed: disk full or gone, or the picture's size has changed.
        """
        segment, position = self._place(frame) if self._recording else (None, None)
        return ExposureRow(
            frame_index=frame.index,
            media_ns=frame.media_ns,
            captured_ns=frame.captured_ns,
            received_ns=frame.received_ns,
            segment=segment,
            position=position,
            inferred=frame.index_inferred,
        )

    def _place(self, frame: Frame) -> tuple[str, int]:
        if frame.image.shape != self._shape:
            raise RecordingFailed(f"exposure {frame.index} has shape {frame.image.shape}, expected {self._shape}")
        segment = self._segment_for(frame.media_ns)
        return segment.path.name, segment.write(frame.image, frame.media_ns - self._segment_start_ns)

    def _segment_for(self, media_ns: int) -> Segment:
        if self._segment is not None and media_ns - self._segment_start_ns >= self._config.segment_s * NS_PER_S:
            self._finish()
        if self._segment is None:
            path = self._folder / segment_name(self._n_segments)
            self._segment = Segment(path, self._codec, self._shape, fps=self._fps, crf=self._config.crf)
            self._segment_start_ns = media_ns
            self._n_segments += 1
        return self._segment

    def _finish(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def close(self) -> None:
        """Finish what was begun; allowed twice.

        Raises:
            RecordingFailed: the segment could not be finished; what was written before stays readable.
        """
        self._recording = False
        self._finish()
