"""A recording as it is evaluated: its embeddings, what it was, and its labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Embeddings:
    """The embeddings of one arena of one recording, and what the recording was."""

    name: str
    kind: str
    """video, embeddings or session."""
    identity: str
    """sha256 of the video, or the session's id."""
    model_id: str
    model_name: str
    fps: float
    interval: int
    """Exposures between past and current, and between current and future, of a live frame."""
    exposures: int
    frame_index: NDArray[np.int64]
    """(N,) the current exposure of each live frame, rising."""
    embedding: NDArray[np.float16]
    """(N, D)."""
    stimulus: tuple[str, ...] | None = None
    """(N,) off, on or after; None: not a session, so there was none."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Labelled(Embeddings):
    """A recording with its labels."""

    label_of: NDArray[np.int64]
    """(exposures,) position among the labels of all recordings; -1 where nobody scored."""
    labels_name: str
    labels_sha256: str

    def labels_at(self, exposure: NDArray[np.int64]) -> NDArray[np.int64]:
        """The labels (N,) of exposures (N,); -1 also beyond the recording's end."""
        inside = exposure < len(self.label_of)
        return np.where(inside, self.label_of[np.minimum(exposure, len(self.label_of) - 1)], -1)
