"""Nothing of the held-out part reaches what is taught."""

from dataclasses import replace

import numpy as np
import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.evaluate.asking import METHODS, Material, ask, calibrated
from selfee_rt.workbench.evaluate.training import Preparation, training
from selfee_rt.workbench.evaluate.variants import classifier_of
from tests.workbench.evaluate.material import NAMES, block, labelled, turns


def test_centring_projection_bank_and_transitions_are_of_the_training_part_alone():
    recording, part = labelled(turns(200)), block(80, 120, gap=8)
    other_labels, other_rows = recording.label_of.copy(), recording.embedding.copy()
    other_labels[72:128] = 1
    other_rows[(recording.frame_index >= 72) & (recording.frame_index < 128)] += 3
    changed = replace(recording, label_of=other_labels, embedding=other_rows)
    one, other = (training([each], NAMES, (part,), 0, Preparation()).reference for each in (recording, changed))
    for name in ("mean", "projection", "bank", "label_of"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.transitions == other.transitions
    assert sum(one.transitions.exposures) == len(recording.frame_index) - 56


def test_labels_are_those_of_the_newest_exposure_where_that_is_asked_for():
    recording = labelled(turns(200))
    taught = training([recording], NAMES, (block(80, 120, gap=8),), 2, Preparation())
    exposure = recording.frame_index + 2
    expected = recording.label_of[exposure[(exposure < 72) | (exposure >= 128)]]
    np.testing.assert_array_equal(taught.reference.label_of, expected)


def test_a_label_that_the_training_part_lacks_is_left_out_of_the_reference():
    label_of = turns(200, labels=2) * 2
    label_of[90:100] = 1
    taught = training([labelled(label_of)], NAMES, (block(80, 120, gap=8),), 0, Preparation())
    assert taught.reference.labels == ("chase", "wing")


def test_nothing_labelled_beside_the_held_out_part_is_refused_by_name():
    label_of = np.full(200, -1)
    label_of[90:110] = 1
    with pytest.raises(
        ConfigError, match="nothing labelled is left to teach with when exposures 80 to 119 is held out"
    ):
        training([labelled(label_of)], NAMES, (block(80, 120, gap=8),), 0, Preparation())


@pytest.mark.parametrize("wanted", ["temperature", "isotonic", "auto"])
def test_calibration_does_not_look_at_the_held_out_part(wanted):
    recording, part = labelled(turns(300), seed=3), block(100, 150, gap=9)
    changed = replace(recording, label_of=np.where((np.arange(300) >= 91) & (np.arange(300) < 159), 0, turns(300)))
    found = []
    for each in (recording, changed):
        material = Material([each], NAMES, 0, Preparation(project=2))
        found.append(calibrated(wanted, classifier_of("knn:5"), material.without(part), part, material))
    assert found[0] == found[1]


def test_auto_takes_what_helps_on_nested_folds_that_it_was_not_fitted_on():
    rng = np.random.default_rng(0)
    label_of = turns(600, bout=10)
    vague = labelled(label_of)
    vague = replace(vague, embedding=rng.standard_normal(vague.embedding.shape).astype(np.float16))
    part = block(200, 300, gap=9)
    material = Material([vague], NAMES, 0, Preparation(project=4))
    chosen = calibrated("auto", classifier_of("knn:3"), material.without(part), part, material)
    assert chosen is not None
    assert chosen.method in METHODS
    clear = Material([labelled(label_of)], NAMES, 0, Preparation())
    assert ask(classifier_of("knn:3"), clear.without(part), part, clear, part.streamed(0, vague.frame_index)).max() == 1


def test_too_little_beside_the_held_out_part_for_nested_folds_is_refused():
    label_of = np.full(300, -1)
    label_of[10:30], label_of[200:260] = turns(20, bout=5), turns(60, bout=5)
    material = Material([labelled(label_of)], NAMES, 0, Preparation(project=2))
    part = block(150, 300, gap=9)
    with pytest.raises(ConfigError, match=r"nothing labelled is left .* exposures 150 to 299 and nested block 1"):
        calibrated("auto", classifier_of("knn:3"), material.without(part), part, material)
