"""What a figure was measured on, and addresses that are in nobody's way."""

import os
import platform
from pathlib import Path

ANY_PORT = dict.fromkeys(("observations", "control", "preview"), "tcp://127.0.0.1:*")
"""[publish] on ports that the system chooses."""


def machine() -> str:
    """Processor, cores and system in one line."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
