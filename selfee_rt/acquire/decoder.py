"""Decoding a video file from its beginning to its end, and a report of how that went."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from selfee_rt.acquire.demux import open_video, video_stream
from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import SourceError


class Decoder:
    """The frames of one video file in the order in which they are shown; one decoding thread, the caller's.

    A packet that cannot be decoded costs its frame, is counted, and decoding goes on behind it. A file that breaks off
    ends early, with every frame that it held.

    Raises:
        SourceError: the file cannot be opened, or not a single frame of it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n_frames = 0
        self.n_undecodable = 0
        self.n_damaged = 0
        self._n_packets = 0
        self._broken_off: str | None = None
        self._changed_size: str | None = None
        self._container = open_video(path)
        self._stream = video_stream(self._container, path)
        self._frames = self._decode(self._stream)
        try:
            self.first = next(self._frames)
        except StopIteration:
            self.close()
            raise SourceError(
                f"{path}: no frame could be decoded (packets that failed: {self.n_undecodable}); "
                "is the file complete, and coded in a way that ffprobe knows?"
            ) from None

    def close(self) -> None:
        """Release the file; allowed twice."""
        self._container.close()

    def frames(self) -> Iterator[VideoFrame]:
        """Every frame from the first one on, all of one size; may be asked for once."""
        frame: VideoFrame | None = self.first
        while frame is not None:
            if (frame.width, frame.height) != (self.first.width, self.first.height):
                self._changed_size = f"{frame.width}x{frame.height}"
                return
            self.n_frames += 1
            self.n_damaged += frame.is_corrupt
            yield frame
            frame = next(self._frames, None)

    def seek(self, pts: int) -> Iterator[VideoFrame]:
        """Frames from the last key frame that the file finds at or before a time in its ticks, instead of `frames`.

        Raises:
            av.FFmpegError: the file cannot be searched.
        """
        self._container.seek(pts, stream=self._stream, backward=True)
        self._frames = self._decode(self._stream)
        return self._frames

    def report(self, promised: int | None) -> str:
        """How many frames were read against how many were promised, and what was wrong with the file.

        The decoder must have come to its end for this to be the whole truth.
        """
        read = f"{self.n_frames} frames read"
        if promised is not None:
            read = f"all {read}" if self.n_frames == promised else f"{self.n_frames} of {promised} promised frames read"
        return "; ".join([read, *self.damage()])

    @property
    def position(self) -> int:
        """Number of packets before the one that the newest of `frames` came from, undecodable ones counted.

        For files whose decoder holds no frame back, as that of a session's segments.
        """
        return self._n_packets - 1

    def damage(self) -> Iterator[str]:
        """What was wrong with the file, one phrase each."""
        if self.n_undecodable:
            yield f"packets that could not be decoded: {self.n_undecodable}"
        if self.n_damaged:
            yield f"damaged frames, patched up by the decoder: {self.n_damaged}"
        if self._changed_size:
            first = f"{self.first.width}x{self.first.height}"
            yield f"the picture then changes from {first} to {self._changed_size}, split the file there"
        if self._broken_off:
            yield f"the file breaks off ({self._broken_off})"

    def _decode(self, stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in self._packets(stream):
            self._n_packets += 1
            try:
                frames = stream.decode(packet)
            except av.FFmpegError:
                self.n_undecodable += 1
            else:
                yield from frames

    def _packets(self, stream: VideoStream) -> "Iterator[Packet[VideoStream] | None]":
        """Packets of the file, the last one empty so that the decoder gives out what it holds."""
        try:
            yield from self._container.demux(stream)
        except av.FFmpegError as error:
            self._broken_off = error.strerror
            yield None


def pts_ns(frame: VideoFrame) -> int | None:
    """Presentation time of a frame in its file, None where it has none."""
    return None if frame.pts is None or frame.time_base is None else round(frame.pts * frame.time_base * NS_PER_S)
