"""Modules that need what is absent are not imported for their docstrings; tests that need it skip by themselves."""

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

NEED_QT = (
    *(f"selfee_rt/view/{name}.py" for name in ("app", "footer", "header", "keys", "over", "theme", "window")),
    "selfee_rt/view/panels",
    *(f"selfee_rt/setup/{name}.py" for name in ("live", "look", "foot", "page", "picture", "window")),
    *(f"selfee_rt/setup/{page}_page.py" for page in ("arena", "device", "network", "record", "source")),
)

collect_ignore = [
    *([] if find_spec("torch") else NEED_TORCH),
    *([] if find_spec("PySide6") and find_spec("pyqtgraph") else NEED_QT),
]
