"""Commands from outside that take effect between two exposures."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from selfee_rt.errors import ControlError

MOST_WAITING = 64


class Commands:
    """Carries functions from any thread to the deciding one, which runs them between exposures."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._wake = wake

    def run(self, function: Callable[[], Any], timeout_s: float) -> Any:
        """Have `function` run between two exposures, and return what it returns.

        Raises:
            ControlError: the session is ending, too many commands wait, or it did not get to it in time.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise ControlError("the session is ending; nothing was changed")
            if len(self._waiting) >= MOST_WAITING:
                raise ControlError(f"{MOST_WAITING} commands are waiting already; nothing was changed, try again")
            self._waiting.append((function, future))
        self._wake()
        try:
            return future.result(timeout_s)
        except FutureTimeoutError:
            if future.cancel():
                raise ControlError(
                    f"the session did not come to it within {timeout_s:g} s; nothing was changed, try again"
                ) from None
            return future.result()

    def apply(self) -> None:
        """Run what is waiting; called by the deciding thread between exposures."""
        while self._waiting:
            with self._lock:
                function, future = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function())
            except ControlError as refusal:
                future.set_exception(refusal)
            except BaseException as error:
                future.set_exception(ControlError(f"the session failed at this ({error}), and ends"))
                raise

    def close(self) -> None:
        """Refuse everything from now on, and everything that still waits."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = list(self._waiting), deque()
        for _, future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(ControlError("the session is ending; nothing was changed"))
