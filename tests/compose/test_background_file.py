"""Background pictures are kept without loss, and what is no 8-bit grey picture is refused with words."""

import cv2
import numpy as np
import pytest

from selfee_rt.compose.background_file import read_background, write_background
from selfee_rt.errors import ConfigError, FolderError
from tests.support import need_data

PICTURE = np.random.default_rng(0).integers(0, 256, (37, 51), np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npy"])
def test_a_grey_picture_is_read_as_it_is(tmp_path, name):
    path = tmp_path / name
    np.save(path, PICTURE) if name.endswith("npy") else cv2.imwrite(str(path), PICTURE)
    np.testing.assert_array_equal(read_background(path), PICTURE)


def test_what_is_written_is_read_again_and_never_overwritten(tmp_path):
    write_background(tmp_path / "a.png", PICTURE)
    np.testing.assert_array_equal(read_background(tmp_path / "a.png"), PICTURE)
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED), PICTURE)
    with pytest.raises(FolderError, match="exists"):
        write_background(tmp_path / "a.png", PICTURE)
    with pytest.raises(FolderError, match="cannot write"):
        write_background(tmp_path / "no_folder" / "a.png", PICTURE)


@pytest.mark.parametrize(
    ("name", "picture", "words"),
    [
        ("colour.png", np.stack([PICTURE] * 3, axis=-1), "rgb24, expected one 8-bit grey"),
        ("deep.png", PICTURE.astype(np.uint16) * 200, "gray16be, expected one 8-bit grey"),
        ("float.npy", PICTURE.astype(np.float32), r"float32 \(37, 51\), expected"),
        ("stack.npy", np.stack([PICTURE] * 3), r"\(3, 37, 51\), expected"),
    ],
)
def test_other_pictures_are_refused_with_what_they_are(tmp_path, name, picture, words):
    path = tmp_path / name
    np.save(path, picture) if name.endswith("npy") else cv2.imwrite(str(path), picture)
    with pytest.raises(ConfigError, match=words):
        read_background(path)


@pytest.mark.parametrize("name", ["missing.png", "missing.npy"])
def test_a_missing_file_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot read the background .*No such file"):
        read_background(tmp_path / name)


@pytest.mark.parametrize("name", ["text.png", "text.npy", "empty.png", "empty.npy"])
def test_a_file_that_is_no_picture_is_refused(tmp_path, name):
    (tmp_path / name).write_text("" if "empty" in name else "this is no picture")
    with pytest.raises(ConfigError, match="expected one 8-bit grey picture"):
        read_background(tmp_path / name)


def test_an_array_with_code_in_it_is_not_executed(tmp_path):
    np.save(tmp_path / "a.npy", np.array([object()], dtype=object), allow_pickle=True)
    with pytest.raises(ConfigError, match="no npy file"):
        read_background(tmp_path / "a.npy")


def test_a_video_is_no_background():
    with pytest.raises(ConfigError, match="yuv420p, expected one 8-bit grey"):
        read_background(need_data("flies_three.mp4"))
