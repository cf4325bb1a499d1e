"""The map: what is alike lies together, and every exposure on it says where it comes from."""

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from selfee_rt.errors import ConfigError, MissingExtra
from selfee_rt.workbench.analyses.embedding_map import MapSettings, make_map
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.report_map import write_map
from tests.support import need_module
from tests.workbench.analyses.simulated import recording

need_module("sklearn")

SETTINGS = MapSettings(project=3, perplexity=10, most=200)


def three_places(seed, name):
    """An animal that is in one of three places, 100 exposures each."""
    rng = np.random.default_rng(seed)
    places = np.repeat(5 * np.eye(3), 100, axis=0)
    return recording(places + rng.normal(0, 0.3, (300, 3)), name=name)


@pytest.fixture(scope="module")
def inputs():
    return Inputs((three_places(1, "a"), three_places(2, "b")), {"first": [0], "second": [1]})


@pytest.fixture(scope="module")
def made(inputs):
    return make_map(inputs.recordings, SETTINGS)


def test_what_is_alike_lies_together(made):
    place_of = (made.frame_index - 2) // 100
    distance = np.linalg.norm(made.place[:, None] - made.place[None], axis=2) + np.diag([np.inf] * len(made.place))
    assert (place_of[distance.argmin(axis=1)] == place_of).mean() > 0.98


def test_exposures_are_chosen_evenly_over_time_and_keep_their_origin(made):
    assert np.bincount(made.recording_of).tolist() == [100, 100]
    np.testing.assert_array_equal(made.frame_index, np.tile(np.arange(2, 302, 3), 2))


def test_the_same_seed_gives_the_same_map(inputs, made):
    np.testing.assert_array_equal(make_map(inputs.recordings, SETTINGS).place, made.place)


def test_too_few_exposures_for_the_perplexity_are_refused(inputs):
    with pytest.raises(ConfigError, match="--perplexity 10: got 30 exposures, expected more than 30"):
        make_map(inputs.recordings, replace(SETTINGS, most=30))
    make_map(inputs.recordings, replace(SETTINGS, most=31))


def test_without_scikit_learn_the_extra_is_named(inputs, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match=r"selfee-rt\[analysis\]"):
        make_map(inputs.recordings, SETTINGS)


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_table_summary_and_figures_are_written(inputs, made, tmp_path, kind):
    need_module("matplotlib")
    labels = [("x",) * 102 + ("y",) * 100 + ("unlabel",) * 102, None]
    write_map(tmp_path, made, inputs, labels, SETTINGS, kind)
    figures = {f"by_{what}.{kind}" for what in ("recording", "group", "label")}
    assert {path.name for path in tmp_path.iterdir()} == {"map.csv", "summary.json"} | figures
    with (tmp_path / "map.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 200
    for row, recording_of, index in zip(rows, made.recording_of, made.frame_index, strict=True):
        assert (row["recording"], row["frame"]) == ("ab"[recording_of], str(index))
        assert row["group"] == ("first", "second")[recording_of]
        assert row["label"] == (labels[0][index] if recording_of == 0 else "")
    assert json.loads((tmp_path / "summary.json").read_text())["exposures_on_the_map"] == 200


def test_without_labels_or_groups_there_are_no_figures_of_them(inputs, made, tmp_path):
    need_module("matplotlib")
    write_map(tmp_path, made, Inputs(inputs.recordings, {}), [None, None], SETTINGS, "png")
    assert {path.name for path in tmp_path.iterdir()} == {"map.csv", "summary.json", "by_recording.png"}
