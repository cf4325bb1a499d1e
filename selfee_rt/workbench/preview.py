"""A picture of what a training will see, drawn before it starts."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from numpy.typing import NDArray

from selfee_rt.errors import FolderError
from selfee_rt.workbench.augment import Augmenter
from selfee_rt.workbench.dataset import LiveFrameSet, spread

GAP_PX = 4
BETWEEN = 90
"""Grey value between the pictures."""
MOST_ROWS = 12


def write_preview(
    path: Path, sets: Sequence[LiveFrameSet], augment: Augmenter, *, views: int = 6, seed: int = 0, live: bool = True
) -> None:
    """Write a PNG with a row per live frame: itself in colour, its past, current and future, and views of it.

    Up to 12 rows, from as many recordings as there are rows, evenly spread over the recordings and within each.
    Without `live`, rows show raw frames, as a training on those sees them.

    Raises:
        FolderError: the file cannot be written.
    """
    shown = [sets[i] for i in np.linspace(0, len(sets) - 1, min(len(sets), MOST_ROWS)).round().astype(int)]
    images = spread(shown, augment.size_px, each=max(1, MOST_ROWS // (2 * len(shown))))
    if not live:
        images = np.repeat(images[:, 1:2], 3, axis=1)
    write_png(path, contact_sheet(images, augment, views=views, seed=seed))


def contact_sheet(images: NDArray[np.uint8], augment: Augmenter, *, views: int, seed: int) -> NDArray[np.uint8]:
    """Lay out live frames (N, 3, H, W) of the views' size and `views` views of each: (height, width, 3) uint8, RGB."""
    random = torch.Generator().manual_seed(seed)
    made = [augment(torch.from_numpy(images), random).mul(255).round().byte().numpy() for _ in range(views)]
    channels = [np.repeat(images[:, c : c + 1], 3, axis=1) for c in range(3)]
    cells = np.stack([images, *channels, *made], axis=1)  # (N, columns, 3, H, W)
    rows, columns, _, height, width = cells.shape
    sheet = np.full((rows * (height + GAP_PX) + GAP_PX, columns * (width + GAP_PX) + GAP_PX, 3), BETWEEN, np.uint8)
    for row, column in np.ndindex(rows, columns):
        top, left = GAP_PX + row * (height + GAP_PX), GAP_PX + column * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = cells[row, column].transpose(1, 2, 0)
    return sheet


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write (H, W, 3) uint8 RGB.

    Raises:
        FolderError: the file cannot be written.
    """
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1, 1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    content = b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}; choose a writable folder") from error
