"""`selfee-rt align`, as a person types it."""

import csv
import hashlib
import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.folder import read_record
from selfee_rt.record.log import SessionLog
from selfee_rt.stimuli import DeviceSync, SyncEdge
from tests.record.history import make_folder
from tests.trigger.clocks import START_NS
from tests.workbench.align.pulses import Recorder, pulses
from tests.workbench.align.sessions import BOARD, SECONDS, TRIAL_AT_NS, samples, session

RECORDER = Recorder(offset_s=812.4, drift_ppm=-35.0)
PULSES = pulses(SECONDS)


def ran(*arguments):
    return CliRunner().invoke(main, ["align", *map(str, arguments)])


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def other_s(host_ns):
    """What the recorder's clock showed at a host time."""
    return RECORDER.time_s(BOARD.device_us(host_ns) / 1e6)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return session(tmp_path_factory.mktemp("align") / "s", PULSES, samples())


@pytest.fixture
def edges(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("time\n" + "\n".join(f"{each:.6f}" for each in RECORDER.edges(PULSES)))
    return path


def test_the_report_says_what_was_matched_and_how_well(made, edges, tmp_path):
    result = ran(made, "--ttl", edges)
    assert result.exit_code == 0, result.output
    count = f"{len(PULSES)} edges matched, 0 between them without a partner, 0 before the first or after the last"
    assert result.output.splitlines()[:2] == [f"device 'led': {count}", f"file: {count}"]
    (host_ppm,) = re.findall(r"device's clock against the host's: drift (\S+) ppm, residual \d+ µs", result.output)
    assert float(host_ppm) == pytest.approx(120, abs=5)
    ((ppm, at_0_s),) = re.findall(r"device's clock (\S+) ppm faster; (\S+) s when it shows 0", result.output)
    assert float(ppm) == pytest.approx(35, abs=1)
    assert float(at_0_s) == pytest.approx(RECORDER.time_s(0.0), abs=1e-4)
    assert re.search(r"off one line: median \d+\.\d µs, p99 \d+\.\d µs, max \d+\.\d µs", result.output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edges.csv"]


def test_the_document_holds_the_clocks_and_every_matched_edge(made, edges, tmp_path):
    result = ran(made, "--ttl", edges, "--out", tmp_path / "alignment.json")
    assert result.output.endswith(f"written: {tmp_path / 'alignment.json'}\n")
    document = json.loads((tmp_path / "alignment.json").read_bytes())
    assert (document["schema"], document["device"]) == ("selfee_rt.alignment.1", "led")
    assert document["session_id"] == read_record(made).session_id
    assert document["edges"]["sha256"] == hashlib.sha256(edges.read_bytes()).hexdigest()
    assert (document["edges"]["unit"], document["edges"]["column"]) == ("s", None)
    (stretch,) = document["stretches"]
    assert stretch["number"] == list(range(len(PULSES)))
    assert stretch["device_us"] == [round(each * 1e6) for each in PULSES]
    to_other = stretch["device_to_other"]
    assert to_other["s_at_0_us"] + 5e6 * to_other["s_per_us"] == pytest.approx(RECORDER.time_s(5.0), abs=1e-4)
    host_to_other = stretch["host_to_other"]
    since_start_s = (TRIAL_AT_NS - document["started_host_ns"]) / 1e9
    at_s = host_to_other["s_at_start"] + since_start_s * host_to_other["s_per_s"]
    assert at_s == pytest.approx(other_s(TRIAL_AT_NS), abs=0.0005)
    clock = document["host_clock"]
    at_us = np.interp(TRIAL_AT_NS, clock["host_ns"], clock["device_us"])
    assert at_us == pytest.approx(BOARD.device_us(TRIAL_AT_NS), abs=200)


def test_trials_and_bouts_are_placed_in_the_other_recording(made, edges, tmp_path):
    result = ran(made, "--ttl", edges, "--trials", tmp_path / "trials.csv", "--bouts", tmp_path / "bouts.csv")
    assert result.exit_code == 0, result.output
    by_device, by_host, never = rows(tmp_path / "trials.csv")
    assert (by_device["trigger_id"], by_device["by"], by_device["outcome"]) == ("1", "device", "acknowledged")
    assert float(by_device["other_s"]) == pytest.approx(other_s(TRIAL_AT_NS), abs=0.0002)
    assert 0 <= float(by_device["from_edge_s"]) < 0.8
    assert by_host["by"] == "host"
    assert float(by_host["other_s"]) == pytest.approx(other_s(TRIAL_AT_NS + 1_001_000_000), abs=0.0005)
    assert (never["outcome"], never["other_s"], never["by"], never["from_edge_s"]) == ("late", "", "", "")
    (bout,) = rows(tmp_path / "bouts.csv")
    assert (bout["label"], bout["start_index"], bout["stop_index"]) == ("chasing", "100", "149")
    assert float(bout["start_other_s"]) == pytest.approx(other_s(START_NS + 10_000_000_000), abs=0.0005)
    assert float(bout["stop_other_s"]) == pytest.approx(other_s(START_NS + 14_900_000_000), abs=0.0005)


def test_samples_and_columns_are_understood(made, tmp_path):
    path = tmp_path / "edges.csv"
    counted = np.round(RECORDER.edges(PULSES) * 30_000)
    path.write_text("line;sample\n" + "\n".join(f"4;{each:.0f}" for each in counted))
    result = ran(made, "--ttl", path, "--column", "sample", "--unit", "samples", "--rate", 30000)
    assert result.exit_code == 0, result.output
    assert f"file: {len(PULSES)} edges matched" in result.output


def test_the_edges_of_another_session_are_refused_and_nothing_is_written(made, tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("\n".join(map(str, RECORDER.edges(pulses(SECONDS, seed=5)))))
    result = ran(made, "--ttl", path, "--out", tmp_path / "alignment.json")
    assert result.exit_code == 1
    assert "are not those between the" in result.output
    assert not (tmp_path / "alignment.json").exists()


def test_a_jump_is_warned_of(made, tmp_path):
    path = tmp_path / "edges.csv"
    times_s = RECORDER.edges(PULSES)
    path.write_text("\n".join(map(str, np.concatenate([times_s[:30], times_s[30:] + 2]))))
    result = ran(made, "--ttl", path)
    assert result.exit_code == 0, result.output
    assert "warning: here the file's clock jumped by +200" in result.output


@pytest.mark.parametrize("option", ["--out", "--trials", "--bouts"])
def test_nothing_is_overwritten(made, edges, tmp_path, option):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    result = ran(made, "--ttl", edges, option, taken)
    assert result.exit_code == 1
    assert "nothing is ever overwritten" in result.output
    assert taken.read_text() == "mine"
    result = ran(made, "--ttl", edges, option, tmp_path / "nowhere" / "file")
    assert "there is no folder" in result.output
    result = ran(made, "--ttl", edges, "--out", tmp_path / "a", "--trials", tmp_path / "a", "--bouts", tmp_path / "a")
    assert "is named twice" in result.output


def test_a_session_without_samples_of_the_clock_is_aligned_for_what_its_device_stamped(edges, tmp_path):
    made = session(tmp_path / "s", PULSES)
    result = ran(made, "--ttl", edges, "--trials", tmp_path / "trials.csv", "--out", tmp_path / "alignment.json")
    assert result.exit_code == 0, result.output
    assert "host's clock: not known against the device's" in result.output
    assert [row["by"] for row in rows(tmp_path / "trials.csv")] == ["device", "", ""]
    document = json.loads((tmp_path / "alignment.json").read_bytes())
    assert (document["host_clock"], document["stretches"][0]["host_to_other"]) == (None, None)
    result = ran(made, "--ttl", edges, "--bouts", tmp_path / "bouts.csv")
    assert result.exit_code == 1
    assert "leave out --bouts" in result.output


def test_a_session_without_edges_is_refused(edges, tmp_path):
    made = session(tmp_path / "s", np.empty(0))
    result = ran(made, "--ttl", edges)
    assert result.exit_code == 1
    assert "no device reported edges of its sync output" in result.output


def test_of_several_devices_one_is_chosen(edges, tmp_path):
    made = make_folder(tmp_path / "s")
    log = SessionLog(made)
    for device, seed in (("a", 3), ("b", 0)):
        for number, time_s in enumerate(pulses(SECONDS, seed)):
            log.write(DeviceSync(device, SyncEdge(number, round(time_s * 1e6))))
    log.close()
    assert "has edges of the devices a, b; choose one with --device" in ran(made, "--ttl", edges).output
    assert "has no edges of a device 'c', expected one of: a, b" in ran(made, "--ttl", edges, "--device", "c").output
    assert "are not those" in ran(made, "--ttl", edges, "--device", "a").output
    assert ran(made, "--ttl", edges, "--device", "b").exit_code == 0


def test_blinded_trials_stay_blinded(edges, tmp_path):
    made = session(tmp_path / "s", PULSES, samples(), verdict="blinded")
    ran(made, "--ttl", edges, "--trials", tmp_path / "trials.csv")
    assert [row["verdict"] for row in rows(tmp_path / "trials.csv")] == ["blinded"] * 3
