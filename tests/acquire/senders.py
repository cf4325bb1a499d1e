"""A real ffmpeg that sends a test picture over loopback, and can be killed and started again."""

import socket
import subprocess
from contextlib import contextmanager

from tests.support import need_tool

FPS = 25
SIZE = "320x240"
H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-tune", "zerolatency"]


def free_port(kind):
    """A port of loopback that nobody uses."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sender:
    """Sends until it is killed."""

    def __init__(self, address, output, fps=FPS):
        self.address = address
        self.fps = fps
        self._output = output
        self._process = None

    def start(self, size=SIZE):
        ffmpeg = need_tool("ffmpeg")
        picture = ["-re", "-f", "lavfi", "-i", f"testsrc=size={size}:rate={self.fps}"]
        command = [ffmpeg, "-loglevel", "error", *picture, "-t", "60", *self._output]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def sending(sender):
    """The sender, sending; killed at the end."""
    try:
        yield sender.start()
    finally:
        sender.kill()


def udp(fps=FPS):
    """MPEG-TS over UDP, H.264 without B-frames, a keyframe a second."""
    address = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    return Sender(address, [*H264, "-g", str(fps), "-f", "mpegts", f"{address}?pkt_size=1316"], fps)


def http():
    """MJPEG over HTTP; the sender is the server, and serves one client."""
    address = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}/"
    return Sender(address, ["-c:v", "mjpeg", "-listen", "1", "-f", "mpjpeg", address])


def rtsp():
    """RTSP over TCP; the sender connects to a receiver that listens."""
    address = f"rtsp://127.0.0.1:{free_port(socket.SOCK_STREAM)}/fly"
    return Sender(address, [*H264, "-g", str(FPS), "-f", "rtsp", "-rtsp_transport", "tcp", address])
