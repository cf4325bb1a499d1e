"""A recorded video, replayed as if it were a camera."""

from collections.abc import Iterator
from functools import partial

from av.video.frame import VideoFrame

from selfee_rt.acquire.decoder import Decoder
from selfee_rt.acquire.demux import scan, sha256_of
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Playback, Shot
from selfee_rt.acquire.timing import FileClock, settle_timing
from selfee_rt.clock import NS_PER_S
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import EndOfStream, SourceError
from selfee_rt.types import Frame, SourceInfo


class VideoFile:
    """Grey images of a video file with the file's own times; any format that FFmpeg reads.

    At a speed other than `max` frames come when they are due, and a reader that is too slow loses some.
    """

    def __init__(self, config: VideoFileConfig) -> None:
        self._config = config
        self._decoder: Decoder | None = None
        self._playback: Playback | None = None

    def open(self) -> SourceInfo:
        """Read the file's timestamps, settle what they mean, and decode the first frame.

        Raises:
            SourceError: the file is no video, or has no usable frame rate.
        """
        config = self._config
        promise = scan(config.path)
        timing = settle_timing(promise.stamps, source=config.timestamps, fps=config.fps, name=str(config.path))
        digest = sha256_of(config.path)
        decoder = self._decoder = Decoder(config.path)
        pictures = Pictures(decoder.first, range_=config.range)
        shots = self._shots(decoder, pictures, FileClock(timing), promise.frames)
        self._playback = Playback(shots, speed=config.speed, fps=timing.fps)
        return SourceInfo(
            name=str(config.path),
            width_px=pictures.width_px,
            height_px=pictures.height_px,
            colour=False,
            fps=timing.fps,
            frames=promise.frames,
            time_quality="arrival" if config.speed == "max" else "due",
            paced=config.speed != "max",
            can_wait=config.speed == "max",
            notes=(timing.note, *pictures.notes),
            content_sha256=digest,
        )

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, (H, W) grey; None if none was due within `timeout_s`.

        Raises:
            EndOfStream: no more frames; the message says how many were read, were promised, and were damaged.
        """
        if self._playback is None:
            raise SourceError(f"{self._config.path} is not open; call open() first")
        return self._playback.read(timeout_s)

    def close(self) -> None:
        """Release the file; allowed twice."""
        self._playback = None
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _shots(self, decoder: Decoder, pictures: Pictures, clock: FileClock, promised: int | None) -> Iterator[Shot]:
        for frame in decoder.frames():
            yield Shot(clock.stamp(pts_ns(frame)), partial(pictures.convert, frame))
        report = decoder.report(promised)
        if clock.repaired:
            report += f"; frames whose timestamp is missing or does not lie after the one before: {clock.repaired}"
        raise EndOfStream(f"{decoder.path}: {report}")


def pts_ns(frame: VideoFrame) -> int | None:
    """Presentation time of a frame in its file, None where it has none."""
    return None if frame.pts is None or frame.time_base is None else round(frame.pts * frame.time_base * NS_PER_S)
