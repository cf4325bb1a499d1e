"""Recordings and labels that do not fit are refused with what to do about it."""

from dataclasses import replace

import numpy as np
import pytest

from selfee_rt.errors import ConfigError, FolderError, LabelsError
from selfee_rt.workbench.evaluate.reading import read
from tests.workbench.evaluate.material import NAMES, inputs, labelled, silent, turns, write_hdf5, write_labels


def test_stored_embeddings_come_back_with_their_labels(tmp_path):
    label_of = turns(100)
    label_of[30:35] = -1
    recordings, names = read(inputs(tmp_path, a=labelled(label_of, missing=range(50, 53))), silent)
    assert names == NAMES
    assert recordings[0].exposures == 100
    np.testing.assert_array_equal(recordings[0].label_of, label_of)
    np.testing.assert_array_equal(recordings[0].embedding, labelled(label_of, missing=range(50, 53)).embedding)
    np.testing.assert_array_equal(
        recordings[0].labels_at(np.array([29, 30, 99, 100])), [label_of[29], -1, label_of[99], -1]
    )


def test_recordings_keep_the_order_in_which_they_were_embedded(tmp_path):
    given = inputs(tmp_path, z=labelled(turns(100), name="z"), a=labelled(turns(120), name="a"))
    recordings, _ = read(given, silent)
    assert [(each.name, each.exposures, each.labels_name) for each in recordings] == [
        ("z", 100, "z.csv"),
        ("a", 120, "a.csv"),
    ]


def test_a_label_that_is_left_out_counts_as_not_scored(tmp_path):
    given = replace(inputs(tmp_path, a=labelled(turns(100))), leave_out=("still",))
    recordings, names = read(given, silent)
    assert names == ("chase", "wing")
    np.testing.assert_array_equal(recordings[0].label_of, np.array([0, -1, 1])[turns(100)])
    with pytest.raises(
        ConfigError, match="--leave-out fly: nothing has this label; expected one of chase, still, wing"
    ):
        read(replace(given, leave_out=("fly",)), silent)


def test_labels_longer_than_the_recording_are_refused_with_their_line(tmp_path):
    given = inputs(tmp_path, a=labelled(turns(100)))
    write_labels(given.labels[0], turns(101))
    with pytest.raises(
        LabelsError, match=r"a.csv, line 102: labels frame 100, but the recording ends with exposure 99"
    ):
        read(given, silent)


def test_as_many_labels_as_recordings_are_needed(tmp_path):
    given = inputs(tmp_path, a=labelled(turns(100)), b=labelled(turns(100), name="b"))
    with pytest.raises(ConfigError, match=r"got 1 label files for 2 recordings \(a, b\)"):
        read(replace(given, labels=given.labels[:1]), silent)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"model_id": "n" * 64}, "embeddings of different models cannot be compared"),
        ({"fps": 30.0}, "evaluate recordings of one frame rate together"),
        ({"name": "a"}, "is the same recording as a; give each once"),
    ],
)
def test_recordings_that_cannot_be_compared_are_refused(tmp_path, other, says):
    second = labelled(turns(100), **{"name": "b", **other})
    with pytest.raises(ConfigError, match=says):
        read(inputs(tmp_path, a=labelled(turns(100)), b=second), silent)


def test_a_file_of_another_kind_or_that_is_not_there_is_refused(tmp_path):
    given = inputs(tmp_path, a=labelled(turns(100)))
    (tmp_path / "f.h5").write_bytes(b"not this")
    with pytest.raises(FolderError, match="expected an HDF5 file that `selfee-rt embed` wrote"):
        read(replace(given, paths=(tmp_path / "f.h5",)), silent)
    with pytest.raises(ConfigError, match="give an existing video, HDF5 file or session"):
        read(replace(given, paths=(tmp_path / "g.h5",)), silent)


def test_a_file_without_recordings_is_refused(tmp_path):
    given = inputs(tmp_path, a=labelled(turns(100)))
    write_hdf5(tmp_path / "empty.h5")
    with pytest.raises(FolderError, match="holds no recording"):
        read(replace(given, paths=(tmp_path / "empty.h5",), labels=()), silent)


def test_embeddings_that_are_not_numbers_are_refused(tmp_path):
    broken = labelled(turns(100))
    embedding = broken.embedding.copy()
    embedding[7, 0] = np.nan
    with pytest.raises(FolderError, match="a: embedding 7 is not finite"):
        read(inputs(tmp_path, a=replace(broken, embedding=embedding)), silent)
