"""The live session."""

from selfee_rt.session.parts import Parts
from selfee_rt.session.session import Session
from selfee_rt.session.snapshot import Snapshot

__all__ = ["Parts", "Session", "Snapshot"]
