"""The live session."""

from selfee_rt.session.session import Session
from selfee_rt.session.snapshot import Snapshot

__all__ = ["Session", "Snapshot"]
