"""One connection to a camera device or a network stream through FFmpeg, tuned for low delay."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import av
from av.codec.context import Flags as CodecFlags
from av.container.core import Flags as ContainerFlags
from av.format import Flags as FormatFlags

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.config import StreamConfig
from selfee_rt.errors import SourceError, SourceLost

TUNING = {"analyzeduration": "1000000", "probesize": "500000", "fpsprobesize": "0"}
"""Look at a second or half a megabyte at most before decoding. FFmpeg's `nobuffer` is not among them: it throws the
packets that were looked at away, a keyframe among them, and a reader that never pauses has no delay to gain."""

PROTOCOL_TUNING = {
    "udp": {"overrun_nonfatal": "1", "fifo_size": "50000"},
    "rtsp": {"rtsp_transport": "tcp"},
}
GENERATE_TIMESTAMPS = cast(int, ContainerFlags.gen_pts.value)
NO_TIMESTAMPS = cast(int, FormatFlags.no_timestamps.value)
TIMED_PROTOCOLS = frozenset({"udp", "tcp", "http", "https", "rtsp"})
"""Those whose FFmpeg option `timeout` is the longest wait for the network, in microseconds."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One decoded frame."""

    frame: av.VideoFrame
    timestamp_ns: int | None
    """The stream's own time; None where the frame has none."""
    arrived_ns: int
    """Host clock when the last packet that it needed had arrived, before decoding."""


def shown(address: str) -> str:
    """Return the address as it may be shown: without a password.

    >>> shown("rtsp://admin:secret@10.0.0.7/live")
    'rtsp://admin:***@10.0.0.7/live'
    """
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:***@", address)


class Connection:
    """Opens a stream, yields its frames, and says why it was lost. One thread owns it from construction to `close`.

    Decoding uses slice threads only and FFmpeg's low-delay mode, so that a frame comes out when its packet has come
    in. A damaged frame is left out and counted in `n_damaged`.

    Args:
        config: the address, the format and FFmpeg's options.
        open_s: bound of the whole opening, the first frame included.
        silent_s: bound of one wait for the network while opening.

    Raises:
        SourceError: it cannot be opened, or holds no picture.
    """

    def __init__(self, config: StreamConfig, *, open_s: float, silent_s: float) -> None:
        self.name = shown(config.address)
        self.n_damaged = 0
        self._lost_after_s = config.lost_after_s
        self._first_frame_by_ns = now_ns() + round(open_s * NS_PER_S)
        self._container = _open(config, self.name, open_s, silent_s)
        self._container.flags &= ~GENERATE_TIMESTAMPS  # made from future packets: a delay
        if not self._container.streams.video:
            self.close()
            raise SourceError(f"{self.name} holds no picture: expected one video stream; check the address")
        self._video = self._container.streams.video[0]
        self._video.thread_type = "SLICE"
        self._video.codec_context.flags |= CodecFlags.low_delay

    @property
    def has_timestamps(self) -> bool:
        """False where the format carries none and FFmpeg makes them up (MJPEG over HTTP, bare H.264)."""
        return not self._container.format.flags & NO_TIMESTAMPS

    @property
    def notes(self) -> tuple[str, ...]:
        """What the format does to the times, one sentence each."""
        if self._container.format.name != "mpegts":
            return ()
        return ("MPEG-TS marks no frame's end: captured_ns is up to two frame periods late, when the next ones begin",)

    def arrivals(self) -> Iterator[Arrival]:
        """Yield frames for as long as they come.

        Raises:
            SourceLost: the stream ended, failed, or sent no frame for `lost_after_s`.
        """
        until_ns = self._first_frame_by_ns
        try:
            for packet in self._container.demux(self._video):
                arrived_ns = now_ns()
                for frame in self._decode(packet):
                    until_ns = arrived_ns + round(self._lost_after_s * NS_PER_S)
                    yield Arrival(frame, self._timestamp_ns(frame), arrived_ns)
                if arrived_ns > until_ns:
                    raise SourceLost(f"{self.name}: data arrives, but no picture could be decoded from it in time")
        except av.FFmpegError as error:
            raise SourceLost(f"{self.name}: {self._explained(error)}") from error
        raise SourceLost(f"{self.name}: the sender ended the stream")

    def _decode(self, packet: "av.Packet[av.VideoStream]") -> list[av.VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            self.n_damaged += 1
            return []
        whole = [frame for frame in frames if not frame.is_corrupt]
        self.n_damaged += len(frames) - len(whole)
        return whole

    @staticmethod
    def _timestamp_ns(frame: av.VideoFrame) -> int | None:
        if frame.pts is None or frame.time_base is None:
            return None
        return frame.pts * frame.time_base.numerator * NS_PER_S // frame.time_base.denominator

    def _explained(self, error: av.FFmpegError) -> str:
        if isinstance(error, av.error.ExitError):
            return f"nothing arrived for {self._lost_after_s:g} s"
        return error.strerror or str(error)

    def close(self) -> None:
        """Release the device or the socket; allowed twice."""
        self._container.close()


def _open(config: StreamConfig, name: str, open_s: float, silent_s: float) -> av.container.InputContainer:
    timeouts = (open_s / 2, config.lost_after_s)  # FFmpeg opens in two steps, each may take half
    try:
        return av.open(config.address, format=_format(config), options=_options(config, silent_s), timeout=timeouts)
    except av.error.ExitError as error:
        raise SourceError(
            f"cannot open {name}: no answer or no picture in time (source.open_timeout_s = {open_s:g}); "
            "check that it is sending, or raise it"
        ) from error
    except av.FFmpegError as error:
        raise SourceError(
            f"cannot open {name}: {error.strerror or error}; expected a camera device or a stream that is being sent: "
            "check source.address, or see `selfee-rt cameras` for what there is"
        ) from error
    except ValueError as error:
        raise SourceError(
            f"cannot open {name}: FFmpeg has no input format {_format(config)!r} on this system ({sys.platform}); "
            "set source.format to v4l2 (Linux), dshow (Windows), avfoundation (macOS), mpegts or mpjpeg, or remove it"
        ) from error


def _format(config: StreamConfig) -> str | None:
    if config.format is not None:
        return config.format
    if config.address.startswith("/dev/video"):
        return "v4l2"
    return "dshow" if config.address.startswith("video=") else None


def _options(config: StreamConfig, silent_s: float) -> dict[str, str]:
    protocol = config.address.partition("://")[0].lower()
    timeout = {"timeout": str(round(silent_s * 1e6))} if protocol in TIMED_PROTOCOLS else {}
    return {**TUNING, **PROTOCOL_TUNING.get(protocol, {}), **timeout, **config.options}
