"""Type checks for this system and for Windows; modules that need an absent package are left out by name."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGE = Path("selfee_rt")


NEEDS = {
    "torch": ("import torch", "from torch", "workbench.train", "workbench.imported import"),
    "PySide6": ("from PySide6", "import pyqtgraph", "view.app import"),
}
"""What a module says that imports a package, or one of ours that does."""


def needs(path: Path, package: str) -> bool:
    """Whether a module cannot be imported without a package."""
    text = path.read_text(encoding="utf-8")
    return any(words in text for words in NEEDS[package])


def main() -> int:
    """Run mypy twice."""
    left_out = []
    for package in (name for name in NEEDS if not find_spec(name)):
        for path in sorted(path for path in PACKAGE.rglob("*.py") if needs(path, package)):
            print(f"absent: {package}, so not type-checked: {path}")
            left_out.append(path)
    excluded = [argument for path in left_out for argument in ("--exclude", path.as_posix().replace(".", r"\."))]
    for platform in (sys.platform, "win32"):
        result = subprocess.run([sys.executable, "-m", "mypy", "--platform", platform, *excluded], check=False)
        if result.returncode != 0:
            return result.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
