"""Progress along a reference: animals that do the same sooner, or slower, are seen to."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.progress import ProgressSettings, compare_progress, find_progress, stepped
from selfee_rt.workbench.analyses.report_progress import write_progress
from tests.support import need_module
from tests.workbench.analyses.simulated import recording

SETTINGS = ProgressSettings(project=4, step_s=0.1)


def story(seconds, *, pace=1.0, seed=0, fps=30.0, name="a", missing=()):
    """An animal that goes through the same 20 s of postures as all others, at a pace: quick, then slow, or evenly."""
    rng = np.random.default_rng(5)
    postures = np.cumsum(rng.normal(size=(201, 4)), axis=0)
    time = np.arange(round(seconds * fps)) / (seconds * fps)
    through = 200 * time**pace
    points = np.stack([np.interp(through, np.arange(201), axis) for axis in postures.T], axis=1)
    points += np.random.default_rng(seed).normal(0, 0.02, points.shape)
    return recording(points, name=name, fps=fps, missing=missing)


REFERENCE = story(20, name="reference")


@pytest.fixture(scope="module")
def two_groups():
    even = [story(20, seed=seed, name=f"even{seed}") for seed in range(1, 5)]
    late = [story(20, pace=1.6, seed=seed, name=f"late{seed}") for seed in range(5, 9)]
    inputs = Inputs((*even, *late), {"even": [0, 1, 2, 3], "late": [4, 5, 6, 7]})
    return inputs, find_progress(REFERENCE, inputs.recordings, SETTINGS)


def test_an_animal_that_does_the_same_is_in_step(two_groups):
    _, progress = two_groups
    np.testing.assert_allclose(progress.reference_s(0), progress.time_s(0), atol=0.3)
    assert progress.alignments[0].distance < 0.01


def test_one_that_begins_slowly_is_behind_by_as_much(two_groups):
    _, progress = two_groups
    expected = 20 * (progress.time_s(4) / 20) ** 1.6
    np.testing.assert_allclose(progress.reference_s(4), expected, atol=0.5)


def test_frame_rates_may_differ_since_time_is_in_seconds():
    progress = find_progress(REFERENCE, [story(20, fps=50.0, seed=1)], SETTINGS)
    np.testing.assert_allclose(progress.reference_s(0), progress.time_s(0), atol=0.3)


def test_groups_are_compared_where_they_part_and_not_where_they_meet(two_groups):
    inputs, progress = two_groups
    compared = compare_progress(progress, inputs)
    assert [each.quantity for each in compared] == list(range(200))
    q = np.array([each.q for each in compared])
    assert (q[60:140] < 0.05).all()
    assert q[-1] == 1.0


@given(seed=st.integers(0, 10), step_frames=st.integers(1, 20), fps=st.sampled_from([15.0, 25.0, 30.0, 59.94]))
def test_every_step_is_the_direction_of_the_mean_of_its_own_embeddings(seed, step_frames, fps):
    points = np.random.default_rng(seed).normal(size=(300, 2))
    found = stepped(recording(points, fps=fps), points, step_frames / fps)
    assert len(found) == 300 // step_frames
    for step, direction in enumerate(found):
        mean = points[step * step_frames : (step + 1) * step_frames].mean(axis=0)
        np.testing.assert_allclose(direction, mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("step_s", [0.05, 0.1, 0.17])
def test_steps_need_not_be_whole_exposures(step_s):
    points = np.random.default_rng(0).normal(size=(300, 2))
    found = stepped(recording(points), points, step_s)
    for step, direction in enumerate(found):
        own = [row for row in range(300) if step * step_s - 1e-9 <= row / 30 < (step + 1) * step_s - 1e-9]
        mean = points[own].mean(axis=0)
        np.testing.assert_allclose(direction, mean / np.linalg.norm(mean), atol=1e-5)


def test_a_gap_as_long_as_a_step_is_refused_and_a_shorter_one_is_not():
    with pytest.raises(ConfigError, match=r"gappy has no embedding from 3\.3 to 3\.4 s after its first"):
        find_progress(REFERENCE, [story(20, seed=1, name="gappy", missing=range(100, 110))], SETTINGS)
    find_progress(REFERENCE, [story(20, seed=1, name="gappy", missing=range(100, 102))], SETTINGS)


def test_what_cannot_be_aligned_is_refused():
    with pytest.raises(ConfigError, match="reference is the reference itself"):
        find_progress(REFERENCE, [REFERENCE], SETTINGS)
    with pytest.raises(ConfigError, match=r"a is too short: got 5 steps of 0\.1 s, expected at least 10"):
        find_progress(REFERENCE, [story(0.5)], SETTINGS)
    with pytest.raises(ConfigError, match="a recording of 50 steps cannot be aligned with a reference of 200"):
        find_progress(REFERENCE, [story(5)], SETTINGS)
    with pytest.raises(ConfigError, match="of different models cannot be compared"):
        find_progress(REFERENCE, [replace(story(20), model_id="7" * 64)], SETTINGS)
    with pytest.raises(ConfigError, match="'b' has too few recordings"):
        compare_progress(find_progress(REFERENCE, [story(20, seed=1)], SETTINGS), Inputs((story(20),), {"b": [0]}))


def test_an_open_end_lets_a_shorter_recording_stop_where_it_stops():
    whole = story(20, seed=1)
    half = replace(whole, frame_index=whole.frame_index[:150], embedding=whole.embedding[:150])
    progress = find_progress(REFERENCE, [half], replace(SETTINGS, open_end=True))
    assert progress.reference_s(0)[-1] == pytest.approx(5, abs=0.4)


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("grouped", [True, False])
def test_tables_summary_and_figure_are_written(two_groups, tmp_path, kind, grouped):
    need_module("matplotlib")
    inputs, progress = two_groups
    if not grouped:
        inputs = Inputs(inputs.recordings, {})
    write_progress(tmp_path, progress, inputs, compare_progress(progress, inputs), SETTINGS, kind)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"progress.csv", "summary.json", f"progress.{kind}"} | ({"comparison.csv"} if grouped else set())
    with (tmp_path / "progress.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 * 200
    assert rows[1] == {
        "recording": "even1",
        "group": "even" if grouped else "",
        "time_s": "0.15",
        "reference_s": f"{progress.reference_s(0)[1]:.6g}",
    }
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["reference"]["name"] == "reference"
    assert set(summary["mean_cosine_distance_along_the_path"]) == {each.name for each in inputs.recordings}
