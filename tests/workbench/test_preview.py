"""The picture of augmented live frames shows what it says."""

from pathlib import Path

import av
import numpy as np
import pytest

from selfee_rt.errors import FolderError
from tests.support import need_module

torch = need_module("torch")

from selfee_rt.workbench.augment import Augmentation, Augmenter  # noqa: E402
from selfee_rt.workbench.preview import BETWEEN, GAP_PX, contact_sheet, write_png, write_preview  # noqa: E402
from tests.workbench.tiny_training import tiny_set  # noqa: E402

PITCH = 32 + GAP_PX


def read(path: Path) -> np.ndarray:
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


def cell(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    top, left = GAP_PX + row * PITCH, GAP_PX + column * PITCH
    return sheet[top : top + 32, left : left + 32]


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)


def test_a_row_is_the_live_frame_its_channels_and_views_of_it(images: np.ndarray) -> None:
    nothing = Augmentation(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    sheet = contact_sheet(images, Augmenter(32, nothing), views=2, seed=0)
    assert sheet.shape == (GAP_PX + 2 * PITCH, GAP_PX + 6 * PITCH, 3)
    assert (sheet[0] == BETWEEN).all()
    for row, image in enumerate(images):
        colour = image.transpose(1, 2, 0)
        assert (cell(sheet, row, 0) == colour).all()
        for channel in range(3):
            assert (cell(sheet, row, 1 + channel) == image[channel][:, :, None]).all()
        assert all((cell(sheet, row, column) == colour).all() for column in (4, 5))


def test_views_differ_and_repeat_with_their_seed(images: np.ndarray) -> None:
    one, again, other = (contact_sheet(images, Augmenter(32), views=2, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    assert (cell(one, 0, 4) != cell(one, 0, 5)).any()


def test_every_recording_is_shown_up_to_as_many_as_there_are_rows(tmp_path: Path) -> None:
    sets = [tiny_set(str(i), seed=i) for i in range(3)]
    write_preview(tmp_path / "run" / "preview.png", sets, Augmenter(32))
    assert read(tmp_path / "run" / "preview.png").shape == (GAP_PX + 6 * PITCH, GAP_PX + 10 * PITCH, 3)
    write_preview(tmp_path / "many.png", [tiny_set(seed=0)] * 30, Augmenter(32), views=1)
    assert read(tmp_path / "many.png").shape == (GAP_PX + 12 * PITCH, GAP_PX + 5 * PITCH, 3)


def test_raw_frames_are_shown_where_they_are_learned_from(tmp_path: Path) -> None:
    write_preview(tmp_path / "raw.png", [tiny_set()], Augmenter(32), live=False)
    sheet = read(tmp_path / "raw.png")
    assert all((cell(sheet, 0, column) == cell(sheet, 0, 2)).all() for column in range(4))


def test_a_picture_is_kept_exactly(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    write_png(tmp_path / "a.png", picture)
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert (read(tmp_path / "a.png") == picture).all()


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="choose a writable folder"):
        write_png(tmp_path / "file" / "a.png", np.zeros((8, 8, 3), np.uint8))
