"""The command `evaluate-anomaly`, from videos and events to the report."""

import csv

import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.cli.analysis import fit_command
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.test_fit import write_video

OWN_PAST = ("--past-s", 2, "--skip-exposures", 3, "--warm-up-exposures", 9)


def ran(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    write_tiny_model(folder / "model.onnx")
    for name, frames, seed in (("bank", 60, 1), ("control", 200, 2), ("strange", 240, 3)):
        write_video(folder / f"{name}.mkv", frames, seed=seed)
    (folder / "events.csv").write_text("what,start,stop\nthird,130,140\n")
    arguments = (
        *(folder / "bank.mkv", "--control", folder / "control.mkv", "--model", folder / "model.onnx", "--project", 6),
        *("--detector", "selfee", "--detector", "mahalanobis", *OWN_PAST, "--block-s", 0.5, "--out", folder / "r.npz"),
    )
    made = CliRunner().invoke(fit_command, [str(each) for each in arguments], catch_exceptions=False)
    assert "threshold of mahalanobis" in made.stdout
    # 196 live frames at 30 a second, 60 of them the filling past, in blocks of 15.
    assert "from 0.00 h of controls in 9 blocks of 0.5 s; alarms closer than that are one" in made.stdout
    return folder


def test_the_report_compares_the_detectors_and_stands_alone(folder, tmp_path):
    need_module("matplotlib")
    result = ran(
        *("evaluate-anomaly", folder / "strange.mkv", "--events", folder / "events.csv"),
        *("--reference", folder / "r.npz", "--model", folder / "model.onnx"),
        *("--detector", "selfee", "--detector", "mahalanobis", *OWN_PAST, "--out", tmp_path / "report.html"),
    )
    assert result.exit_code == 0, result.output
    for words in (
        "detector: selfee; AUC",
        "detector: mahalanobis; AUC",
        "detector: paper, offline",
        "false alarms per",
    ):
        assert words in result.stdout
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 2
    assert "rank correlation" in page
    assert 'src="' not in page
    with (tmp_path / "report.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["detector"] for row in rows} == {"selfee", "mahalanobis", "paper, offline"}
    assert {row["curve"] for row in rows} == {"roc", "by_event"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is nothing to evaluate"),
        (("strange.mkv",), "got 0 event files for 1 videos"),
        (
            ("strange.mkv", "--events", "late.csv"),
            "the event 'third' ends with exposure 240, but the recording with 239",
        ),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(folder, tmp_path, arguments, words):
    (folder / "late.csv").write_text("what,start,stop\nthird,230,240\n")
    given = [folder / each if str(each).endswith((".mkv", ".csv")) else each for each in arguments]
    result = ran(
        *("evaluate-anomaly", *given, "--reference", folder / "r.npz", "--model", folder / "model.onnx", *OWN_PAST),
        *("--out", tmp_path / "report.html"),
    )
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / "report.html").exists()


def test_nothing_is_overwritten(folder, tmp_path):
    (tmp_path / "report.csv").write_text("precious")
    result = ran(
        "evaluate-anomaly", "--synthetic", 1, "--reference", folder / "r.npz", "--out", tmp_path / "report.html"
    )
    assert "report.csv exists; nothing is ever overwritten" in result.stderr


def test_the_synthetic_arena_is_evaluated_without_any_file(folder, tmp_path):
    need_module("matplotlib")
    tiny = ("--model", folder / "model.onnx")
    ran("fit", folder / "bank.mkv", *tiny, "--project", 6, "--out", tmp_path / "r.npz")
    result = ran(
        *("evaluate-anomaly", "--synthetic", 1, "--seconds", 240, "--fps", 5, "--allow-interval-mismatch", *tiny),
        *("--reference", tmp_path / "r.npz", "--detector", "mahalanobis", "--out", tmp_path / "report.html"),
    )
    assert result.exit_code == 0, result.output
    assert "threshold: -; events found: -; median delay: -; false alarms per hour: -" in result.stdout
    assert "2 known events" in (tmp_path / "report.html").read_text()
