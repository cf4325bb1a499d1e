"""Stored embeddings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import FolderError, RecordingFailed
from selfee_rt.folder import SessionFolder
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from tests.record.disk import small_disk
from tests.record.history import MODEL_ID, embeddings, make_folder

MS = 1_000_000


@settings(deadline=None, max_examples=15)
@given(indices=st.lists(st.integers(0, 1000), unique=True, max_size=30).map(sorted), every=st.integers(1, 7))
def test_every_nth_exposure_is_stored_exactly_as_it_was_scored(tmp_path_factory, indices, every):
    path = make_folder(tmp_path_factory.mktemp("store") / "session")
    SessionLog(path).close()
    store = EmbeddingStore(path, every, MODEL_ID)
    for index in indices:
        store.write(embeddings(index))
    store.end()
    store.close()
    with SessionFolder(path) as folder:
        for position, arena in enumerate(("left", "right")):
            stored = list(folder.embeddings(arena))
            assert [index for index, _ in stored] == [index for index in indices if index % every == 0]
            assert all(np.array_equal(vector, embeddings(index).vector[position]) for index, vector in stored)
        assert folder.embedding_store is not None
        assert (folder.embedding_store.model_id, folder.embedding_store.every) == (MODEL_ID, every)


def test_a_folder_without_a_store_has_no_embeddings(tmp_path):
    path = make_folder(tmp_path / "session")
    SessionLog(path).close()
    with SessionFolder(path) as folder:
        assert folder.embedding_store is None
        assert list(folder.embeddings("left")) == []


def test_embeddings_are_committed_when_due_and_readable_meanwhile(tmp_path):
    path = make_folder(tmp_path / "session")
    SessionLog(path).close()
    store = EmbeddingStore(path, 1, MODEL_ID)
    store.commit_if_due(0)
    store.write(embeddings(0))
    with SessionFolder(path) as folder:
        store.commit_if_due(199 * MS)
        assert list(folder.embeddings("left")) == []
        store.commit_if_due(200 * MS)
        assert [index for index, _ in folder.embeddings("left")] == [0]
    store.close()


def test_a_store_is_never_overwritten(tmp_path):
    path = make_folder(tmp_path / "session")
    EmbeddingStore(path, 1, MODEL_ID).close()
    with pytest.raises(FolderError, match="exists"):
        EmbeddingStore(path, 1, MODEL_ID)


def test_every_zeroth_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected 1 or more"):
        EmbeddingStore(make_folder(tmp_path / "session"), 0, MODEL_ID)


def test_a_full_disk_fails_loudly_and_what_was_stored_stays_readable(tmp_path):
    with small_disk(tmp_path / "disk", size_mib=2) as disk:
        path = make_folder(disk / "session")
        store = EmbeddingStore(path, 1, MODEL_ID)
        n_written = 0
        with pytest.raises(RecordingFailed, match="make space"):
            while True:
                store.write(embeddings(n_written))
                n_written += 1
                store.commit_if_due(n_written * MS)
        store.close()
        (path / "log.sqlite").touch()
        with SessionFolder(path) as folder:
            stored = [index for index, _ in folder.embeddings("right")]
        assert stored == list(range(len(stored)))
        assert n_written - 201 <= len(stored) < n_written
