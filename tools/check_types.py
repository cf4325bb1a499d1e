"""Type checks for this system and for Windows; modules that need an absent torch are left out by name."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path("selfee_rt")


def needs_torch(path: Path) -> bool:
    """Whether a module imports torch, or one of ours that does."""
    text = path.read_text(encoding="utf-8")
    return "import torch" in text or "from torch" in text or "workbench.trainer import" in text


def main() -> int:
    """Run mypy twice."""
    left_out = [] if find_spec("torch") else sorted(path for path in PACKAGE.rglob("*.py") if needs_torch(path))
    for path in left_out:
        print(f"absent: torch, so not type-checked: {path}")
    excluded = [argument for path in left_out for argument in ("--exclude", path.as_posix().replace(".", r"\."))]
    for platform in (sys.platform, "win32"):
        result = subprocess.run([sys.executable, "-m", "mypy", "--platform", platform, *excluded], check=False)
        if result.returncode != 0:
            return result.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
