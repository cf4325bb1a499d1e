"""`selfee-rt convert`, as a person types it."""

import csv
import json
import shutil

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.folder import read_unblindings
from selfee_rt.record.log import SessionLog
from selfee_rt.trigger.shams import Shams
from tests.record.history import make_folder, observation
from tests.workbench.convert.sessions import LAST_INDEX, START_NS, session

FILES = ["README.txt", "actions.csv", "bouts.csv", "losses.csv", "observations.csv", "trials.csv"]


def ran(*arguments):
    return CliRunner().invoke(main, ["convert", *map(str, arguments)])


def converted(path, out, *arguments):
    result = ran(path, "--to", "csv", "--out", out, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(path):
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file()}


def verdicts(out):
    return [row["verdict"] for row in rows(out / "trials.csv")]


def test_every_decision_has_a_row_with_its_evidence_times_and_train(tmp_path):
    made = session(tmp_path / "s", blind=False)
    assert converted(made, tmp_path / "out") == f"written: {tmp_path / 'out'}\n"
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == FILES
    table = rows(tmp_path / "out" / "trials.csv")
    order = Shams(0.5, block=4, seed=7)
    assert [row["verdict"] for row in table] == [*("sham" if order.withheld(n) else "fired" for n in range(12)), "late"]
    first, last, late = table[0], table[11], table[12]
    assert json.loads(first.pop("evidence")) == {"winging": 0.9, "since_index": 3}
    assert first == {
        "trigger_id": "1",
        "rule": "song",
        "arena": "left",
        "subject": "mouse 3",
        "device": "led",
        "origin": "when",
        "verdict": "sham" if order.withheld(0) else "fired",
        "trial": "1",
        "why": "",
        "frame_index": "11",
        "newest_index": "13",
        "media_s": "0.130000",
        "wall_clock": "2026-03-01T09:00:00.380005+01:00",
        "decided_s": "0.380005",
        "sent_s": "0.381005",
        "acknowledged_s": "0.382505",
        "device_us": "4000001",
        "decision_to_acknowledged_ms": "2.500",
        "age_ms": "0.005",
        "outcome": "acknowledged",
        "train_width_us": "5000",
        "train_period_us": "25000",
        "train_pulses": "20",
        "train_light_s": "0.100000",
    }
    unknown = ("sent_s", "acknowledged_s", "device_us", "decision_to_acknowledged_ms", "outcome")
    assert [last[name] for name in unknown] == [late[name] for name in unknown] == [""] * 5
    assert (late["trial"], late["why"]) == ("", "60 ms old")


def test_the_other_tables_hold_what_the_log_holds(tmp_path):
    out = tmp_path / "out"
    converted(session(tmp_path / "s", blind=False), out)
    observations = rows(out / "observations.csv")
    assert len(observations) == 2 * (LAST_INDEX - 1)
    assert observations[0] == {
        "arena": "left",
        "frame_index": "2",
        "label_index": "2",
        "newest_index": "4",
        "label": "chasing",
        "alarm": "0",
        "stimulus": "off",
        "revision": "0",
        "media_s": "0.020000",
        "captured_s": "-4.730000",
        "decided_s": "-4.709995",
        "probability:chasing": "0.75",
        "probability:nothing": "0.25",
        "score:selfee": "0.1",
    }
    (bout,) = rows(out / "bouts.csv")
    assert list(bout.values())[:7] == ["left", "chasing", "predicted", "12", "20", "0.120000", "0.200000"]
    assert [bout["start_captured_s"], bout["stop_captured_s"]] == ["-4.630000", "-4.550000"]
    assert [list(row.values()) for row in rows(out / "losses.csv")] == [
        [a, "edge", "0", "1"] for a in ("left", "right")
    ]
    (action,) = rows(out / "actions.csv")
    assert (action["at_s"], action["action"], json.loads(action["arguments"])) == (
        "0.250000",
        "arm",
        {"rules": ["song"]},
    )


def test_the_readme_explains_every_column_of_every_table(tmp_path):
    out = tmp_path / "out"
    converted(session(tmp_path / "s", blind=False), out)
    text = (out / "README.txt").read_text()
    assert f"Ended: stopped; exposures 0 to {LAST_INDEX}" in text
    assert "The session was not blinded." in text
    sections = dict(part.split("\n", 1) for part in text.split("\n\n")[3:])
    assert sorted(sections) == [name for name in FILES if name != "README.txt"]
    for name, section in sections.items():
        with (out / name).open(newline="") as file:
            columns = next(csv.reader(file))
        assert [line.split("  ")[1] for line in section.splitlines()[1:]] == columns


