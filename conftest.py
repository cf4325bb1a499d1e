"""Modules that need an absent torch are not imported for their docstrings; tests that need it skip by themselves."""

from importlib.util import find_spec

NEED_TORCH = (
    "selfee_rt/workbench/augment.py",
    "selfee_rt/workbench/export.py",
    "selfee_rt/workbench/network.py",
    "selfee_rt/workbench/objective.py",
    "selfee_rt/workbench/trainer.py",
    "selfee_rt/workbench/training_run.py",
    "tests/workbench/tiny_training.py",
)

collect_ignore = [] if find_spec("torch") else list(NEED_TORCH)
