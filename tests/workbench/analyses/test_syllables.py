"""From recordings to syllables and their usage."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.analyses.arhmm import ArhmmSettings
from selfee_rt.workbench.analyses.draw_syllables import next_syllable
from selfee_rt.workbench.analyses.inputs import Inputs
from selfee_rt.workbench.analyses.report_syllables import write_syllables
from selfee_rt.workbench.analyses.syllables import (
    NONE,
    SyllableSettings,
    bouts,
    compare_usage,
    find_syllables,
    label_shares,
    stretches,
)
from tests.support import need_module
from tests.workbench.analyses.simulated import TRANSITION, recording, syllables

SETTINGS = SyllableSettings(project=2, stickiness=0.0, model=ArhmmSettings(states=3, lags=1, starts=2))

RARE = np.array([[0.995, 0.0025, 0.0025], [0.1, 0.9, 0.0], [0.1, 0.0, 0.9]])
"""An animal that does nearly always the same."""


@pytest.fixture(scope="module")
def two_groups():
    """Four animals of the usual kind, and four that do nearly always the same."""
    animals = [recording(syllables(500, seed)[0], name=f"wt{seed}") for seed in range(4)]
    animals += [recording(syllables(500, seed, RARE)[0], name=f"mutant{seed}") for seed in range(4, 8)]
    return Inputs(tuple(animals), {"wt": [0, 1, 2, 3], "mutant": [4, 5, 6, 7]})


@pytest.fixture(scope="module")
def found(two_groups):
    return find_syllables(two_groups.recordings, SETTINGS)


def test_syllables_of_embeddings_are_those_of_the_motion(two_groups, found):
    truth = np.concatenate([syllables(500, seed)[1] for seed in range(4)])
    said = np.concatenate(found.sequences[:4])
    together = np.array([[np.sum((truth == a) & (said == b)) for b in range(3)] for a in range(3)])
    assert together.max(axis=1).sum() > 0.95 * len(truth)
    assert len(set(together.argmax(axis=1).tolist())) == 3


def test_usage_is_the_share_of_exposures_that_have_a_syllable(found):
    for sequence, usage in zip(found.sequences, found.usage, strict=True):
        assert (sequence[:1] == NONE).all()
        assert (sequence[1:] != NONE).all()
        np.testing.assert_allclose(usage, np.bincount(sequence[1:], minlength=3) / (len(sequence) - 1))
    assert (np.diff(found.usage.mean(axis=0)) <= 0).all()


def test_groups_that_behave_differently_are_told_apart(two_groups, found):
    compared = compare_usage(found, two_groups)
    assert [each.quantity for each in compared] == [0, 1, 2]
    assert min(each.q for each in compared) < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_the_model_is_renumbered_with_its_syllables(seed):
    """Whatever the order in which the fit found them, the model's transitions are those between the syllables."""
    animal = recording(syllables(1500, 3)[0])
    found = find_syllables([animal], replace(SETTINGS, model=replace(SETTINGS.model, seed=seed, starts=1)))
    sequence = found.sequences[0][1:]
    counts = np.zeros((3, 3))
    np.add.at(counts, (sequence[:-1], sequence[1:]), 1)
    np.testing.assert_allclose(found.model.transition, counts / counts.sum(axis=1, keepdims=True), atol=0.01)


def test_the_unit_of_embeddings_does_not_matter():
    animal = recording(syllables(400, 0)[0])
    larger = replace(animal, embedding=animal.embedding * np.float16(4))
    first, second = (find_syllables([each], SETTINGS) for each in (animal, larger))
    np.testing.assert_array_equal(first.sequences[0], second.sequences[0])
    assert first.model.log_likelihood == pytest.approx(second.model.log_likelihood, rel=1e-4)


def test_states_that_nobody_uses_are_no_syllables_and_count_in_no_correction():
    animals = [recording(syllables(300, seed)[0], name=f"{seed}") for seed in range(6)]
    inputs = Inputs(tuple(animals), {"a": [0, 1, 2], "b": [3, 4, 5]})
    found = find_syllables(animals, replace(SETTINGS, stickiness=None, model=replace(SETTINGS.model, states=12)))
    assert 3 <= found.count < 12
    assert len(found.model.transition) == 12
    assert (found.usage.sum(axis=0) > 0).all()
    np.testing.assert_allclose(found.usage.sum(axis=1), 1)
    assert max(sequence.max() for sequence in found.sequences) == found.count - 1
    assert len(compare_usage(found, inputs)) == found.count


