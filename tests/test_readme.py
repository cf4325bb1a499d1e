"""What the README tells a new user to type does what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, need_module

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!-- not executed: [^\n]+ -->\n)?```console\n(.*?)```", README, re.DOTALL)
COMMANDS = [line[2:] for marked, block in BLOCKS if not marked for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_commands_run_one_after_the_other_in_an_empty_folder(tmp_path):
    for module in ("h5py", "matplotlib", "sklearn"):
        need_module(module)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    assert len(COMMANDS) >= 10
    for command in COMMANDS:
        result = subprocess.run(
            command.split(), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        assert "Traceback" not in result.stdout + result.stderr
    made = {path.name for path in tmp_path.iterdir()}
    assert {"first", "again", "scored.csv", "my_reference.npz", "replayed", "both.h5"} <= made
    assert {"scored.tsv", "first.csv", "report.html", "map", "syllables", "progress"} <= made


def test_the_client_is_the_one_that_is_tested():
    client = (ROOT / "docs" / "example_client.py").read_text(encoding="utf-8").rstrip()
    assert f"```python\n{client}\n```" in README
    assert len(client.splitlines()) <= 20


def test_links_lead_to_files_that_are_there():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
