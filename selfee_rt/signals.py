"""The only file with code that differs between operating systems: how a session is asked to stop from outside."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


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
