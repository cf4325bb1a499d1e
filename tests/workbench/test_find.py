"""The commands `template` and `find`, as a person types them, and what they refuse."""

import csv
import re

import numpy as np
import pytest
from click.testing import CliRunner

from selfee_rt.cli import COMMANDS
from selfee_rt.cli.find import find_command, template_command
from selfee_rt.errors import ConfigError, FolderError, SourceError, TemplateFileError
from selfee_rt.observe.template import Template
from tests.session.rig import configure, run
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.test_fit import write_video


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two tiny models, three videos, and a template with a threshold."""
    need_module("onnx")
    folder = tmp_path_factory.mktemp("find")
    write_tiny_model(folder / "model.onnx")
    write_tiny_model(folder / "other.onnx", seed=1)
    for seed, name in enumerate("abc"):
        write_video(folder / f"{name}.mkv", 120, seed=seed)
    result = made(folder, folder / "t.npz", "--control", folder / "b.mkv")
    assert result.exit_code == 0, result.output
    (folder / "said").write_text(result.stdout)
    return folder


def ran(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)


def made(folder, out, *arguments, span="30:38", video="a.mkv", model="model.onnx"):
    given = (folder / video, "--span", span, "--name", "jump", "--model", folder / model, "--out", out, *arguments)
    return ran(template_command, *given)


def test_the_commands_are_registered():
    assert {"template", "find"} <= set(COMMANDS)


def test_a_template_says_what_is_in_it(folder):
    said = (folder / "said").read_text()
    template = Template.load(folder / "t.npz")
    assert "template:jump: 9 exposures (0.30 s) of a.mkv" in said
    assert f"threshold: {template.threshold:.4f} (lowest cost in 1 control recordings: b.mkv)" in said
    assert (template.origin.first_index, template.origin.last_index) == (30, 38)
    assert template.embedding.shape == (9, 16)


def test_its_threshold_is_that_at_which_the_control_has_no_match_and_above_which_it_has_one(folder):
    threshold = Template.load(folder / "t.npz").threshold
    arguments = (folder / "t.npz", folder / "b.mkv", "--model", folder / "model.onnx")
    assert ran(find_command, *arguments).stdout.strip() == "0 matches"
    more = ran(find_command, *arguments, "--threshold", threshold * (1 + 1e-9))
    assert "1 match" in more.stdout


def test_find_prints_a_table_and_writes_it(folder, tmp_path):
    result = ran(
        find_command,
        *(folder / "t.npz", folder / "a.mkv", folder / "c.mkv", "--model", folder / "model.onnx"),
        *("--threshold", 0.8, "--csv", tmp_path / "m.csv"),
    )
    assert result.exit_code == 0
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text().splitlines()))
    assert f"{len(rows)} matches" in result.stdout
    itself = next(row for row in rows if float(row["cost"]) < 1e-6)
    assert (itself["template"], itself["arena"], itself["first"], itself["last"]) == ("jump", "arena", "30", "38")
    assert (itself["start_s"], itself["stop_s"]) == ("1.000000", "1.267000"), "Matroska counts milliseconds"
    assert re.search(r"a\.mkv +arena +30 +38 +1\.00 +1\.27 +0\.0000", result.stdout)
    assert {row["recording"] for row in rows} == {str(folder / "a.mkv"), str(folder / "c.mkv")}


def test_without_a_control_or_a_number_there_is_no_threshold_and_find_says_so(folder, tmp_path):
    assert "threshold: none; give --control" in made(folder, tmp_path / "t.npz").stdout
    with pytest.raises(TemplateFileError, match="has no threshold; give one"):
        ran(find_command, tmp_path / "t.npz", folder / "b.mkv", "--model", folder / "model.onnx")
    result = made(folder, tmp_path / "u.npz", "--threshold", 0.25)
    assert "threshold: 0.2500 (given by the person" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "changes", "expected"),
    [
        ((), {"span": "110:130"}, "no embedding of the exposures 118 to 130; .* within 2 to 117"),
        ((), {"span": "0:10"}, "no embedding of the exposures 0 to 1; .* within 2 to 117"),
        ((), {"span": "38:30"}, "expected A:B with 0 <= A < B"),
        ((), {"video": "none.mkv"}, "there is nothing at .*none.mkv; give a video or a session folder"),
        (("--control", "a.mkv"), {}, "holds the template itself"),
        (("--control", "b.mkv"), {"span": "30:60"}, "too short: got 116 embeddings, expected at least 310"),
        (("--control", "b.mkv", "--threshold", "1"), {}, "got both, expected one"),
        (("--arena", "left"), {}, "got --arena left, expected one of: arena"),
    ],
)
def test_what_cannot_be_a_template_is_refused(folder, tmp_path, arguments, changes, expected):
    given = [folder / each if each.endswith(".mkv") else each for each in arguments]
    with pytest.raises(ConfigError, match=expected):
        made(folder, tmp_path / "t.npz", *given, **changes)
    assert not (tmp_path / "t.npz").exists()


def test_nothing_is_overwritten(folder, tmp_path):
    with pytest.raises(ConfigError, match="exists; nothing is ever overwritten"):
        made(folder, folder / "t.npz")
    with pytest.raises(ConfigError, match="there is no folder"):
        made(folder, tmp_path / "no" / "t.npz")
    (tmp_path / "m.csv").touch()
    with pytest.raises(ConfigError, match="exists; nothing is ever overwritten"):
        ran(find_command, folder / "t.npz", folder / "a.mkv", "--csv", tmp_path / "m.csv")


@pytest.mark.parametrize(("option", "value"), [("--span", "5"), ("--span", "a:b"), ("--name", "Wing flick")])
def test_a_mistyped_option_is_a_usage_error(folder, tmp_path, option, value):
    given = {"--span": "30:38", "--name": "jump", "--out": tmp_path / "t.npz"} | {option: value}
    result = ran(template_command, folder / "a.mkv", *(each for pair in given.items() for each in pair))
    assert result.exit_code == 2
    assert f"got '{value}', expected" in result.stderr


def test_another_model_is_refused(folder):
    with pytest.raises(TemplateFileError, match="made with another model"):
        ran(find_command, folder / "t.npz", folder / "b.mkv", "--model", folder / "other.onnx")


def test_what_is_neither_a_video_nor_a_session_is_refused(folder, tmp_path):
    arguments = ("--model", folder / "model.onnx")
    with pytest.raises(SourceError):
        ran(find_command, folder / "t.npz", folder / "said", *arguments)
    with pytest.raises(FolderError):
        ran(find_command, folder / "t.npz", tmp_path, *arguments)


def test_a_session_that_kept_only_some_embeddings_is_refused(folder, tmp_path):
    rig = {"model": {"file": str(folder / "model.onnx"), "threads": 1}, "observe": {"reference": None, "detector": []}}
    record = {"embeddings_every": 2}
    run(configure(folder, tmp_path / "s", source={"seconds": 1}, record=record, **rig))
    with pytest.raises(FolderError, match=r"holds every 2\. embedding, expected all of them"):
        ran(find_command, folder / "t.npz", tmp_path / "s")


def test_in_a_session_with_several_arenas_each_is_searched_and_a_template_names_its_own(folder, tmp_path):
    halves = [
        {"name": name, "region": {"x": x, "y": 0, "width": 80, "height": 120}}
        for name, x in (("left", 0), ("right", 80))
    ]
    observe = {"reference": None, "detector": [], "smoothing": {"kind": "none"}}
    run(configure(folder, tmp_path / "s", observe=observe, arena=halves))
    given = (tmp_path / "s", "--span", "60:69", "--name", "jump", "--threshold", 0.9)
    with pytest.raises(ConfigError, match="got no --arena, expected one of: left, right"):
        ran(template_command, *given, "--out", tmp_path / "t.npz")
    ran(template_command, *given, "--arena", "right", "--out", tmp_path / "t.npz")
    result = ran(find_command, tmp_path / "t.npz", tmp_path / "s", "--threshold", 1.5, "--csv", tmp_path / "m.csv")
    assert result.exit_code == 0
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text().splitlines()))
    assert {row["arena"] for row in rows} == {"left", "right"}
    itself = min(rows, key=lambda row: float(row["cost"]))
    assert (itself["arena"], itself["first"], itself["last"]) == ("right", "60", "69")
    assert np.isclose(float(itself["start_s"]), 2.0)
