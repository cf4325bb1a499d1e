"""Stored embeddings, and the files that a session refers to."""

from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

import numpy as np

from selfee_rt.clock import NS_PER_S
from selfee_rt.folder import FileIdentity, SessionFolder
from selfee_rt.folder.schema import SESSION_FILE
from selfee_rt.workbench.verify.fates import complete
from selfee_rt.workbench.verify.report import Check


def check_embeddings(folder: SessionFolder) -> Iterator[Check]:
    """For each arena, the embedding of every n-th observed exposure is stored, in order, all of one length.

    Where the session was killed or recording failed, the last second may be missing from either side.
    """
    store = folder.embedding_store
    if store is None:
        yield Check("embeddings", True, "none were stored")
        return
    same = store.model_id == folder.record.model.sha256
    finding = f"every {store.every}., made by the model of the session" if same else f"made by model {store.model_id}"
    yield Check("embeddings", same, finding)
    for arena in folder.record.arenas:
        yield _embeddings(folder, arena, store.every)


def _embeddings(folder: SessionFolder, arena: str, every: int) -> Check:
    name = f"embeddings, arena {arena}"
    observed = folder.integers("observations", "frame_index", "decided_ns", arena=arena)
    expected = observed[observed[:, 0] % every == 0]
    stored, sizes = [], set()
    for index, vector in folder.embeddings(arena):
        stored.append(index)
        sizes.add(vector.shape[0])
    if len(sizes) > 1:
        return Check(name, False, f"vectors of different lengths: {sorted(sizes)}")
    both = min(len(stored), len(expected))
    wrong = np.flatnonzero(np.array(stored[:both], np.int64) != expected[:both, 0])
    if len(wrong):
        return Check(name, False, f"exposure {stored[wrong[0]]} is stored where {expected[wrong[0], 0]} is expected")
    lost_s = 0.0 if both == len(expected) else float(expected[-1, 1] - expected[both, 1]) / NS_PER_S
    passed = len(stored) == len(expected) or (not complete(folder) and lost_s < 1)
    return Check(name, passed, f"{len(stored)} stored, {len(expected)} observed")


def check_files(folder: SessionFolder) -> Iterator[Check]:
    """Model, reference and replayed recording are still the files that the session used, where they still exist."""
    record = folder.record
    for name, identity in (("model", record.model), ("reference", record.reference), ("recording", record.replayed)):
        if identity is not None:
            yield _same(name, identity)


def _same(name: str, identity: FileIdentity) -> Check:
    path = Path(identity.path)
    if path.is_dir():  # a session folder that was replayed stands for itself by its record
        path = path / SESSION_FILE
    if not path.is_file():
        return Check(name, True, f"{path} is not here, so it was not compared")
    with path.open("rb") as file:
        same = file_digest(file, "sha256").hexdigest() == identity.sha256
    return Check(name, same, f"{path} {'is unchanged' if same else 'is another file now: its sha256 differs'}")
