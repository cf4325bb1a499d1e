"""Files of other programs: what they say is read, and what is wrong in them is named with its line."""

import pytest

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import LabelsError
from selfee_rt.workbench.labels import KINDS, labels_of, read_scored
from tests.workbench.labels.examples import (
    AGGREGATED_COLUMNS,
    DEEPETHOGRAM,
    FLY,
    MOUSE,
    OLD_TABULAR,
    SIMBA,
    aggregated,
    aggregated_row,
    tabular,
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="labels.txt"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def read(path, *, exposures=None, fps=None, **choices):
    config = LabelsConfig(**choices)
    return labels_of(read_scored(path, config), config, exposures=exposures, fps=fps)


def counted(*runs):
    return tuple(label for label, count in runs for _ in range(count))


@pytest.mark.parametrize(
    ("text", "choices", "kind"),
    [
        ("frame,label\n0,a\n", {}, "csv"),
        (FLY, {}, "fly"),
        (MOUSE, {}, "mouse"),
        (aggregated(aggregated_row("s", "0.0", "0.2")), {}, "boris-aggregated"),
        (aggregated(aggregated_row("s", "0.0", "0.2")).replace(",", "\t"), {}, "boris-aggregated"),
        (tabular(("s", "START", "0.0"), ("s", "STOP", "0.2")), {}, "boris-tabular"),
        (OLD_TABULAR, {}, "boris-tabular"),
        (DEEPETHOGRAM, {}, "deepethogram"),
        (SIMBA, {"targets": ("Attack",)}, "simba"),
        (SIMBA.replace(",Ear_x", "frame_number,Ear_x", 1), {"targets": ("Attack",)}, "simba"),
    ],
)
def test_every_format_is_recognised_from_its_content(written, text, choices, kind):
    text = text.replace("two flies\t dim", "two flies, dim")
    assert read_scored(written(text), LabelsConfig(**choices)).kind == KINDS[kind]


def test_a_file_like_no_other_is_refused_with_the_formats_and_the_table_that_forces_one(written):
    with pytest.raises(LabelsError, match=r"(?s)line 1: is like none .*boris-tabular.*\[labels\]\nformat = \"csv\""):
        read_scored(written("0,a\n1,a\n"))


def test_a_format_can_be_forced(written):
    with pytest.raises(LabelsError, match="line 1: got the columns 1 5 2, expected frame,label"):
        read(written("1 5 2\n"), format="csv")


def test_the_fly_format_counts_from_one_and_includes_its_ends(written):
    labels = read(written(FLY))
    assert labels == counted(("chasing", 5), ("winging", 4), ("unlabel", 3), ("nothing", 8))


def test_codes_are_mapped_and_six_stays_unlabelled(written):
    choices = {"map": {"2": "chase", "3": "chase", "0": "rest"}}
    assert read(written(FLY), **choices) == counted(("chase", 9), ("unlabel", 3), ("rest", 8))
    assert read(written(FLY), map={**choices["map"], "6": "odd"}) == counted(("chase", 9), ("odd", 3), ("rest", 8))


def test_fly_labels_may_end_before_the_recording_but_not_after_it(written):
    assert read(written(FLY), exposures=22)[-3:] == ("nothing", "unlabel", "unlabel")
    with pytest.raises(LabelsError, match="line 5: labels exposure 19, but the recording ends with exposure 18"):
        read(written(FLY), exposures=19)


def test_the_mouse_format_includes_its_stops_but_where_another_behaviour_starts(written):
    labels = read(written(MOUSE), exposures=14)
    assert labels == counted(("social_interest", 3), ("mount", 6), ("unlabel", 2), ("mount", 1), ("unlabel", 2))


def test_a_mouse_file_scored_at_another_frame_rate_is_refused(written):
    text = " 500 0:20.00 mount either start\n 600 0:24.00 mount either stop\n"
    assert read(written(text), exposures=700, fps=25.0).count("mount") == 101
    with pytest.raises(LabelsError, match=r"line 1: frame 500 is at 20 s, so the file was scored at 25 fps; .* has 30"):
        read(written(text), exposures=700, fps=30.0)


def test_events_without_a_length_need_one(written):
    with pytest.raises(LabelsError, match="does not say how long the recording is; give --exposures N or --video"):
        read(written(MOUSE))


def test_aggregated_events_become_exposures_at_the_files_own_frame_rate(written):
    text = aggregated(aggregated_row("s", "0.000", "0.200"), aggregated_row("t", "0.200", "0.399"))
    assert read(written(text), exposures=12) == counted(("s", 5), ("t", 5), ("unlabel", 2))
    assert read(written(text), exposures=12, unscored="rest")[-2:] == ("rest", "rest")


def test_a_state_shorter_than_an_exposure_has_one(written):
    text = aggregated(aggregated_row("s", "0.201", "0.203"))
    assert read(written(text), exposures=8) == counted(("unlabel", 5), ("s", 1), ("unlabel", 2))


def test_tabular_events_are_paired_in_today_s_columns_and_in_those_of_old(written):
    marks = (("s", "START", "0.0"), ("s", "STOP", "0.2"), ("t", "START", "0.2"), ("t", "STOP", "0.4"))
    expected = counted(("s", 5), ("t", 5))
    assert read(written(tabular(*marks)), exposures=10) == expected
    assert read(written(OLD_TABULAR), exposures=10) == expected


def test_a_time_offset_must_be_confirmed_and_is_subtracted(written):
    path = written(aggregated(aggregated_row("s", "10.0", "10.2", offset="10.0")))
    with pytest.raises(
        LabelsError, match=r"line 2: the observation has a time offset of 10.0 s.*\n\[labels\]\noffset_s"
    ):
        read(path, exposures=5)
    assert read(path, exposures=5, offset_s=10.0) == counted(("s", 5))
    with pytest.raises(LabelsError, match=r"line 2: Start \(s\) is -1 s from the start"):
        read(path, exposures=5, offset_s=11.0)


def test_one_observation_is_chosen_of_several(written):
    path = written(aggregated(aggregated_row("s", "0.0", "0.2"), aggregated_row("t", "0.0", "0.2", obs="o2")))
    with pytest.raises(
        LabelsError, match=r"line 3: is of the observation 'o2', line 2 of 'o1'(?s:.*)\nobservation = \"o1\""
    ):
        read(path, exposures=5)
    assert read(path, exposures=5, observation="o2") == counted(("t", 5))
    with pytest.raises(LabelsError, match="no event is of the observation 'o3'; the file holds o1, o2"):
        read(path, exposures=5, observation="o3")


def test_events_of_several_videos_are_refused(written):
    path = written(aggregated(aggregated_row("s", "0.0", "0.2"), aggregated_row("s", "0.4", "0.5", media="b.mp4")))
    with pytest.raises(LabelsError, match=r"line 3: is in the media file 'b.mp4', line 2 in 'a.mp4'"):
        read(path, exposures=50)


@pytest.mark.parametrize("fps", ["NA", "25.000;30.000"])
def test_seconds_without_one_frame_rate_need_one(written, fps):
    path = written(aggregated(aggregated_row("s", "0.0", "0.2", fps=fps)))
    with pytest.raises(
        LabelsError, match=r"holds seconds and no single frame rate; give --fps.*\n\[labels\]\nfps = 25.0"
    ):
        read(path, exposures=10)
    assert read(path, exposures=10, fps=50.0) == counted(("s", 10))


def test_a_frame_rate_other_than_the_recordings_is_refused_unless_it_is_stated(written):
    path = written(aggregated(aggregated_row("s", "0.0", "0.2")))
    with pytest.raises(LabelsError, match="was scored at 25 fps, the recording has 30"):
        read(path, exposures=10, fps=30.0)
    config = LabelsConfig(fps=50.0)
    assert labels_of(read_scored(path, config), config, exposures=10, fps=30.0) == counted(("s", 10))


def test_deepethogram_columns_become_labels_and_minus_one_is_unlabelled(written):
    assert read(written(DEEPETHOGRAM)) == ("background", "groom", "groom", "unlabel", "rear")


def test_simba_targets_are_named_and_the_rest_is_unscored(written):
    path = written(SIMBA)
    assert read(path, targets=("Attack", "Sniffing")) == ("unlabel", "Attack", "Attack", "Sniffing")
    assert read(path, targets=("Attack",), unscored="other") == ("other", "Attack", "Attack", "other")


def test_simba_without_targets_is_refused_with_the_columns_that_look_like_some(written):
    with pytest.raises(
        LabelsError, match=r'(?s)line 1: features and .*\[labels\]\ntargets = \["Attack", "Sniffing"\]$'
    ):
        read(written(SIMBA))


@pytest.mark.parametrize("text", [DEEPETHOGRAM, "frame,label\n" + "".join(f"{i},a\n" for i in range(5))])
def test_a_line_per_exposure_must_be_as_long_as_the_recording(written, text):
    with pytest.raises(LabelsError, match="line 6: labels frame 4, but the recording ends with exposure 3"):
        read(written(text), exposures=4)
    with pytest.raises(LabelsError, match="line 6: the labels end with frame 4, the recording with exposure 5"):
        read(written(text), exposures=6)


ROW = aggregated_row("s", "0.0", "0.2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 5 2\n6 7\n", "line 2: got 2 words, expected 3: start end code"),
        ("1 5 2\n6.5 7 2\n", "line 2: got start '6.5', expected a whole number"),
        ("1 5 2\n\n9 7 2\n", "line 3: ends at frame 7, before its start, 9"),
        ("0 5 2\n", "line 1: starts at frame 0; frames of this format are counted from 1"),
        ("1 5 2\n6 9 8\n", r"line 2: the code '8' is unknown, expected '0', .*\n\[labels\]\nmap = .*\"8\" = \"8\""),
        (
            "1 5 2\n5 9 3\n",
            r"line 2: 'winging' overlaps 'chasing' of line 1 at exposure 4; (?s:.*)\npriority = \[\"chasing\", ",
        ),
        ("1 5 2\n4 9 2\n", "line 2: '2' is scored twice at exposure 3; line 1 has it until exposure 4"),
        ("#only\n1 5 2\n4 5 \xe9\n".encode("latin-1"), "line 3: the byte 0xe9 is not UTF-8"),
        ("1 5 2\n".encode("utf-16"), "line 1: the byte 0xff is not UTF-8"),
        (" 4 0:01 a b start\n", "line 1: 'a' starts and never stops"),
        (" 4 0:01 a b start\n 5 0:01 a b start\n", "line 2: 'a' starts again; the start in line 1 has no stop"),
        (" 4 0:01 a b start\n 3 0:01 a b stop\n", r"line 2: 'a' stops at frame 3, before its start, 4 \(line 1\)"),
        (" 4 0:01 a b stop\n", "line 1: 'a' stops without a start"),
        (" 4.5 0:01 a b start\n", "line 1: got frame '4.5', expected a whole number"),
        (" 0 0:01 a b start\n", "line 1: got frame 0"),
        (" 4 one a b start\n", "line 1: got the time 'one', expected minutes and seconds"),
        (" 4 0:01 a b start\n 4 0:01 a b halt\n", "line 2: got '4 0:01 a b halt', expected frame time"),
        (aggregated(ROW, aggregated_row("s", "0.5", "0.4")), "line 3: stops at 0.4 s, before its start, 0.5 s"),
        (aggregated(ROW, aggregated_row("s", "0.5", "")), r"line 3: 's' starts and never stops; expected a Stop"),
        (aggregated(ROW, aggregated_row("s", "soon", "1")), r"line 3: got Start \(s\) 'soon', expected seconds"),
        (
            aggregated(aggregated_row("s", "NA", "NA")),
            r"line 2: Start \(s\) is NA; expected seconds: observations of pic",
        ),
        (
            aggregated(ROW, aggregated_row("s", "1", "2", kind="START")),
            "line 3: Behavior type is 'START', expected STATE",
        ),
        (aggregated(ROW, aggregated_row("", "1", "2")), "line 3: Behavior is empty"),
        (aggregated(ROW, aggregated_row("s", "0.1", "0.4")), "line 3: 's' is scored twice at exposure 3"),
        (aggregated(ROW, aggregated_row("t", "0.1", "0.4")), r"line 3: 't' overlaps 's' of line 2 at exposure 3"),
        (
            aggregated(ROW, aggregated_row("s", "3.9", "4.1")),
            "line 3: labels exposure 102, but the recording ends with",
        ),
        (aggregated(ROW, "o1,short"), "line 3: got 2 columns, expected 25"),
        (AGGREGATED_COLUMNS + "\n", "line 2: there are no events"),
        (aggregated(ROW, '"o1'), "line 3: this is not a CSV file"),
        (tabular(("s", "STOP", "0.1")), "line 2: 's' stops without a start"),
        (tabular(("s", "START", "0.1")), "line 2: 's' starts and never stops"),
        (tabular(("s", "START", "0.1"), ("s", "START", "0.2")), "line 3: 's' starts again; the start in line 2"),
        (tabular(("s", "START", "0.3"), ("s", "STOP", "0.2")), "line 3: stops at 0.2 s, before its start, 0.3 s"),
        (",background,a\n0,1,0\n1,2,0\n", "line 3: got '2' in the column 'background', expected 1 or 0 or -1"),
        (",background,a\n0,1,0\n2,1,0\n", "line 3: frame 1 is missing"),
        (",background,a\n0,1,0\n1.0,1,0\n", "line 3: got frame '1.0', expected a whole number"),
        (",background,a\n0,1,0\n1,-1,0\n", "line 3: is -1 in some columns only"),
        (",background,a\n0,1,0\n1,1,1\n", r"line 3: 'a' overlaps 'background' of line 2 at exposure 1"),
        (",background,a\n0,1\n", "line 2: got 2 columns, expected 3"),
        (",background,a,a\n0,1,0,0\n", "line 1: the column 'a' is there twice"),
        (",background\n", "line 2: there are no labels"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_line(written, text, words):
    with pytest.raises(LabelsError, match=words):
        read(
            written(text),
            exposures=None if b"background" in (text if isinstance(text, bytes) else text.encode()) else 100,
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",x,a\n0,0.5,-1\n", "line 2: got '-1' in the column 'a', expected 1 or 0"),
        (",x,b\n0,0.5,1\n", "line 1: there is no column 'a'; the last columns are , x, b"),
    ],
)
def test_targets_that_are_none_are_named(written, text, words):
    with pytest.raises(LabelsError, match=words):
        read(written(text), targets=("a",))
