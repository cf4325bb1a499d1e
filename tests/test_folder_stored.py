"""Stored embeddings of a few exposures are those that a reader of the whole store finds."""

import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder, StoredEmbeddings
from selfee_rt.folder.schema import EMBEDDING_TABLES, EMBEDDINGS_FILE, create_sql
from tests.session.rig import configure, make_rig, run
from tests.support import need_module


def store_of(folder, rows):
    """An embedding store with one row per (arena, exposure); its vectors hold the exposure's number."""
    folder.mkdir(exist_ok=True)
    (folder / EMBEDDINGS_FILE).unlink(missing_ok=True)
    database = sqlite3.connect(folder / EMBEDDINGS_FILE)
    database.executescript(create_sql(EMBEDDING_TABLES))
    values = [(arena, index, np.full(4, index, "<f2").tobytes()) for arena, index in rows]
    database.executemany("INSERT INTO embeddings VALUES (?, ?, ?)", values)
    database.commit()
    database.close()
    return StoredEmbeddings(folder)


@settings(deadline=None)  # each example writes a file
@given(
    indices=st.lists(st.integers(0, 60), unique=True).map(sorted),
    first=st.integers(-2, 62),
    last=st.integers(-2, 62),
    most=st.integers(1, 40),
)
def test_exposures_are_found_wherever_exposures_are_missing(tmp_path_factory, indices, first, last, most):
    rows = [(arena, index) for index in indices for arena in ("left", "right")]
    store = store_of(tmp_path_factory.getbasetemp() / "store", rows)
    try:
        assert [row[:2] for row in store.between(first, last)] == [row for row in rows if first <= row[1] <= last]
        assert store.last_index == (indices[-1] if indices else -1)
        spread = [row[:2] for row in store.spread(most)]
        assert len(spread) == min(most, len(rows))
        assert spread == sorted(set(spread), key=rows.index), "none twice"
    finally:
        store.close()


def test_a_session_without_embeddings_says_so(tmp_path):
    with pytest.raises(FolderError, match="embeddings_every = 0"):
        StoredEmbeddings(tmp_path)


def test_a_store_that_is_damaged_is_named(tmp_path):
    (tmp_path / EMBEDDINGS_FILE).write_bytes(b"garbage" * 100)
    with pytest.raises(FolderError, match="damaged"):
        StoredEmbeddings(tmp_path)


def test_labels_are_those_of_the_exposures_that_they_describe(tmp_path):
    need_module("onnx")
    run(configure(make_rig(tmp_path), tmp_path / "s", source={"seconds": 2}))
    with SessionFolder(tmp_path / "s") as session:
        said = {(each.arena, each.label_index): each.label for each in session.observations()}
        chosen = {key: said[key] for key in sorted(said)[5:30:3]}
        assert session.labels_of({index for _, index in chosen} | {10**6}) == chosen
