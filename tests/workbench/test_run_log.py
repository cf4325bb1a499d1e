"""Figures are kept once for every step, also after a kill, and go to TensorBoard where that is wanted."""

import json
from pathlib import Path

import pytest

from selfee_rt.errors import FolderError
from selfee_rt.workbench.run_log import LOG, LineLog, line_log, tensorboard_log
from tests.support import need_module


def steps(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / LOG).read_text().splitlines()]


def write(folder: Path, done: int, *numbers: int) -> None:
    with line_log(folder, done) as log:
        for number in numbers:
            log.write({"step": number, "loss": 0.5})


def test_a_run_that_goes_on_appends(tmp_path: Path) -> None:
    write(tmp_path / "run", 0, 1, 2)
    write(tmp_path / "run", 2, 3)
    assert steps(tmp_path / "run") == [1, 2, 3]


def test_steps_that_will_be_done_again_and_a_torn_line_are_taken_out(tmp_path: Path) -> None:
    write(tmp_path, 0, 1, 2, 3, 4)
    with (tmp_path / LOG).open("a") as file:
        file.write('{"step": 5, "lo')
    write(tmp_path, 2, 3)
    assert steps(tmp_path) == [1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == [LOG]


def test_a_folder_that_cannot_be_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderError, match="choose another folder"):
        write(tmp_path / "file", 0, 1)


def test_a_full_disk_is_a_message(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    full = Path("/dev/full").open("w")  # noqa: SIM115
    with pytest.raises(FolderError, match="Make room"):
        LineLog(full, tmp_path / LOG).write({"step": 1})
    assert full.closed


def test_tensorboard_gets_every_figure(tmp_path: Path) -> None:
    need_module("torch")
    need_module("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with tensorboard_log(tmp_path, 0) as log:
        log.write({"step": 1, "steps": 9, "loss": 0.5})
        log.write({"step": 2, "steps": 9, "loss": 0.25, "probe_f1": 0.75})
    read = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert sorted(read.Tags()["scalars"]) == ["loss", "probe_f1"]
    assert [(each.step, each.value) for each in read.Scalars("loss")] == [(1, 0.5), (2, 0.25)]
