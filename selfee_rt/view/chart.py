"""A fixed two-dimensional picture of what a session knows: principal components, computed once."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.folder import SessionFolder, StoredEmbeddings, read_record

MOST_POINTS = 4000
"""Of a larger reference so many examples are drawn, chosen at random with a fixed seed."""
FROM_STORE = 1000
"""Embeddings of the session itself that make a chart where it had no reference."""
MARGIN = 0.06
"""Free part around the points."""
LEAST = 3
"""Points that make a plane."""
READABLE = (1, 2)
"""Versions of reference files."""

Floats = NDArray[np.float32]


class _Metadata(msgspec.Struct):
    version: int
    model_id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chart:
    """Points of examples, and where any embedding lies among them.

    With a projection, as with a reference: centred, projected, scaled to length 1 as where neighbours are sought.
    """

    says: str
    """What it was made of, for people."""
    points: Floats
    """(N, 2)."""
    labels: tuple[str, ...]
    label_of: NDArray[np.int64]
    """(N,) position in `labels`; -1: none."""
    share: float
    """Of the variance, in these two dimensions."""
    mean: Floats
    """(D,) of an embedding."""
    projection: Floats | None
    """(D, d); None: embeddings are taken as they are."""
    middle: Floats
    """(d,)."""
    axes: Floats
    """(d, 2)."""
    limits: tuple[Floats, Floats]
    """Lowest and highest corner of what is shown, (2,) each."""

    def place(self, vector: Floats) -> tuple[float, float]:
        """Where one embedding (D,) lies."""
        x, y = self.places(vector[np.newaxis])[0]
        return float(x), float(y)

    def places(self, vectors: Floats) -> Floats:
        """Where embeddings (N, D) lie, (N, 2)."""
        found = (_unit(vectors - self.mean, self.projection) - self.middle) @ self.axes
        return found.astype(np.float32)


def chart_of(
    says: str,
    embedding: Floats,
    label_of: NDArray[np.int64],
    labels: Sequence[str],
    mean: Floats,
    projection: Floats | None,
) -> Chart:
    """Chart of embeddings (N, D), N at least LEAST."""
    known = _unit(embedding - mean, projection)
    middle = known.mean(axis=0)
    centred = known - middle
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2].T * np.sign(axes[:2].sum(axis=1))  # whichever way the decomposition turned them
    share = float((size[:2] ** 2).sum() / max((size**2).sum(), 1e-12))
    points = centred @ axes
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.maximum(high - low, 1e-6) * MARGIN
    limits = low - margin, high + margin
    return Chart(says, points, tuple(labels), label_of, share, mean, projection, middle, axes, limits)


def chart_of_reference(folder: Path, model_id: str) -> Chart | str:
    """Chart of the reference that a session folder's session.json names; or why there is none, as a sentence."""
    try:
        reference = read_record(folder).reference
        if reference is None:
            return "the session has no reference"
        with np.load(reference.path, allow_pickle=False) as file:
            return _read({name: file[name] for name in file.files}, Path(reference.path).name, model_id)
    except FolderError:
        return "the session folder cannot be read from here"
    except (OSError, ValueError, KeyError, EOFError, TypeError, msgspec.DecodeError) as error:
        return f"the reference cannot be read from here ({type(error).__name__})"


def chart_of_stored(folder: Path, labels: Sequence[str], why: str) -> Chart | str:
    """Chart of what a session stored, coloured by what it said; or why there is none.

    Args:
        folder: the session's.
        labels: the session's.
        why: why it is not the reference's chart, as a sentence.
    """
    try:
        with closing(StoredEmbeddings(folder)) as store, SessionFolder(folder) as session:
            stored = store.spread(FROM_STORE)
            said = session.labels_of({index for _, index, _ in stored})
    except FolderError as error:
        return f"{why}, and {error}"
    if len(stored) < LEAST:
        return f"{why}, and the session stored fewer than {LEAST} embeddings"
    place_of = {name: place for place, name in enumerate(labels)}
    label_of = np.array([place_of.get(said.get((arena, index)) or "", -1) for arena, index, _ in stored])
    vectors = np.array([vector for *_, vector in stored])
    says = f"{len(stored)} moments of the session, since {why}"
    return chart_of(says, vectors, label_of, labels, vectors.mean(axis=0), None)


def _read(arrays: dict[str, NDArray[np.generic]], name: str, model_id: str) -> Chart | str:
    metadata = msgspec.json.decode(arrays["metadata"].tobytes(), type=_Metadata)
    if metadata.version not in READABLE or metadata.model_id != model_id:
        return "the reference is of another version or another model"
    count = len(arrays["embedding"])
    if count < LEAST:
        return f"the reference has fewer than {LEAST} examples"
    chosen = np.arange(count)
    if count > MOST_POINTS:
        chosen = np.sort(np.random.default_rng(0).choice(count, MOST_POINTS, replace=False))
    embedding = arrays["embedding"][chosen].astype(np.float32)
    label_of = arrays["label_of"][chosen].astype(np.int64)
    mean, projection = (arrays[each].astype(np.float32) for each in ("mean", "projection"))
    return chart_of(f"the reference {name}", embedding, label_of, metadata.labels, mean, projection)


def _unit(centred: Floats, projection: Floats | None) -> Floats:
    points = centred if projection is None else centred @ projection
    length = np.linalg.norm(points, axis=-1, keepdims=True)
    scaled: Floats = np.divide(points, length, out=np.zeros_like(points), where=length > 0)
    return scaled
