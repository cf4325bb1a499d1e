"""Waiting for what another thread or program does."""

import time
from collections.abc import Callable

PATIENCE_S = 20
"""A test that waits longer fails."""


def eventually(holds: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> bool:
    """Whether `holds` comes true; `meanwhile` is called again and again until then."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            return False
        meanwhile()
        time.sleep(0.005)
    return True
