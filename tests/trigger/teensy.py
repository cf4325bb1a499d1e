"""A board with DeepLabCut-Live's sketch teensy_laser.ino at the other end of a pseudo-terminal."""

import os
import select
import struct
import threading
import time

from tests.support import need_module


class Teensy:
    """Obeys `O` and `X` and answers as the sketch does; a thread until `close`."""

    def __init__(
        self, *, boot_s: float = 0.0, answer=lambda frequency, width, duration: f"{frequency},{width},{duration}\n"
    ):
        """For `boot_s` it hears nothing, as an Arduino does after its port was opened."""
        self._master, self._slave = need_module("pty").openpty()
        need_module("tty").setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self.heard = b""
        self.answer = answer
        self._ready_at = time.monotonic() + boot_s
        self._lit_until = 0.0
        self._wake_read, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def commands(self) -> list[tuple[int, int, int]]:
        """Frequency, width and duration of each `O`."""
        heard, found = self.heard, []
        while heard:
            if heard[:1] == b"O" and len(heard) >= 7:
                found.append(struct.unpack("<HHH", heard[1:7]))
                heard = heard[7:]
            else:
                heard = heard[1:]
        return found

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self._lit_until

    def _run(self) -> None:
        pending = b""
        while True:
            readable, _, _ = select.select([self._master, self._wake_read], [], [])
            if self._wake_read in readable:
                return
            got = os.read(self._master, 1024)
            if time.monotonic() < self._ready_at:
                continue
            self.heard += got
            pending = self._obey(pending + got)

    def _obey(self, pending: bytes) -> bytes:
        while pending:
            if pending[:1] == b"O":
                if len(pending) < 7:
                    return pending
                frequency, width, duration = struct.unpack("<HHH", pending[1:7])
                self._lit_until = time.monotonic() + (duration or 65355) / 1000 if width else 0.0
                os.write(self._master, self.answer(frequency, width, duration).encode())
                pending = pending[7:]
            else:
                self._lit_until = 0.0 if pending[:1] == b"X" else self._lit_until
                pending = pending[1:]
        return pending

    def say(self, text: str) -> None:
        """Answer out of turn."""
        os.write(self._master, text.encode())

    def unplug(self) -> None:
        """The cable is pulled: the computer's end hangs up."""
        self.close()

    def close(self) -> None:
        """Allowed twice."""
        if self._thread.is_alive():
            os.write(self._wake, b"x")
            self._thread.join()
            for each in (self._master, self._slave, self._wake, self._wake_read):
                os.close(each)
