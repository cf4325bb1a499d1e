"""Opening a video file, and what can be learned of it without decoding it."""

import hashlib
import re
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from selfee_rt.acquire.timing import Stamps, usable_fps
from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import SourceError

MAX_PACKETS = 500_000
"""A scan ends here (four hours at 30 frames/s, under a second); what lies behind is judged when it is read."""

PROBED_FRAMES = 32
"""Frames decoded to see in which order they come, where a file claims to need reordering and shows none."""

ELEMENTARY = "h264 hevc vvc av1 obu mjpeg mjpeg_2000 mpegvideo m4v h261 h263 vc1 dirac dnxhd cavsvideo rawvideo image2"
UNTIMED = frozenset(ELEMENTARY.split())
"""FFmpeg's names of formats that hold no time; it invents 25 frames/s for them."""

LENGTH = re.compile(r"(\d+):(\d+):(\d+\.\d+)")
CUT_SHORT_S = 0.5
"""A file that ends this much before its stated length was cut short."""

NOT_VIDEO = frozenset({"tty", "bin", "xbin", "adf", "idf"})
"""FFmpeg's names of text that it would render as a video of text."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file promises."""

    stamps: Stamps
    frames: int | None
    """Promised number of frames: the container's, else counted; None: too long to count, or cut short."""
    missing_s: float | None = None
    """By how much the file is shorter than it says, where it states a length and no number of frames."""


def open_video(path: Path) -> InputContainer:
    """Open a file through FFmpeg.

    Raises:
        SourceError: it is missing, empty, no file, or FFmpeg finds no video in it.
    """
    _check_file(path)
    try:
        container = av.open(f"file:{path}")
    except (av.FFmpegError, OSError) as error:
        raise SourceError(
            f"{path} cannot be read as a video: {error.strerror}; expected any format FFmpeg knows, "
            "is the file complete (ffprobe says more)?"
        ) from error
    try:
        video_stream(container, path)
    except SourceError:
        container.close()
        raise
    return container


def _check_file(path: Path) -> None:
    try:
        if path.is_file() and path.stat().st_size:
            return
        what = "is empty" if path.is_file() else "is not a file" if path.exists() else "does not exist"
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; check its permissions and its disk") from error
    raise SourceError(f"{path} {what}; give the path of a video file")


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """Return the first stream that is a video and not a cover picture, set to decode on the calling thread alone.

    One thread decodes a 1024x1024 H.264 frame in about 1 ms, delays nothing, takes nothing from inference, and meets
    damage at the same frame on every machine; FFmpeg's frame threads lose what they hold at a damaged end.

    Raises:
        SourceError: there is none, or FFmpeg cannot decode it.
    """
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams or container.format.name in NOT_VIDEO:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise SourceError(f"{path} holds no video, only {kinds}; expected a video stream, give another file")
    stream = streams[0]
    if stream.codec_context is None:
        raise SourceError(f"{path} is coded in a way that this FFmpeg cannot decode; convert it, for example to H.264")
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    return stream


def scan(path: Path) -> Scan:
    """Read the timestamps of a file, and how many frames it promises.

    Raises:
        SourceError: it cannot be opened.
    """
    with closing(open_video(path)) as container:
        stream = video_stream(container, path)
        packets, n_packets = _packets(container, stream)
        timed = not (container.format.name in UNTIMED or container.format.name.endswith("_pipe"))
        rate = stream.guessed_rate if timed else stream.codec_context.framerate
        dts = [packet.dts for packet in packets if packet.dts is not None]
        backwards = sum(later < earlier for earlier, later in pairwise(dts))
        if stream.codec_context.has_b_frames and _rise([packet.pts for packet in packets]):
            backwards += _backwards_when_decoded(path)
        stamps = Stamps(
            pts_ns=tuple(_nanoseconds(packet.pts, packet.time_base) if timed else None for packet in packets),
            backwards=backwards,
            tick_ns=float((stream.time_base or 0) * NS_PER_S),
            stated_fps=usable_fps(rate),
        )
        if stream.frames:
            return Scan(stamps, stream.frames - (n_packets - len(packets)))
        missing_s = _missing_s(stream, packets) if n_packets < MAX_PACKETS else None
        counted = len(packets) if n_packets < MAX_PACKETS and missing_s is None else None
        return Scan(stamps, counted, missing_s)


@dataclass(frozen=True, slots=True)
class _Times:
    """What is kept of a packet."""

    pts: int | None
    dts: int | None
    duration: int
    time_base: Fraction


def _packets(container: InputContainer, stream: VideoStream) -> tuple[list[_Times], int]:
    """Times of the packets that are to be shown, and the number of packets seen."""
    shown: list[_Times] = []
    n_packets = 0
    with suppress(av.FFmpegError):  # a broken end is met again, and reported, when the file is read
        for packet in islice(container.demux(stream), MAX_PACKETS):
            n_packets += packet.size > 0
            if packet.size and not packet.is_discard:
                shown.append(_Times(packet.pts, packet.dts, packet.duration or 0, packet.time_base))
    return shown, n_packets


def _missing_s(stream: VideoStream, packets: list[_Times]) -> float | None:
    """Time between the last packet and the end that a Matroska file states in its head; None: it is whole."""
    stated = LENGTH.fullmatch(stream.metadata.get("DURATION", ""))
    ends = [float((packet.pts + packet.duration) * packet.time_base) for packet in packets if packet.pts is not None]
    if stated is None or not ends:
        return None
    hours, minutes, seconds = stated.groups()
    missing_s = 3600 * int(hours) + 60 * int(minutes) + float(seconds) - max(ends)
    return missing_s if missing_s > CUT_SHORT_S else None


def _rise(values: list[int | None]) -> bool:
    return all(a is not None and b is not None and a < b for a, b in pairwise(values))


def _backwards_when_decoded(path: Path) -> int:
    """How often time runs backwards between the first frames in the order in which they are shown.

    AVI stores no presentation times, so that FFmpeg makes them from the order in the file; with B-frames that is wrong.
    """
    with closing(open_video(path)) as container, suppress(av.FFmpegError):
        frames = islice(container.decode(video_stream(container, path)), PROBED_FRAMES)
        pts = [frame.pts for frame in frames if frame.pts is not None]
        return sum(later <= earlier for earlier, later in pairwise(pts))
    return 0


def _nanoseconds(pts: int | None, time_base: Fraction) -> int | None:
    return None if pts is None else round(pts * time_base * NS_PER_S)


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's bytes.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; check its permissions and its disk") from error
