"""Features of a window over consecutive points: what happened lately, not only what is seen now.

Six numbers per dimension: the point itself, mean, standard deviation, amplitude (largest minus smallest), main
frequency of the short-time Fourier transform in cycles per exposure, and the amplitude at that frequency.
Source: Jia et al. 2022, eLife 11:e76218, where they are what LightGBM classifies.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FEATURES_PER_DIMENSION = 6

SHORTEST_WINDOW = 4
"""Exposures; fewer have no spectrum worth the name."""


class Windows:
    """A causal window that moves on by one exposure at a time, with the same work at every one.

    The window is computed anew from the points it holds, so that no rounding error accumulates, however long the
    session; what it gives is bit-equal to `causal_features` over the recording since the last break.
    """

    def __init__(self, exposures: int, dim: int) -> None:
        if exposures < SHORTEST_WINDOW:
            raise ValueError(f"a window of {exposures} exposures; expected at least {SHORTEST_WINDOW}")
        self._window = np.zeros((exposures, dim), dtype=np.float32)  # the last row is for the point that is asked about
        self._known = 0

    def features(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Features (6 d,) of the window that ends with `point` (d,); None until it is full. The past stays as it is."""
        if self._known < len(self._window) - 1:
            return None
        self._window[-1] = point
        return features_of(self._window, at=-1)

    def push(self, point: NDArray[np.float32]) -> None:
        """Make `point` (d,) the newest of the past."""
        self._window[-1] = point
        self._window[:-1] = self._window[1:]
        self._known = min(self._known + 1, len(self._window) - 1)

    def clear(self) -> None:
        """Forget the past."""
        self._known = 0


def features_of(window: NDArray[np.float32], at: int) -> NDArray[np.float64]:
    """Features (6 d,) of one window (n, d), whose own point is row `at`."""
    rows = window.astype(np.float64)
    mean = rows.mean(axis=0)
    about = rows - mean
    taper = _taper(len(rows))
    spectrum = np.abs(np.fft.rfft(about * taper[:, None], axis=0))[1:]
    main = spectrum.argmax(axis=0)
    return np.concatenate(
        (
            rows[at],
            mean,
            np.sqrt((about * about).mean(axis=0)),
            rows.max(axis=0) - rows.min(axis=0),
            (main + 1) / len(rows),
            2 * spectrum[main, np.arange(len(main))] / taper.sum(),
        )
    )


def causal_features(points: NDArray[np.float32], exposures: int) -> NDArray[np.float64]:
    """Features (N - n + 1, 6 d) of the exposures n - 1 … N - 1 of an unbroken run (N, d); none if it is shorter."""
    return _slid(points, exposures, at=-1)


def centred_features(points: NDArray[np.float32], exposures: int) -> NDArray[np.float64]:
    """As `causal_features`, each window centred on its exposure: those from n // 2 on; needs the future, so offline."""
    return _slid(points, exposures, at=exposures // 2)


def _slid(points: NDArray[np.float32], exposures: int, at: int) -> NDArray[np.float64]:
    slid = np.empty((max(len(points) - exposures + 1, 0), FEATURES_PER_DIMENSION * points.shape[1]))
    for start, row in enumerate(slid):
        row[:] = features_of(points[start : start + exposures], at)
    return slid


@lru_cache(maxsize=8)
def _taper(exposures: int) -> NDArray[np.float64]:
    """Hann window (n,), all of it above 0."""
    taper: NDArray[np.float64] = np.hanning(exposures + 2)[1:-1]
    taper.flags.writeable = False
    return taper
