"""A test that leaves a thread, a child process or a socket behind fails."""

import gc
import multiprocessing
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import children_of

ONE_AFTER_THE_OTHER = (
    "tests/cli/",
    "tests/test_readme.py",
    "tests/workbench/latency/",
    "tests/workbench/align/test_simulated_board.py",
    "tests/contracts/test_actuator.py",
    "tests/publish/test_lsl_scores.py",
    "tests/session/test_stimulation",
    "tests/trigger/test_firmware",
    "tests/trigger/test_lsl.py",
    "tests/trigger/test_microcontroller.py",
)
"""What two cannot share: the default ports, a processor that simulates a board in real time, the layer's multicast."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give what cannot run twice at a time to one worker, where there are several.

    pytest-xdist's own groups are not used: with pytest 9.2 its version 3.8 ignores them without a word.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "one after the other" if nodeid.startswith(ONE_AFTER_THE_OTHER) else nodeid

    return Scheduling(config, log)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Compare threads and child processes before and after each test; sockets warn and warnings are errors.

    What was imported for all tests is frozen, or else each of thousands of collections would take half a second.
    """
    if not gc.get_freeze_count():  # a session that ended has thawed it
        gc.collect()
        gc.freeze()
    threads_before, children_before = set(threading.enumerate()), children_of()
    yield
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        threads = [t for t in threading.enumerate() if t not in threads_before and not t.daemon]
        children = children_of() - children_before
        if not threads and not children:
            break
        time.sleep(0.02)
    gc.collect()
    multiprocessing.active_children()
    assert not threads, f"left behind: {threads}"
    assert not children, f"child processes left behind: {children}"
