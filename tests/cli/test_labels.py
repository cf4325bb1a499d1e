"""`selfee-rt labels`, as a person types it."""

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.cli.labels import FORMATS
from selfee_rt.config import LabelsConfig, load_labels
from selfee_rt.errors import ConfigError
from selfee_rt.record.log import SessionLog
from tests.record.history import make_folder, write
from tests.support import ROOT
from tests.workbench.labels.examples import FLY, SIMBA, aggregated, aggregated_row
from tests.workbench.test_fit import write_video


def ran(*arguments):
    return CliRunner().invoke(main, ["labels", *map(str, arguments)])


@pytest.fixture
def fly(tmp_path):
    path = tmp_path / "fly.txt"
    path.write_text(FLY)
    return path


def test_a_file_is_recognised_summarised_and_converted(fly, tmp_path):
    result = ran(fly, "--out", tmp_path / "fly.csv")
    assert result.exit_code == 0, result.output
    assert f"{fly}: the Selfee authors' fly format (start end code)\n20 exposures\n" in result.output
    assert "  nothing: 8 exposures, 1 bout\n" in result.output
    assert "  unlabel (left out): 3 exposures, 1 bout\n" in result.output
    assert (tmp_path / "fly.csv").read_text().startswith("frame,label\n0,chasing\n")


def test_without_out_nothing_is_written(fly, tmp_path):
    assert ran(fly).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["fly.txt"]


def test_a_chain_of_formats_ends_where_it_began(fly, tmp_path):
    first = tmp_path / "0.csv"
    ran(fly, "--out", first)
    before = first
    for number, format_ in enumerate(("mouse", "boris-aggregated", "deepethogram", "boris-tabular", "fly", "csv"), 1):
        out = tmp_path / f"{number}.tsv"
        result = ran(before, "--out", out, "--to", format_, "--exposures", 20, "--fps", 25)
        assert result.exit_code == 0, result.output
        before = out
    assert before.read_text() == first.read_text()


def test_the_length_and_the_frame_rate_are_measured_on_the_video(tmp_path):
    write_video(tmp_path / "a.mkv", 12, seed=1)
    path = tmp_path / "events.csv"
    path.write_text(aggregated(aggregated_row("s", "0.0", "0.2", fps="30.000")))
    result = ran(path, "--video", tmp_path / "a.mkv")
    assert "12 exposures\n  s: 6 exposures, 1 bout\n  unlabel (left out): 6 exposures" in result.output
    result = ran(path, "--video", tmp_path / "a.mkv", "--exposures", 12)
    assert result.exit_code == 2
    assert "not both" in result.output


def test_the_table_of_a_refusal_can_be_pasted_and_helps(tmp_path):
    path = tmp_path / "simba.csv"
    path.write_text(SIMBA)
    result = ran(path)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    table = tmp_path / "labels.toml"
    table.write_text(result.output[result.output.index("[labels]") :])
    result = ran(path, "--config", table)
    assert "4 exposures\n  Attack: 2 exposures, 1 bout\n" in result.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[labels\n", "is not valid TOML"),
        ("priority = ['a']\n", "got priority, expected the table [labels] alone"),
        ("[labels]\npriorty = ['a']\n", "labels: priorty: unknown key"),
        ("[labels]\npriority = ['a', 'a']\n", "a is there twice"),
        ("[labels]\npoints = -1\n", "labels: points"),
        ("[labels]\nformat = 'xls'\n", "labels: format"),
    ],
)
def test_a_table_that_is_wrong_is_refused(fly, tmp_path, text, words):
    (tmp_path / "labels.toml").write_text(text)
    result = ran(fly, "--config", tmp_path / "labels.toml")
    assert result.exit_code == 1
    assert words in result.output


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot read .*gone\.toml: No such file"):
        load_labels(tmp_path / "gone.toml")


def test_a_table_is_read_whole(tmp_path):
    (tmp_path / "t.toml").write_text('[labels]\npoints = 0.5\nsubject = ["a", "b"]\nmap = {2 = "chasing"}\n')
    assert load_labels(tmp_path / "t.toml") == LabelsConfig(points=0.5, subject=("a", "b"), map={"2": "chasing"})


def test_an_arena_of_a_file_is_a_usage_error(fly):
    result = ran(fly, "--arena", "left")
    assert result.exit_code == 2
    assert "labels.subject" in result.output


def test_a_file_that_is_not_there_or_exists(fly, tmp_path):
    assert "cannot read the labels" in ran(tmp_path / "gone.csv").output
    result = ran(fly, "--out", fly)
    assert result.exit_code == 1
    assert "exists; nothing is ever overwritten" in result.output


def test_the_documented_table_is_one_that_is_read_and_names_every_key(tmp_path):
    document = (ROOT / "docs" / "labels.md").read_text()
    (tmp_path / "t.toml").write_text(document.partition("```toml\n")[2].partition("```")[0])
    assert load_labels(tmp_path / "t.toml").model_fields_set == set(LabelsConfig.model_fields)


def test_every_format_is_documented():
    document = (ROOT / "docs" / "labels.md").read_text()
    assert [line.split("`")[1] for line in document.split("\n") if line.startswith("| `")] == list(FORMATS)


def test_a_session_folder_is_exported(tmp_path):
    path = make_folder(tmp_path / "session", ["left"])
    log = SessionLog(path)
    write(log, ["observed", "observed", "edge"], ["left"])
    log.close()
    result = ran(path, "--out", tmp_path / "s.csv")
    assert f"{path}: a session's observations\n3 exposures\n  chasing: 2 exposures, 1 bout" in result.output
    assert (tmp_path / "s.csv").read_text() == "frame,label\n0,chasing\n1,chasing\n2,unlabel\n"
