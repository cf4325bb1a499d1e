"""Motion of known syllables, and recordings made of it."""

import numpy as np

from selfee_rt.workbench.embedding import Embedded
from tests.support import need_module

TRANSITION = np.array([[0.97, 0.02, 0.01], [0.01, 0.96, 0.03], [0.03, 0.02, 0.95]])


def turn(angle, shrink):
    """Rotate and shrink, (2, 2)."""
    return shrink * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


WEIGHTS = (turn(0.6, 0.95), turn(-0.3, 0.9), np.diag([0.6, 0.6]))
OFFSETS = (np.zeros(2), np.array([0.5, 0.0]), np.array([-1.0, 1.0]))
VARIANCES = (0.05, 0.1, 0.2)


def syllables(length, seed, transition=TRANSITION):
    """Three syllables: a fast turn one way, a slow one the other way elsewhere, and a noisy stop. Points, states."""
    rng = np.random.default_rng(seed)
    state, point = 0, np.zeros(2)
    points, states = [], []
    for _ in range(length):
        state = rng.choice(3, p=transition[state])
        point = WEIGHTS[state] @ point + OFFSETS[state] + rng.normal(0, VARIANCES[state] ** 0.5, 2)
        points.append(point)
        states.append(state)
    return np.array(points), np.array(states)


def recording(points, *, name="a.mkv", fps=30.0, model_id="5" * 64, missing=(), dim=6):
    """Points (N, d) of exposures 2 to N + 1 in `dim` dimensions, of which but d are all but still."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.standard_normal((dim, dim)))[0][: points.shape[1]]
    noise = 1e-3 * np.random.default_rng(len(points)).standard_normal((len(points), dim))
    index = np.arange(2, len(points) + 2)
    kept = ~np.isin(index, list(missing))
    return Embedded(
        name=name,
        sha256=None,
        model_id=model_id,
        fps=fps,
        exposures=len(points) + 4,
        frame_index=index[kept],
        embedding=(points @ axes + noise)[kept].astype(np.float16),
    )


def write_hdf5(path, recordings):
    """Recordings as `selfee-rt embed` leaves them."""
    h5py = need_module("h5py")
    with h5py.File(path, "w") as file:
        for each in recordings:
            group = file.create_group(each.name)
            group["frame_index"], group["embedding"] = each.frame_index, each.embedding
            group.attrs.update(
                {
                    "recording_sha256": each.sha256 or "",
                    "fps": each.fps,
                    "exposures": each.exposures,
                    "model_id": each.model_id,
                }
            )
    return path
