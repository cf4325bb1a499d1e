"""A video of a square that walks and stands in turn, with labels, and a tiny model that tells the two apart."""

from pathlib import Path

import av
import numpy as np

FPS = 30
STRETCH = 30
"""Exposures that it walks, and then stands."""


def write_walk(path: Path, frames: int, seed: int = 0) -> Path:
    """96x64 px at 30 fps; the square goes in a circle, and its place says nothing about what it does."""
    random = np.random.default_rng(seed)
    with av.open(path, "w") as file:
        stream = file.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        angle = 0.0
        for i in range(frames):
            angle += 0.25 if walks(i) else 0.0
            picture = random.integers(0, 30, (64, 96), dtype=np.uint8)
            x, y = int(43 + 35 * np.cos(angle)), int(27 + 22 * np.sin(angle))
            picture[y : y + 10, x : x + 10] = 220
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="gray")))
        file.mux(stream.encode(None))
    return path


def walks(exposure: int) -> bool:
    """Whether the square moves."""
    return exposure // STRETCH % 2 == 0


def write_labels(path: Path, frames: int) -> Path:
    """Labels as `evaluate` reads them."""
    lines = [f"{i},{'walk' if walks(i) else 'stand'}" for i in range(frames)]
    path.write_text("\n".join(["frame,label", *lines]) + "\n")
    return path
