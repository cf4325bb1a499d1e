"""The label file: everything wrong is refused with its line."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels import check_length, read_labels
from tests.support import need_data

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8).map(
    lambda name: name.strip('"') or "x"
)


def written(folder, text):
    path = folder / "labels.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(labels=st.lists(NAMES.filter(lambda name: "," not in name and '"' not in name), min_size=1, max_size=30))
def test_labels_come_back_in_order(tmp_path, labels):
    text = "frame,label\n" + "".join(f"{frame},{label}\n" for frame, label in enumerate(labels))
    assert read_labels(written(tmp_path, text)) == tuple(labels)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(frames=st.lists(st.integers(0, 12), min_size=1, max_size=12))
def test_only_every_frame_once_in_order_is_taken_and_the_first_wrong_line_is_named(tmp_path, frames):
    path = written(tmp_path, "frame,label\n" + "".join(f"{frame},a\n" for frame in frames))
    wrong = [position for position, frame in enumerate(frames) if position != frame]
    if not wrong:
        assert len(read_labels(path)) == len(frames)
        return
    with pytest.raises(LabelsError, match=f"line {wrong[0] + 2}: "):
        read_labels(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: got the columns none, expected frame,label"),
        ("frame,behaviour\n0,a\n", "line 1: got the columns frame,behaviour, expected frame,label"),
        ("frame,label,certainty\n0,a,1\n", "line 1: got the columns frame,label,certainty"),
        ("0,a\n1,a\n", "line 1: got the columns 0,a"),
        ("frame,label\n", "line 2: there are no labels"),
        ("frame,label\n0,a\n2,a\n", "line 3: frame 1 is missing"),
        ("frame,label\n0,a\n0,a\n", "line 3: frame 0 is there twice or out of order"),
        ("frame,label\n1,a\n", "line 2: frame 0 is missing"),
        ("frame,label\n0,a\n-1,a\n", "line 3: got frame '-1', expected a whole number"),
        ("frame,label\n0.0,a\n", "line 2: got frame '0.0', expected a whole number"),
        ("frame,label\n٣,a\n", "expected a whole number"),
        ("frame,label\n0,\n", "line 2: frame 0 has no label; write 'unlabel'"),
        ("frame,label\n0,a\n1\n", "line 3: got 1 columns, expected 2"),
        ("frame,label\n0,a,b\n", "line 2: got 3 columns, expected 2"),
        ("frame,label\n0,a\n\n", "line 3: got 0 columns, expected 2"),
        ('frame,label\n0,"a\n', "line 2: this is not a CSV file"),
        (b"frame,label\n0,\xff\n", "line 2: the byte 0xff is not UTF-8"),
        (b"\x00\x01\x02", "expected"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_line(tmp_path, text, words):
    with pytest.raises(LabelsError, match=words):
        read_labels(written(tmp_path, text))


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path):
    text = b"\xef\xbb\xbfframe,label\r\n0,wing extension\r\n1,nothing\r\n"
    assert read_labels(written(tmp_path, text)) == ("wing extension", "nothing")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(LabelsError, match=r"cannot read the labels .*gone\.csv: No such file"):
        read_labels(tmp_path / "gone.csv")


def test_labels_longer_than_the_recording_are_refused_with_the_first_line_too_many(tmp_path):
    path = written(tmp_path, "frame,label\n0,a\n1,a\n2,a\n")
    with pytest.raises(LabelsError, match="line 4: labels frame 2, but the recording ends with exposure 1"):
        check_length(read_labels(path), 2, path)


def test_labels_shorter_than_the_recording_are_refused_with_the_last_line(tmp_path):
    path = written(tmp_path, "frame,label\n0,a\n1,a\n")
    with pytest.raises(LabelsError, match="line 3: the labels end with frame 1, the recording with exposure 2"):
        check_length(read_labels(path), 3, path)


def test_labels_as_long_as_the_recording_are_taken(tmp_path):
    path = written(tmp_path, "frame,label\n0,a\n1,a\n")
    check_length(read_labels(path), 2, path)


def test_the_labels_of_a_real_recording_are_read():
    labels = read_labels(need_data("fly_courtship_labels.csv"))
    counts = {label: labels.count(label) for label in set(labels)}
    assert counts == {"nothing": 2036, "winging": 500, "chasing": 423, "unlabel": 41}
