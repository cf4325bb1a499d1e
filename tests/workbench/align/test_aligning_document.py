"""What docs/aligning.md tells people to type does what it says."""

import csv
import re
import shlex

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from tests.support import ROOT
from tests.trigger.clocks import START_NS
from tests.workbench.align.pulses import Recorder, pulses
from tests.workbench.align.sessions import BOARD, SECONDS, samples, session
from tests.workbench.convert.sessions import session as blinded_session

DOCUMENT = (ROOT / "docs" / "aligning.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!-- not executed: [^\n]+ -->\n)?```console\n(.*?)```", DOCUMENT, re.DOTALL)
COMMANDS = [line[2:] for marked, block in BLOCKS if not marked for line in block.splitlines() if line.startswith("$ ")]
OPEN_EPHYS, INTAN, HOST_TIME = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)

RECORDER = Recorder(jitter_s=0.0, drift_ppm=20.0)
PULSES = pulses(SECONDS)
RISING = np.round(RECORDER.edges(PULSES) * 30_000).astype(np.int64)


def ran(command):
    program, *arguments = shlex.split(command)
    assert program == "selfee-rt"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, f"{command}\n{result.output}"
    return result.output


def edges():
    return np.loadtxt("edges.csv", dtype=np.int64)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def converting(command):
    return command.startswith("selfee-rt convert")


def test_the_commands_about_tables_run(here):
    blinded_session(here / "my_session", blind=True)
    for command in filter(converting, COMMANDS):
        ran(command)
    assert (here / "tables" / "trials.csv").is_file() and (here / "unblinded" / "README.txt").is_file()


def test_the_commands_about_ephys_time_run_and_the_example_uses_what_they_made(here):
    session(here / "my_session", PULSES, samples())
    np.savetxt("edges.csv", RISING, fmt="%d")
    commands = [command for command in COMMANDS if not converting(command)]
    assert len(commands) == 2
    for command in commands:
        assert f"file: {len(PULSES)} edges matched" in ran(command)
    example = {}
    exec(HOST_TIME, example)
    at_ns = START_NS + np.linspace(5e9, 50e9, 20)
    expected_s = RECORDER.time_s(BOARD.device_us(at_ns) / 1e6)
    np.testing.assert_allclose(example["other_s"](at_ns), expected_s, rtol=0, atol=0.0005)
    with (here / "trials.csv").open(newline="") as file:
        assert {"other_s", "by", "from_edge_s"} <= set(next(csv.reader(file)))


def test_edges_are_found_in_a_recording_of_open_ephys(here):
    events = [(sample, 3) for sample in RISING] + [(sample + 300, -3) for sample in RISING] + [(7, 1), (9, -1)]
    numbers, states = np.array(sorted(events)).T
    np.save(here / "sample_numbers.npy", numbers)
    np.save(here / "states.npy", states.astype(np.int16))
    exec(OPEN_EPHYS, {"ttl": here})
    assert edges().tolist() == RISING.tolist()


def test_edges_are_found_in_a_recording_of_intan(here):
    rising = RISING - RISING[0] + 1000
    words = np.full(rising[-1] + 1000, 0b0101, "<u2")
    for sample in rising:
        words[sample : sample + 300] |= 0b1000
    words.tofile(here / "digitalin.dat")
    exec(INTAN, {"recording": here})
    assert edges().tolist() == rising.tolist()
