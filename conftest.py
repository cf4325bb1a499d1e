"""Modules that need what is absent are not imported for their docstrings; tests that need it skip by themselves."""

from importlib.util import find_spec

NEED_TORCH = (
    "selfee_rt/cli/train_steps.py",
    "selfee_rt/workbench/augment.py",
    "selfee_rt/workbench/checkpoint.py",
    "selfee_rt/workbench/cld.py",
    "selfee_rt/workbench/collapse.py",
    "selfee_rt/workbench/compute.py",
    "selfee_rt/workbench/differences.py",
    "selfee_rt/workbench/drafted_card.py",
    "selfee_rt/workbench/export.py",
    "selfee_rt/workbench/gradient_checkpointing.py",
    "selfee_rt/workbench/imported.py",
    "selfee_rt/workbench/network.py",
    "selfee_rt/workbench/objective.py",
    "selfee_rt/workbench/official.py",
    "selfee_rt/workbench/passes.py",
    "selfee_rt/workbench/ranks.py",
    "selfee_rt/workbench/raw_frames.py",
    "selfee_rt/workbench/start_weights.py",
    "selfee_rt/workbench/stored_run.py",
    "selfee_rt/workbench/sync_batch_norm.py",
    "selfee_rt/workbench/target.py",
    "selfee_rt/workbench/train_settings.py",
    "selfee_rt/workbench/train_settings_file.py",
    "selfee_rt/workbench/trainer.py",
    "selfee_rt/workbench/training_run.py",
    "tests/workbench/authors_network.py",
    *(f"selfee_rt/workbench/{name}.py" for name in ("preview", "probe", "turbo")),
    "tests/workbench/tiny_training.py",
    "tests/workbench/two_ranks.py",
)

NEED_SERIAL = (
    *(f"selfee_rt/trigger/{name}.py" for name in ("board_link", "dlclive_serial", "microcontroller", "ports")),
    "selfee_rt/trigger/serial_port.py",
    "tests/trigger/board_user.py",
)
NEED_LSL = ("selfee_rt/publish/lsl_scores.py", "selfee_rt/trigger/lsl.py")
NEED_OSC = ("selfee_rt/trigger/osc.py", "tests/trigger/listener.py")
NEED_DAQ = ("selfee_rt/trigger/nidaq.py", "tests/trigger/daq.py")

NEED_QT = (
    *(
        f"selfee_rt/view/{name}.py"
        for name in ("app", "footer", "header", "keys", "over", "slider", "tabs", "theme", "window")
    ),
    "selfee_rt/view/panels",
    *(
        f"selfee_rt/view/scoring/{name}.py"
        for name in ("ask", "keys", "legend", "overview", "picture", "strip", "window")
    ),
    *(
        f"selfee_rt/setup/{name}.py"
        for name in ("background_fields", "live", "look", "foot", "page", "picture", "window")
    ),
    *(f"selfee_rt/setup/{page}_page.py" for page in ("arena", "device", "network", "record", "source")),
)

NEEDS = {
    ("torch",): NEED_TORCH,
    ("serial",): NEED_SERIAL,
    ("pylsl",): NEED_LSL,
    ("pythonosc",): NEED_OSC,
    ("nidaqmx",): NEED_DAQ,
    ("PySide6", "pyqtgraph"): NEED_QT,
}

collect_ignore = [
    path for modules, paths in NEEDS.items() if not all(find_spec(each) for each in modules) for path in paths
]
