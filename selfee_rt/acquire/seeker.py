"""Finding single frames of a video file again, exactly."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame

from selfee_rt.acquire.decoder import Decoder
from selfee_rt.acquire.playback import Spot

NEAR_FRAMES = 64
"""What is not further ahead is reached by decoding on, without a jump."""
FURTHER_BACK_S = (0.0, 2.0, 10.0)
"""Where a jump lands behind the wanted frame, the next one aims so much further back; then the file is read anew."""

NumberOf = Callable[[int], int | None]
"""Number of the frame with a timestamp in ticks of the file; None: none is known to have it."""
Numbered = Iterator[tuple[int, VideoFrame]]


class Seeker:
    """One open file, for one thread. A frame is told by its timestamp, or by counting where timestamps do not tell.

    Raises:
        SourceError: the file cannot be opened, or nothing in it can be decoded.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._decoder = Decoder(path)
        self.first: VideoFrame = self._decoder.first
        self._frames: Numbered = enumerate(self._decoder.frames())
        self._last: int | None = -1
        """Number of the frame that was given last; None: not known."""

    def close(self) -> None:
        """Release the file; allowed twice."""
        self._decoder.close()

    def towards(self, spot: Spot, number_of: NumberOf | None) -> Numbered:
        """Frames with their numbers, rising up to the wanted one; ends without it where it cannot be decoded again.

        `number_of` is None where the file's timestamps are missing or do not rise: then one counts from its beginning.
        The iterator may be left at any frame; the next one goes on from there.

        Raises:
            SourceError: the file cannot be opened any more.
        """
        for frames in self._ways(spot, number_of):
            self._frames = frames
            for number, frame in frames:
                self._last = number
                if number <= spot.number:
                    yield number, frame
                if number >= spot.number:
                    break
            if self._last == spot.number:
                return
            self._last = None

    def _ways(self, spot: Spot, number_of: NumberOf | None) -> Iterator[Numbered]:
        """Ways to a frame, the shortest first; each is begun when it is asked for."""
        if self._last is not None and 0 < spot.number - self._last <= NEAR_FRAMES:
            yield self._frames
        if number_of is not None and spot.pts is not None:
            ticks_per_s = float(1 / self.first.time_base) if self.first.time_base else 0.0
            for back_s in FURTHER_BACK_S:
                try:
                    jumped = self._decoder.seek(spot.pts - round(back_s * ticks_per_s))
                except av.FFmpegError:
                    break
                yield _numbered(jumped, number_of)
        self._decoder.close()
        self._decoder = Decoder(self.path)
        yield enumerate(self._decoder.frames())


def _numbered(frames: Iterator[VideoFrame], number_of: NumberOf) -> Numbered:
    for frame in frames:
        number = None if frame.pts is None else number_of(frame.pts)
        if number is not None:
            yield number, frame
