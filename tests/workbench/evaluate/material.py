"""Small labelled recordings: embeddings in a cloud per label, so that a classifier has something to find."""

from pathlib import Path

import numpy as np

from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.workbench.evaluate.holdout import Fold
from selfee_rt.workbench.evaluate.reading import Inputs
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.settings import Settings
from tests.support import need_module

NAMES = ("chase", "still", "wing")
INTERVAL = 2


def turns(exposures, bout=20, labels=3, first=0):
    """Labels that take turns in bouts of equal length."""
    return (np.arange(exposures) // bout + first) % labels


def embeddings(label_of, seed=0, dim=8, noise=0.6):
    """(N, D) float16: a cloud per label, far from the origin."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((max(int(np.max(label_of)) + 1, 3), dim)) * 2
    rows = 5 + centres[np.maximum(label_of, 0)] + rng.standard_normal((len(label_of), dim)) * noise
    return rows.astype(np.float16)


def labelled(label_of, *, name="a", seed=0, missing=(), stimulus=None, fps=25.0, **other):
    """A recording whose first and last exposures have no live frame, as in a session."""
    label_of = np.asarray(label_of, dtype=np.int64)
    index = np.array([i for i in range(INTERVAL, len(label_of) - INTERVAL) if i not in set(missing)], dtype=np.int64)
    given = {
        "name": name,
        "kind": "video",
        "identity": f"sha of {name}",
        "model_id": "m" * 64,
        "model_name": "tiny 1",
        "fps": fps,
        "interval": INTERVAL,
        "exposures": len(label_of),
        "frame_index": index,
        "embedding": embeddings(label_of, seed)[index],
        "label_of": label_of,
        "labels_name": f"{name}.csv",
        "labels_sha256": "0" * 64,
        "stimulus": None if stimulus is None else tuple(stimulus[i] for i in index),
    }
    return Labelled(**{**given, **other})


def block(first, stop, gap=0, recording=0):
    return Fold(f"exposures {first} to {stop - 1}", recording, first, stop, gap)


def write_hdf5(path: Path, **recordings):
    """Write recordings as `selfee-rt embed` does."""
    h5py = need_module("h5py")
    with h5py.File(path, "w", track_order=True) as file:
        for name, each in recordings.items():
            group = file.create_group(name)
            group["frame_index"], group["embedding"] = each.frame_index, each.embedding
            group.attrs.update(
                {
                    "recording": name,
                    "recording_sha256": each.identity,
                    "fps": each.fps,
                    "exposures": each.exposures,
                    "frame_interval": each.interval,
                    "interval_ms": 80.0,
                    "model_id": each.model_id,
                    "model_name": "tiny",
                    "model_version": "1",
                    "ended": "",
                }
            )


def write_labels(path: Path, label_of, names=NAMES):
    texts = ["unlabel" if label < 0 else names[label] for label in label_of]
    path.write_text("frame,label\n" + "".join(f"{index},{text}\n" for index, text in enumerate(texts)))


def inputs(folder: Path, **recordings):
    """HDF5 file and labels of some recordings, as the command takes them."""
    write_hdf5(folder / "e.h5", **recordings)
    paths = []
    for name in recordings:
        paths.append(folder / f"{name}.csv")
        write_labels(paths[-1], recordings[name].label_of)
    return Inputs((folder / "e.h5",), tuple(paths), ModelConfig(), ArenaConfig(name="arena"))


def settings(given, **other):
    """Few resamples, small gaps."""
    return Settings(**{"inputs": given, "gap_exposures": 4, "resamples": 50, "bootstrap_block_exposures": 30, **other})


def silent(name):
    return lambda done, promised: None
