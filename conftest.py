"""Modules that need an absent torch or Qt are not imported for their docstrings; tests that need it skip themselves."""

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
    "selfee_rt/view",
    "selfee_rt/setup/live.py",
    "selfee_rt/setup/look.py",
    "selfee_rt/setup/foot.py",
    "selfee_rt/setup/page.py",
    "selfee_rt/setup/picture.py",
    "selfee_rt/setup/window.py",
    *(f"selfee_rt/setup/{page}_page.py" for page in ("arena", "device", "network", "record", "source")),
)

collect_ignore = [
    *([] if find_spec("torch") else NEED_TORCH),
    *([] if find_spec("PySide6") and find_spec("pyqtgraph") else NEED_QT),
]