def test_nothing_is_said_across_missing_exposures():
    points, _ = syllables(400, 0)
    gap = recording(points, missing=range(100, 110))
    found = find_syllables([gap], replace(SETTINGS, model=replace(SETTINGS.model, lags=3)))
    after = np.flatnonzero(np.diff(gap.frame_index) != 1)[0] + 1
    expected = np.zeros(len(gap.frame_index), bool)
    expected[:3] = expected[after : after + 3] = True
    np.testing.assert_array_equal(found.sequences[0] == NONE, expected)


@given(st.sets(st.integers(0, 60), min_size=1), st.integers(0, 4))
def test_stretches_hold_every_exposure_of_long_enough_runs_once(indices, lags):
    index = np.array(sorted(indices))
    covered = [each for piece in stretches(index, lags) for each in index[piece].tolist()]
    runs = np.split(index, np.flatnonzero(np.diff(index) != 1) + 1)
    assert covered == [each for run in runs if len(run) > lags for each in run.tolist()]


@given(st.lists(st.integers(-1, 2), max_size=40))
def test_bouts_give_the_sequence_back(values):
    runs = bouts(np.array(values, dtype=np.int64))
    assert [each for syllable, length in runs for each in [syllable] * length] == [v for v in values if v != NONE]
    assert all(length > 0 for _, length in runs)


def test_what_cannot_be_analysed_together_is_refused():
    points, _ = syllables(300, 0)
    with pytest.raises(ConfigError, match=r"b\.mkv was embedded by the model 777777777777, a\.mkv by 555555555555"):
        find_syllables([recording(points), recording(points, name="b.mkv", model_id="7" * 64)], SETTINGS)
    with pytest.raises(ConfigError, match=r"b\.mkv has 60 fps, a\.mkv 30"):
        find_syllables([recording(points), recording(points, name="b.mkv", fps=60.0)], SETTINGS)
    with pytest.raises(ConfigError, match=r"b\.mkv is too short: got 49 exposures"):
        find_syllables([recording(points), recording(points[:50], name="b.mkv")], SETTINGS)
    with pytest.raises(ConfigError, match="--project 7: got 6 dimensions"):
        find_syllables([recording(points)], replace(SETTINGS, project=7))


def test_a_recording_in_which_nothing_happens_is_refused():
    still = replace(recording(np.zeros((300, 2))), embedding=np.ones((300, 6), np.float16))
    with pytest.raises(ConfigError, match="vary in 0 dimensions"):
        find_syllables([still], SETTINGS)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"wt": [0, 1, 2], "mutant": [3, 4]}, "'mutant' has too few recordings: got 2, expected at least 3"),
        ({"wt": [0, 1, 2]}, "got one group, expected at least two"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(two_groups, found, groups, message):
    with pytest.raises(ConfigError, match=message):
        compare_usage(found, Inputs(two_groups.recordings, groups))


def test_the_next_syllable_is_given_that_one_ends():
    following = next_syllable(TRANSITION)
    np.testing.assert_allclose(np.nansum(following, axis=1), 1)
    assert following[0, 1] == pytest.approx(2 / 3)
    assert np.isnan(np.diag(following)).all()


def test_syllables_are_counted_within_labels(two_groups, found):
    """Exposures that have no syllable or no label are left out."""
    labels = [None] * 8
    labels[0] = ("unlabel",) * 104 + ("a",) * 200 + ("b",) * 200
    shares = label_shares(found, two_groups, labels)
    sequence, index = found.sequences[0], two_groups.recordings[0].frame_index
    for label, first, last in (("a", 104, 304), ("b", 304, 504)):
        own = sequence[(index >= first) & (index < last) & (sequence != NONE)]
        np.testing.assert_allclose(shares[label], np.bincount(own, minlength=3) / len(own))
    assert list(shares) == ["a", "b"]


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_tables_summary_and_figures_are_written(two_groups, found, tmp_path, kind):
    need_module("matplotlib")
    labels = [("a",) * 250 + ("b",) * 254] + [None] * 7
    write_syllables(tmp_path, found, two_groups, compare_usage(found, two_groups), labels, kind)
    names = {path.name for path in tmp_path.iterdir()}
    tables = {"syllables.csv", "usage.csv", "comparison.csv", "labels.csv", "summary.json"}
    assert names == tables | {f"{figure}.{kind}" for figure in ("ethogram", "usage", "grammar", "labels")}
    with (tmp_path / "syllables.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 * 500
    assert rows[0] == {"recording": "wt0", "group": "wt", "frame": "2", "syllable": ""}
    assert rows[1]["syllable"] == str(found.sequences[0][1])
    with (tmp_path / "usage.csv").open() as file:
        shares = [float(row["share"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(shares, found.usage.ravel(), atol=1e-5)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["recordings"][7]["group"] == "mutant"
    assert summary["exposures_with_a_syllable"] == 8 * 499
    assert summary["least_possible_p"] == {"wt / mutant": pytest.approx(2 / 70)}
