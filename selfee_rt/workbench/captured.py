"""When exposures of a session were captured."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selfee_rt.folder import SessionFolder


def captured_ns(session: SessionFolder, indices: Sequence[int]) -> NDArray[np.float64]:
    """Host time of each of these exposures, (N,) ns; NaN: it never arrived.

    Raises:
        FolderError: the log is damaged.
    """
    exposures = session.integers("exposures", "frame_index", "captured_ns")
    if not len(exposures):
        return np.full(len(indices), np.nan)
    found = np.searchsorted(exposures[:, 0], indices)
    wanted = exposures[np.minimum(found, len(exposures) - 1)]
    return np.where(wanted[:, 0] == indices, wanted[:, 1].astype(np.float64), np.nan)
