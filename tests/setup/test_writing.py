"""What is written is read again as the same, explains every key, and never takes the place of another file."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings

from selfee_rt.config import SessionConfig, Settings, load, parse
from selfee_rt.errors import ConfigError
from selfee_rt.setup.writing import save, toml
from tests.setup.documents import DOCUMENT
from tests.support import ROOT

FOLDER = Path("/home/rig")
EXAMPLES = sorted((ROOT / "configs").glob("*.toml"))


def configuration(document, folder=FOLDER):
    return parse(document, where="test", base=folder)


def read(text, folder=FOLDER):
    return configuration(tomllib.loads(text), folder)


def uncommented(text):
    """The file after someone has taken away every # before a key that has a value."""
    return re.sub(r"^#(?=\w+ = |\[\[arena)", "", text, flags=re.M)


@settings(max_examples=200, deadline=None)
@given(DOCUMENT)
def test_what_is_written_is_read_again_as_the_same(document):
    config = configuration(document)
    text = toml(config, FOLDER)
    assert read(text) == config
    assert read(uncommented(text)) == config, "a default is shown that is not the default"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_worked_example_survives_being_written(path, tmp_path):
    config = load(path)
    save(tmp_path / "again.toml", toml(config, path.parent))
    assert read((tmp_path / "again.toml").read_text(encoding="utf-8"), path.parent) == config


def test_every_key_is_there_and_explained_as_the_configuration_explains_it():
    text = toml(configuration({"source": {"kind": "stream", "address": "x"}}), FOLDER)
    config = read(text)
    prose = " ".join(line.removeprefix("# ") for line in text.splitlines())
    for section in SessionConfig.model_fields:
        value = getattr(config, section)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Settings):
                for name, field in type(each).model_fields.items():
                    assert re.search(rf"^(#?{name} =|\[{section}.{name}\])", text, re.M), (section, name)
                    first = " ".join((field.description or "").split(".")[0].split("None")[0].split())
                    assert first.rstrip(";") in prose


def test_no_comment_promises_what_a_toml_file_cannot_say():
    text = toml(configuration({"source": {"kind": "basler"}}), FOLDER)
    assert "None" not in text
    assert "# PUB address.\n#observations" in text, "that an address may be None: off is of no use here"
    assert "# Left out: the whole picture.\n#region =" in text


def test_paths_beside_the_file_stay_beside_it_when_both_are_moved():
    document = {"source": {"kind": "video_file", "path": "/home/rig/day 1/a.mp4"}, "model": {"file": "/opt/m.onnx"}}
    text = toml(configuration(document), FOLDER)
    assert 'path = "day 1/a.mp4"' in text
    assert 'file = "/opt/m.onnx"' in text


def test_what_toml_cannot_hold_is_refused():
    silent = configuration({"source": {"kind": "synthetic"}, "publish": {"preview": None}})
    with pytest.raises(ConfigError, match="None"):
        toml(silent, FOLDER)


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "session.toml"
    save(path, "first")
    with pytest.raises(ConfigError, match=r"session\.toml exists"):
        save(path, "second")
    assert path.read_text() == "first"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match="cannot write"):
        save(tmp_path / "nowhere" / "session.toml", "")
