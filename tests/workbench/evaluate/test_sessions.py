"""Session folders are evaluated with what their logs say of the stimulus."""

from dataclasses import replace

import numpy as np
import pytest

from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.errors import ConfigError, FolderError
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from selfee_rt.types import Embeddings
from selfee_rt.workbench.evaluate import evaluation
from selfee_rt.workbench.evaluate.reading import Inputs, read
from selfee_rt.workbench.evaluate.tables import stimulus
from tests.record.history import MODEL_ID, exposure, make_folder, observation
from tests.workbench.evaluate.material import embeddings, settings, silent, turns, write_labels

ARENAS = ("left", "right")


def stimulus_at(index):
    return ("off", "on", "after")[index // 60 % 3]


def session(folder, label_of, every=1):
    """A session of two arenas in which the stimulus comes every 180 exposures."""
    path = make_folder(folder / "session", ARENAS)
    log, store = SessionLog(path), EmbeddingStore(path, every, MODEL_ID)
    rows = np.stack([embeddings(label_of), embeddings(label_of, seed=1)], axis=1).astype(np.float32)
    for index in range(2, len(label_of) - 2):
        store.write(Embeddings(exposure(index), rows[index], MODEL_ID, 0, 0, None))
        for arena in ARENAS:
            log.write(replace(observation(arena, index), stimulus=stimulus_at(index)))
    store.end()
    store.close()
    log.end("completed", len(label_of) - 1)
    log.close()
    write_labels(folder / "labels.csv", label_of)
    return Inputs((path,), (folder / "labels.csv",), ModelConfig(), ArenaConfig(name="right"))


def test_embeddings_and_stimulus_of_the_arena_that_is_named_are_read(tmp_path):
    label_of = turns(200)
    (found,), _ = read(session(tmp_path, label_of), silent)
    assert (found.kind, found.exposures, found.interval, found.fps) == ("session", 200, 2, 100.0)
    np.testing.assert_array_equal(found.embedding, embeddings(label_of, seed=1)[2:198])
    assert found.stimulus == tuple(stimulus_at(index) for index in range(2, 198))


def test_exposures_with_and_without_stimulus_are_scored_apart(tmp_path):
    label_of = turns(400)
    given = session(tmp_path, label_of)
    found = evaluation.evaluate(settings(given, classifiers=("knn:5",), smoothings=("none",)), progress=silent)
    states = found.variants[-1].scores.by_stimulus
    counts = {state: sum(stimulus_at(index) == state for index in range(2, 398)) for state in ("off", "on", "after")}
    assert {state: count for state, (count, _) in states.items()} == counts
    table = stimulus(found)
    assert table.columns[-3:] == ("without stimulus", "with stimulus", "after a stimulus")
    assert "As the sessions' logs say." in table.says


def test_an_arena_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    given = replace(session(tmp_path, turns(200)), arena=ArenaConfig(name="middle"))
    with pytest.raises(ConfigError, match="no arena 'middle'; choose one of left, right with --arena"):
        read(given, silent)


def test_a_session_that_kept_only_some_embeddings_is_refused(tmp_path):
    with pytest.raises(FolderError, match="expected all; record with embeddings_every = 1"):
        read(session(tmp_path, turns(200), every=2), silent)