def test_blinded_tables_are_the_same_whatever_was_sham(tmp_path):
    outputs = []
    for seed in (1, 2):
        made = session(tmp_path / f"s{seed}", blind=True, seed=seed)
        output = converted(made, tmp_path / f"out{seed}")
        outputs.append((output.replace(f"out{seed}", "out"), contents(tmp_path / f"out{seed}")))
        assert "unblinded.jsonl" not in contents(made)
    order = [Shams(0.5, block=4, seed=seed) for seed in (1, 2)]
    assert [order[0].withheld(n) for n in range(12)] != [order[1].withheld(n) for n in range(12)]
    assert outputs[0] == outputs[1]
    assert verdicts(tmp_path / "out1") == ["blinded"] * 12 + ["late"]
    assert "these tables are: a trial's verdict is `blinded`" in (tmp_path / "out1" / "README.txt").read_text()


@pytest.mark.parametrize("first", [1, 6])
def test_unblinding_tells_what_was_done_and_is_logged(tmp_path, first):
    made = session(tmp_path / "s", blind=True, seed=3, first=first)
    output = converted(made, tmp_path / "out", "--unblind", "--why", " the analysis is fixed ")
    order = Shams(0.5, block=4, seed=3)
    expected = ["sham" if order.withheld(number - 1) else "fired" for number in range(first, first + 12)]
    assert verdicts(tmp_path / "out") == [*expected, "late"]
    (logged,) = read_unblindings(made)
    assert (logged.why, bool(logged.who)) == ("the analysis is fixed", True)
    assert f"unblinded 12 trials; logged in {made / 'unblinded.jsonl'}: {logged.who}, 'the analysis is fixed'" in output
    text = (tmp_path / "out" / "README.txt").read_text()
    assert f"these tables are NOT: unblinded by {logged.who}" in text
    converted(made, tmp_path / "again", "--unblind", "--why", "lost the first")
    assert [each.why for each in read_unblindings(made)] == ["the analysis is fixed", "lost the first"]


def test_seeds_that_were_changed_are_refused_and_nothing_is_told(tmp_path):
    made = session(tmp_path / "s", blind=True)
    (made / "blinding.json").write_text('{"seeds":{"song":8}}')
    before = contents(made)
    result = ran(made, "--out", tmp_path / "out", "--unblind", "--why", "x")
    assert result.exit_code == 1
    assert "blinding.json was changed after the session began" in result.output
    assert not (tmp_path / "out").exists()
    assert contents(made) == before


def test_what_cannot_be_logged_is_not_told(tmp_path):
    made = session(tmp_path / "s", blind=True)
    (made / "unblinded.jsonl").mkdir()
    result = ran(made, "--out", tmp_path / "out", "--unblind", "--why", "x")
    assert result.exit_code == 1
    assert "unblinded.jsonl" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unblind"], "--unblind needs --why TEXT"),
        (["--unblind", "--why", "  "], "--unblind needs --why TEXT"),
        (["--why", "x"], "--why is for --unblind"),
        (["--to", "nwb"], "'nwb' is not 'csv'"),
    ],
)
def test_half_of_a_wish_is_refused(tmp_path, arguments, message):
    made = session(tmp_path / "s", blind=True)
    before = contents(made)
    result = ran(made, "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert contents(made) == before


def test_a_session_that_is_not_blinded_is_not_unblinded(tmp_path):
    made = session(tmp_path / "s", blind=False)
    result = ran(made, "--out", tmp_path / "out", "--unblind", "--why", "x")
    assert result.exit_code == 1
    assert "is not blinded, its trials are fired and sham already; leave out --unblind" in result.output
    assert "unblinded.jsonl" not in contents(made)


def test_nothing_is_overwritten_and_nothing_logged_for_it(tmp_path):
    made = session(tmp_path / "s", blind=True)
    (tmp_path / "out").mkdir()
    result = ran(made, "--out", tmp_path / "out", "--unblind", "--why", "x")
    assert result.exit_code == 1
    assert "exists; nothing is ever overwritten" in result.output
    assert not read_unblindings(made)


def test_a_killed_session_is_converted_as_far_as_it_reaches(tmp_path):
    made = session(tmp_path / "s", blind=False, ended=False)
    copy = tmp_path / "killed"
    shutil.copytree(made, copy)
    converted(copy, tmp_path / "out")
    assert (
        f"Killed, or still running when this was made; exposures 0 to {LAST_INDEX}"
        in (tmp_path / "out" / "README.txt").read_text()
    )
    assert len(rows(tmp_path / "out" / "trials.csv")) == 13


def test_a_running_session_is_converted_as_it_is_now(tmp_path):
    made = make_folder(tmp_path / "s", ["left"])
    log = SessionLog(made)
    log.write(observation("left", 0, START_NS))
    log.commit_if_due(0)
    log.commit_if_due(10**9)
    log.write(observation("left", 1, START_NS))
    converted(made, tmp_path / "out")
    assert [row["frame_index"] for row in rows(tmp_path / "out" / "observations.csv")] == ["0"]
    assert rows(tmp_path / "out" / "trials.csv") == []
    assert "The session had no rules" in (tmp_path / "out" / "README.txt").read_text()
    log.end("stopped", 1)
    log.close()


def test_a_folder_that_is_no_session_is_refused(tmp_path):
    result = ran(tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "is not a session folder" in result.output
