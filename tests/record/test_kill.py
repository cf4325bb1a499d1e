"""A killed session loses at most its last second."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import SessionFolder
from selfee_rt.workbench.verify import verify
from selfee_rt.workbench.verify.video import count_frames
from tests.support import ROOT


def record_and_kill(path: Path, codec: str, after: int) -> tuple[int, int]:
    """Kill a recording process after `after` exposures.

    Returns how many it had handed over, and how many a second before it handed over the last one.
    """
    command = [sys.executable, "-m", "tests.record.writer", str(path), codec]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        times_ns = []
        for line in process.stdout:
            times_ns.append(int(line))
            if len(times_ns) == after:
                process.kill()
    return len(times_ns), sum(time_ns < times_ns[-1] - NS_PER_S for time_ns in times_ns)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("codec", ["h264", "ffv1"])
def test_a_kill_at_any_moment_costs_at_most_a_second_and_leaves_the_accounts_whole(tmp_path, seed, codec):
    path = tmp_path / "session"
    handed_over, safe = record_and_kill(path, codec, after=Random(f"{codec}{seed}").randint(1, 250))

    report = verify(path)
    assert report.passed, [check for check in report.checks if not check.passed]
    assert report.ended is None
    assert safe <= report.last_index + 1 <= handed_over + 1
    with SessionFolder(path) as folder:
        assert safe <= sum(count_frames(segment) for segment in folder.segments) <= handed_over + 1
        assert safe // 2 <= sum(1 for _ in folder.embeddings("right")) <= handed_over // 2 + 1


def test_a_kill_at_the_first_exposure_leaves_a_session_that_can_be_read(tmp_path):
    handed_over, _ = record_and_kill(tmp_path / "session", "h264", after=1)
    report = verify(tmp_path / "session")
    assert report.passed, report.checks
    assert report.last_index <= handed_over


def test_reading_a_killed_session_changes_nothing_in_its_folder(tmp_path):
    path = tmp_path / "session"
    record_and_kill(path, "h264", after=60)
    before = {file.name: file.read_bytes() for file in path.iterdir() if not file.name.endswith("-shm")}
    assert verify(path).passed
    after = {file.name: file.read_bytes() for file in path.iterdir() if not file.name.endswith("-shm")}
    assert after == before
    assert "log.sqlite-wal" in before
