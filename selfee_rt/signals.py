"""The only file with code that differs between operating systems: signals to stop, priority, displays, memory."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

NICE = 10
BELOW_NORMAL_PRIORITY_CLASS = 0x4000
"""Windows' name for the same."""


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


def has_display() -> bool:
    """Whether a window could be seen here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def give_way() -> None:
    """Let every other process go first: when the computer is busy, the window waits and the session does not."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(NICE)


def peak_memory_bytes() -> int | None:
    """Most memory (resident) that this process has held so far; None where the system does not tell.

    On Linux not by `getrusage`, whose figure a process inherits from the one that started it.
    """
    if sys.platform == "win32":
        return _peak_working_set_bytes()
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _peak_working_set_bytes() -> int | None:
    """Windows' word for it; its structure PROCESS_MEMORY_COUNTERS is two 32-bit and eight pointer-sized numbers."""
    if sys.platform != "win32":
        return None
    import ctypes

    size_t = ctypes.c_size_t

    class Counters(ctypes.Structure):
        _fields_ = (
            ("cb", ctypes.c_uint32),
            ("page_faults", ctypes.c_uint32),
            ("peak_working_set", size_t),
            ("others", size_t * 7),
        )

    counters = Counters(cb=ctypes.sizeof(Counters))
    process = ctypes.c_void_p(ctypes.windll.kernel32.GetCurrentProcess())
    ok = ctypes.windll.kernel32.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
    return int(counters.peak_working_set) if ok else None
