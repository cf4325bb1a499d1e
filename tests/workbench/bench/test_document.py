"""What docs/benchmarking.md tells a user to type does what it says."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

DOCUMENT = (ROOT / "docs" / "benchmarking.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!-- not executed: [^\n]+ -->\n)?```console\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.slow
def test_the_commands_run_in_an_empty_folder(tmp_path):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    commands = [line[2:] for marked, block in BLOCKS if not marked for line in block.splitlines()]
    assert len(commands) == 3
    for command in commands:
        result = subprocess.run(
            shlex.split(command), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    told = json.loads((tmp_path / "my_computer.json").read_text())
    assert {row["batch"] for row in told["rows"]} == {1, 4}
    assert all(row["problem"] is None and row["inferences"] == 200 for row in told["rows"])


def test_every_option_that_is_named_exists():
    from selfee_rt.cli.bench import bench

    options = {name for parameter in bench.params for name in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", DOCUMENT))
    for _, block in BLOCKS:
        for line in block.splitlines():
            if "selfee-rt bench" in line:
                named |= {word for word in line.split() if word.startswith("--")}
    assert named <= options | {"--json"}
