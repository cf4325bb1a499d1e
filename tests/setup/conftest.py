"""A tiny model and reference, and Qt without a screen."""

import os

from tests.session.conftest import rig

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

__all__ = ["rig"]
