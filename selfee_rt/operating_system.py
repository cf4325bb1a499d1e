"""The only file with code that differs between operating systems: signals, and the priority of threads."""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NICENESS = 10
"""Of threads that give way, on Linux, where niceness belongs to a thread."""
BELOW_NORMAL = -1
"""Windows' THREAD_PRIORITY_BELOW_NORMAL."""


def give_way() -> None:
    """Let threads that decide go before the calling one, where the system has a word for it (not on macOS)."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetThreadPriority(kernel.GetCurrentThread(), BELOW_NORMAL)
    elif sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def stop_signals() -> tuple[signal.Signals, ...]:
    """Signals that end a session in order: Ctrl-C, termination, and a closed console."""
    if sys.platform == "win32":
        return (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    return (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def on_stop_signal(stop: Callable[[str], None]) -> Iterator[None]:
    """Call `stop` with the signal's name while in this context; the handlers before are put back afterwards."""

    def handle(number: int, _frame: FrameType | None) -> None:
        stop(signal.Signals(number).name)

    before = {each: signal.signal(each, handle) for each in stop_signals()}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
