"""What a session observed, as labels."""

from dataclasses import replace

import pytest

from selfee_rt.config import LabelsConfig
from selfee_rt.errors import FolderError, LabelsError
from selfee_rt.record.log import SessionLog
from selfee_rt.types import Bout
from selfee_rt.workbench.labels import labels_of, scored_by_session
from tests.record.history import exposure_row, make_folder, observation

SAID = [None, "chasing", "chasing", "nothing", None, "chasing"]


@pytest.fixture
def session(tmp_path):
    """Six exposures of two arenas; in the right one nothing is ever said."""
    path = make_folder(tmp_path / "session")
    log = SessionLog(path)
    for index, label in enumerate(SAID):
        log.write(exposure_row(index))
        log.write(replace(observation("left", index), label=label))
        log.write(replace(observation("right", index), label=None))
    for label, first, last, source in (("chasing", 1, 2, "predicted"), ("nothing", 2, 4, "user")):
        log.write(Bout("left", label, first, last, 0, 0, source))
    log.close()
    return path


def test_observations_become_labels_and_what_nobody_knew_is_unlabelled(session):
    scored = scored_by_session(session, "left")
    assert labels_of(scored) == tuple(label or "unlabel" for label in SAID)
    assert scored.fps == 100.0


def test_an_observation_counts_for_the_exposure_that_its_label_describes(tmp_path):
    path = make_folder(tmp_path / "session", ["left"])
    log = SessionLog(path)
    for index in range(4):
        log.write(exposure_row(index))
        log.write(replace(observation("left", index), label=str(index), label_index=max(0, index - 1)))
    log.close()
    assert labels_of(scored_by_session(path)) == ("1", "2", "3", "unlabel")


def test_bouts_of_a_person_and_of_the_classifier_are_chosen_or_ordered(session):
    scored = scored_by_session(session, "left", "bouts")
    assert labels_of(scored, LabelsConfig(subject="user")) == ("unlabel",) * 2 + ("nothing",) * 3 + ("unlabel",)
    both = LabelsConfig(subject=("predicted", "user"), priority=("chasing", "nothing"))
    assert labels_of(scored, both) == ("unlabel", "chasing", "chasing", "nothing", "nothing", "unlabel")


def test_an_arena_must_be_chosen_of_several_and_must_exist_and_have_labels(session):
    with pytest.raises(LabelsError, match="has the arenas left, right; choose one with --arena"):
        scored_by_session(session)
    with pytest.raises(LabelsError, match="has no arena 'top', expected left or right"):
        scored_by_session(session, "top")
    with pytest.raises(LabelsError, match="arena 'right' has no labels among its observations"):
        scored_by_session(session, "right")


def test_a_folder_that_is_no_session_or_an_empty_one_is_refused(tmp_path):
    with pytest.raises(FolderError, match="is not a session folder"):
        scored_by_session(tmp_path)
    path = make_folder(tmp_path / "session", ["left"])
    SessionLog(path).close()
    with pytest.raises(FolderError, match="no exposure that is accounted for"):
        scored_by_session(path)
