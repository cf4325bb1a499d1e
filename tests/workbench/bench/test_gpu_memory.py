"""GPU memory is known only where the driver tells it."""

import subprocess

from selfee_rt.embed import runtimes
from selfee_rt.workbench.bench.gpu_memory import gpu_memory_mib


def test_what_the_driver_answers_is_read_by_process(monkeypatch):
    def answer(command, **options):
        assert command[1:] == ["--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
        return subprocess.CompletedProcess(command, 0, "4711, 812\n4712, 20\n99, [N/A]\n", "")

    monkeypatch.setattr(runtimes.shutil, "which", lambda name: name)
    monkeypatch.setattr(runtimes.subprocess, "run", answer)
    assert gpu_memory_mib() == {4711: 812, 4712: 20}


def test_without_a_driver_nothing_is_known(monkeypatch):
    monkeypatch.setattr(runtimes.shutil, "which", lambda name: None)
    assert gpu_memory_mib() == {}
