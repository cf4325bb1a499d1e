"""A recorded video, replayed as if it were a camera."""

from collections.abc import Iterator
from functools import partial

from selfee_rt.acquire.decoder import Decoder, pts_ns
from selfee_rt.acquire.demux import Scan, scan, sha256_of
from selfee_rt.acquire.grey import Pictures
from selfee_rt.acquire.playback import Opened, Player, Shot, Spot
from selfee_rt.acquire.timing import FileClock, settle_timing
from selfee_rt.config import VideoFileConfig
from selfee_rt.errors import EndOfStream
from selfee_rt.types import SourceInfo


class VideoFile(Player):
    """Grey images (H, W) of a video file with the file's own times; any format that FFmpeg reads.

    At a speed other than `max` frames come when they are due, and a reader that is too slow loses some.
    """

    def __init__(self, config: VideoFileConfig) -> None:
        super().__init__(partial(open_file, config), config.speed)


def open_file(config: VideoFileConfig, *, identify: bool = True) -> Opened:
    """Read a file's timestamps, settle what they mean, and decode its first frame.

    Without `identify` its sha256 is left out, which takes long where the file is large.

    Raises:
        SourceError: the file is no video, or has no usable frame rate.
    """
    promise = scan(config.path)
    timing = settle_timing(promise.stamps, source=config.timestamps, fps=config.fps, name=str(config.path))
    digest = sha256_of(config.path) if identify else None
    decoder = Decoder(config.path)
    pictures = Pictures(decoder.first, range_=config.range)
    info = SourceInfo(
        name=str(config.path),
        width_px=pictures.width_px,
        height_px=pictures.height_px,
        colour=False,
        fps=timing.fps,
        frames=promise.frames,
        time_quality="arrival",
        paced=False,
        can_wait=True,
        notes=(timing.note, *pictures.notes),
        content_sha256=digest,
    )
    return Opened(info, _shots(decoder, pictures, FileClock(timing), promise), decoder.close)


def _shots(decoder: Decoder, pictures: Pictures, clock: FileClock, promise: Scan) -> Iterator[Shot]:
    for frame in decoder.frames():
        spot = Spot(decoder.path, decoder.n_frames - 1, frame.pts)
        yield Shot(clock.stamp(pts_ns(frame)), partial(pictures.convert, frame), spot)
    report = decoder.report(promise.frames)
    if promise.missing_s is not None:
        report += f"; the file ends {promise.missing_s:.1f} s before its stated length, it was cut short"
    if clock.repaired:
        report += f"; frames whose timestamp is missing or does not lie after the one before: {clock.repaired}"
    raise EndOfStream(f"{decoder.path}: {report}")
