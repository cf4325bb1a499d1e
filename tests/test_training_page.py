"""The commands of docs/training.md do what the page says, with the settings file that it shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from tests.support import ROOT, need_module

need_module("torch")
need_module("torchvision")

from tests.cli.test_training import write_video  # noqa: E402

PAGE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!-- not executed: [^\n]+ -->\n)?```console\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line[2:] for marked, block in BLOCKS if not marked for line in block.splitlines() if line.startswith("$ ")]
SETTINGS = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the page's reader is: a clip and the settings file."""
    write_video(tmp_path / "walk.mkv")
    (tmp_path / "tiny.toml").write_text(SETTINGS[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_commands_run_one_after_the_other(folder: Path) -> None:
    single = [command for command in COMMANDS if command.startswith("selfee-rt ")]
    assert len(single) == 4
    for command in single:
        result = CliRunner().invoke(main, command.split()[1:])
        assert result.exit_code == 0, f"{command}\n{result.output}"
    assert {"first", "second"} <= {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_two_processes_train_one_network(folder: Path) -> None:
    (command,) = (command for command in COMMANDS if command.startswith("torchrun "))
    result = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", *command.split()[1:]],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 processes" in result.stdout
    assert result.stdout.count("trained 4 steps") == 1
    assert len((folder / "both" / "log.jsonl").read_text().splitlines()) == 4
