"""Modules that need an absent optional dependency are not collected for their docstrings."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["selfee_rt/workbench/*"]
