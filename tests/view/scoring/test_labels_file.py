"""What is scored is kept after every change, saved as `frame,label`, and nothing of somebody else's is overwritten."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.cli.scoring import Clerk
from selfee_rt.errors import LabelsError
from selfee_rt.types import UNLABELLED
from selfee_rt.view.scoring.desk import Desk
from selfee_rt.view.scoring.labels_file import LabelsFile
from selfee_rt.view.scoring.score import Running
from selfee_rt.view.scoring.spans import Span
from selfee_rt.view.scoring.timeline import Timeline
from selfee_rt.workbench.labels import read_labels

N = 20
NAMES = ("nothing", "chasing")


def whole(count=N):
    """A recording that has been read to its end."""
    timeline = Timeline()
    timeline.add([(index, index * 40_000_000) for index in range(count)])
    timeline.complete = True
    return timeline


def desk_at(path, names=NAMES, arenas=("arena",)):
    return Desk(path, Clerk(), names, arenas)


def scored(desk, label="chasing", first=3, last=5):
    """A span, by its key."""
    desk.did(desk.score.press(label, first))
    desk.did(desk.score.press(label, last))


def test_what_is_saved_is_a_labels_file_with_exactly_what_was_scored(tmp_path):
    desk = desk_at(tmp_path / "l.csv")
    scored(desk)
    assert desk.unsaved == ("arena",)
    desk.save(whole())
    assert desk.said == "saved: l.csv"
    assert desk.unsaved == ()
    assert read_labels(tmp_path / "l.csv") == tuple("chasing" if 3 <= n <= 5 else UNLABELLED for n in range(N))
    assert (tmp_path / "l.csv").read_text().startswith("frame,label\n0,unlabel\n")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("a", "b, c", 'd"e', UNLABELLED)), st.integers(0, N - 1)), max_size=20))
def test_any_scoring_comes_back_as_it_was(tmp_path_factory, presses):
    path = tmp_path_factory.mktemp("any") / "l.csv"
    desk = desk_at(path, ("a", "b, c", 'd"e'))
    for label, index in presses:
        desk.did(desk.score.press(label, index))
    again = desk_at(path, ())
    assert again.score.state.arenas == desk.score.state.arenas, "as it was kept"
    desk.save(whole())
    path.with_name("l.csv.scoring").unlink(missing_ok=True)
    assert desk_at(path, ()).score.spans == desk.score.spans, "as it was saved"


def test_a_window_that_crashes_loses_nothing(tmp_path):
    desk = desk_at(tmp_path / "l.csv", ("b", "a"))
    scored(desk, "b")
    desk.save(whole())
    desk.did(desk.score.add_name("c"))
    scored(desk, "c", 8, 9)
    desk.did(desk.score.press("a", 12))
    del desk  # it never gets to save
    again = desk_at(tmp_path / "l.csv", ())
    assert again.score.spans == (Span("b", 3, 5), Span("c", 8, 9))
    assert again.score.running == Running("a", 12)
    assert again.score.names == ("b", "a", "c"), "with the keys that they had"
    assert again.unsaved == ("arena",)
    assert again.said == "what was not saved last time is back, from l.csv.scoring"
    assert "c" not in (tmp_path / "l.csv").read_text(), "the labels file is as it was saved"


def test_labels_that_were_saved_are_gone_on_with(tmp_path):
    (tmp_path / "l.csv").write_text("frame,label\n0,nothing\n1,nothing\n2,winging\n")
    desk = desk_at(tmp_path / "l.csv", ("winging",))
    assert desk.score.spans == (Span("nothing", 0, 1), Span("winging", 2, 2))
    assert desk.score.names == ("winging", "nothing"), "given names have the first keys"
    assert desk.unsaved == ()
    desk.did(desk.score.relabel(Span("winging", 2, 2), "nothing"))
    desk.save(whole(3))
    assert read_labels(tmp_path / "l.csv") == ("nothing",) * 3


def test_a_labels_file_that_somebody_else_has_changed_is_left_alone(tmp_path):
    path = tmp_path / "l.csv"
    desk = desk_at(path)
    scored(desk)
    desk.save(whole())
    path.write_text("frame,label\n0,theirs\n")
    scored(desk, "nothing", 10, 11)
    desk.save(whole())
    assert path.read_text() == "frame,label\n0,theirs\n"
    assert desk.said == "l.csv was changed by somebody else, and is left alone; these labels now go to l_2.csv"
    assert desk.file.path == tmp_path / "l_2.csv"
    assert read_labels(tmp_path / "l_2.csv")[10] == "nothing"
    scored(desk, "nothing", 12, 13)
    desk.save(whole())
    assert read_labels(tmp_path / "l_2.csv")[13] == "nothing", "and from then on there"


def test_a_labels_file_that_appeared_meanwhile_is_left_alone(tmp_path):
    desk = desk_at(tmp_path / "l.csv")
    (tmp_path / "l.csv").write_text("theirs")
    (tmp_path / "l_2.csv").write_text("theirs too")
    scored(desk)
    desk.save(whole())
    assert [(tmp_path / name).read_text() for name in ("l.csv", "l_2.csv")] == ["theirs", "theirs too"]
    assert len(read_labels(tmp_path / "l_3.csv")) == N


def test_two_windows_on_one_file_never_write_over_one_another(tmp_path):
    one, other = desk_at(tmp_path / "l.csv"), desk_at(tmp_path / "l.csv")
    scored(one, "chasing", 1, 2)
    scored(other, "nothing", 7, 8)
    assert "changed by somebody else" in other.notice
    for desk in (one, other):
        desk.save(whole())
    assert one.file.path != other.file.path
    assert [read_labels(each.file.path).count(UNLABELLED) for each in (one, other)] == [N - 2, N - 2]


def test_unsaved_labels_of_a_file_that_was_changed_since_are_not_lost_and_not_written_over_it(tmp_path):
    path = tmp_path / "l.csv"
    desk = desk_at(path)
    scored(desk)
    desk.save(whole())
    scored(desk, "nothing", 9, 9)
    path.write_text("frame,label\n" + "".join(f"{n},other\n" for n in range(N)))
    again = desk_at(path)
    assert again.score.spans == (Span("chasing", 3, 5), Span("nothing", 9, 9))
    assert "l.csv has been changed since, so it will be saved beside it" in again.said
    again.save(whole())
    assert read_labels(path) == ("other",) * N
    assert read_labels(tmp_path / "l_2.csv")[9] == "nothing"


def test_a_file_that_was_changed_when_everything_was_saved_is_simply_read(tmp_path):
    path = tmp_path / "l.csv"
    desk = desk_at(path)
    scored(desk)
    desk.save(whole())
    path.write_text("frame,label\n0,other\n")
    again = desk_at(path, ())
    assert again.score.spans == (Span("other", 0, 0),)
    assert again.score.names == ("nothing", "chasing", "other")
    again.save(whole(1))
    assert again.said == "all is saved"


def test_saving_waits_for_the_recordings_length(tmp_path):
    desk, timeline = desk_at(tmp_path / "l.csv"), Timeline()
    timeline.add([(index, index) for index in range(10)])
    scored(desk)
    desk.save(timeline)
    assert "as soon as the recording has been read" in desk.said
    desk.tick(timeline)
    assert not (tmp_path / "l.csv").exists()
    timeline.add([(index, index) for index in range(12, 15)])
    timeline.complete = True
    desk.tick(timeline)
    assert len(read_labels(tmp_path / "l.csv")) == 15, "dropped exposures count"
    assert desk.unsaved == ()


def test_labels_of_another_recording_are_noticed_and_never_cut_off(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("frame,label\n" + "".join(f"{n},a\n" for n in range(30)))
    desk = desk_at(path)
    desk.tick(whole())
    assert desk.failed
    assert "l.csv labels 30 exposures, the recording has 20: is it of another recording?" in desk.said
    scored(desk)
    desk.save(whole())
    assert desk.said.startswith("NOT SAVED: a is scored up to exposure 29, and the recording ends with 19")
    assert len(read_labels(path)) == 30


def test_a_state_that_has_not_ended_is_said_not_to_be_in_the_file(tmp_path):
    desk = desk_at(tmp_path / "l.csv")
    desk.did(desk.score.press("chasing", 3))
    desk.save(whole())
    assert desk.said == "saved: l.csv; chasing, which has begun and not ended, is not in it"
    assert set(read_labels(tmp_path / "l.csv")) == {UNLABELLED}
    assert desk.unsaved == ("arena",)


def test_each_arena_has_a_file_of_its_own_and_undo_goes_to_where_it_was(tmp_path):
    desk = desk_at(tmp_path / "s_labels.csv", arenas=("left", "right"))
    scored(desk)
    desk.score.arena = 1
    scored(desk, "nothing", 7, 7)
    assert desk.unsaved == ("left", "right")
    desk.save(whole())
    assert read_labels(tmp_path / "s_labels_left.csv").count("chasing") == 3
    assert read_labels(tmp_path / "s_labels_right.csv").count("nothing") == 1
    desk.did(desk.score.undo(), "undo")
    desk.did(desk.score.undo(), "undo")
    desk.did(desk.score.undo(), "undo")
    assert desk.score.arena == 0
    assert desk.said == "undo: chasing 3 … 5 scored"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{}", b'{"schema": "selfee_rt.scoring/2"}', b"[]"])
def test_what_is_beside_the_labels_and_not_ours_is_named_and_left_alone(tmp_path, content):
    (tmp_path / "l.csv.scoring").write_bytes(content)
    with pytest.raises(LabelsError, match=r"l\.csv\.scoring is not what scoring keeps there"):
        desk_at(tmp_path / "l.csv")
    assert (tmp_path / "l.csv.scoring").read_bytes() == content


def test_labels_of_another_format_are_refused_before_anything_is_scored(tmp_path):
    (tmp_path / "l.csv").write_text("start end code\n1 2 3\n")
    with pytest.raises(LabelsError, match=r"l\.csv, line 1: got the columns"):
        desk_at(tmp_path / "l.csv")


def test_a_folder_that_is_not_there_is_said_at_once_and_scoring_goes_on(tmp_path):
    desk = desk_at(tmp_path / "gone" / "l.csv")
    scored(desk)
    assert desk.failed
    assert desk.said.startswith("NOT KEPT: cannot write")
    desk.save(whole())
    assert desk.said.startswith("NOT SAVED: cannot write")
    assert desk.score.spans == (Span("chasing", 3, 5),)
    (tmp_path / "gone").mkdir()
    desk.save(whole())
    assert desk.said == "saved: l.csv", "nothing was lost meanwhile"


def test_what_is_kept_can_be_read_by_anybody(tmp_path):
    desk = desk_at(tmp_path / "l.csv")
    scored(desk)
    kept = json.loads((tmp_path / "l.csv.scoring").read_bytes())
    assert kept == {
        "schema": "selfee_rt.scoring/1",
        "names": ["nothing", "chasing"],
        "spans": [["chasing", 3, 5]],
        "running": None,
        "saved": False,
        "labels_sha256": None,
    }


def test_nothing_is_left_beside_the_two_files(tmp_path):
    desk = desk_at(tmp_path / "l.csv")
    scored(desk)
    desk.save(whole())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.csv", "l.csv.scoring"]
    assert isinstance(desk.file, LabelsFile)
