"""What a program with a window asks of the operating system."""

import os
import sys

NICE = 10
BELOW_NORMAL_PRIORITY_CLASS = 0x4000
"""Windows' name for the same."""


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
