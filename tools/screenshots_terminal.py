"""What `selfee-rt setup --no-window` looks like in a terminal, as text: needs tmux.

Usage: python tools/screenshots_terminal.py OUT
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = ("-x", "110", "-y", "60")
NAME = "selfee-rt-screenshots"
QUIET_S = 1.5
"""A question that stands for so long waits for its answer."""
MOST_ANSWERS = 60


def tmux(*command: str) -> str:
    """Run a command of a tmux server of our own; return what it says."""
    done = subprocess.run(["tmux", "-L", NAME, *command], capture_output=True, text=True, check=True)
    return done.stdout


def settled() -> str:
    """The terminal's text, as soon as it does not change any more."""
    before = ""
    while (now := tmux("capture-pane", "-p", "-S", "-200").rstrip()) != before:
        before = now
        time.sleep(QUIET_S)
    return before


def main() -> None:
    """Take the first source that is offered, press Enter at everything else, and keep what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = f"cd {folder} && PYTHONPATH={ROOT} {sys.executable} -m selfee_rt setup --no-window --out session.toml"
        tmux("new-session", "-d", *SIZE, f"{command}; sleep 3600")
        try:
            time.sleep(3)
            tmux("send-keys", "1", "Enter")
            for _ in range(MOST_ANSWERS):
                seen = settled()
                if "Check it now?" in seen:
                    break
                tmux("send-keys", "Enter")
            (out / "setup_terminal.txt").write_text(settled() + "\n", encoding="utf-8")
        finally:
            tmux("kill-server")
    print(out / "setup_terminal.txt")


if __name__ == "__main__":
    main()
