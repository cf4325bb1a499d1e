"""One libswscale pass gives what Selfee's own preprocessing (OpenCV grey, PIL bilinear) gives, within 2/255."""

import subprocess
import sys
from functools import cache
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.compose.resize import Resizer, bilinear_taps
from tests.support import need_data, need_module

SIZES = [(128, 128), (224, 224), (96, 300), (700, 1200)]


def selfees_own(image, size_px):
    """Selfee's path: OpenCV's grey, then PIL's bilinear resize."""
    cv2, pillow = need_module("cv2"), need_module("PIL.Image")
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    return np.asarray(pillow.fromarray(grey).resize(size_px[::-1], pillow.BILINEAR))


def resized(image, size_px):
    out = np.full(size_px, 99, np.uint8)
    Resizer(from_px=image.shape[:2], to_px=size_px).resize(image, out)
    return out


def difference(image, size_px):
    return np.abs(resized(image, size_px).astype(int) - selfees_own(image, size_px)).max()


@cache
def recorded_rgb(name):
    """The 100th frame of a recording: (H, W, 3) RGB."""
    import av

    with av.open(str(need_data(name))) as container:
        frame = next(islice(container.decode(video=0), 100, None))
        return frame.to_ndarray(format="rgb24")


@pytest.mark.parametrize("size_px", SIZES, ids=str)
@pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])
@pytest.mark.parametrize("name", ["fly_courtship.mp4", "mouse_open_field.mp4", "mouse_bedding.mp4"])
def test_a_real_recording_comes_out_as_selfee_prepares_it(name, colour, size_px):
    image = recorded_rgb(name)
    image = image if colour else np.ascontiguousarray(image[..., 1])
    assert difference(image, size_px) <= 2


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(8, 150),
    width=st.integers(8, 150),
    size_px=st.tuples(st.integers(8, 150), st.integers(8, 150)),
    colour=st.booleans(),
    seed=st.integers(0, 99),
)
def test_even_white_noise_of_any_size_comes_out_as_selfee_prepares_it(height, width, size_px, colour, seed):
    shape = (height, width, 3) if colour else (height, width)
    image = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    assert difference(image, size_px) <= 3  # two roundings on noise; real pictures stay within 2


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "rgb"])
@pytest.mark.parametrize("size_px", [(64, 64), (100, 100), (160, 230)], ids=str)
def test_black_and_white_stay_black_and_white(colour, size_px):
    for value in (0, 1, 16, 128, 235, 254, 255):
        image = np.full((100, 100, 3) if colour else (100, 100), value, np.uint8)
        assert np.unique(resized(image, size_px)).tolist() == [value]


def test_an_unchanged_size_is_an_unchanged_grey_picture():
    image = np.random.default_rng(0).integers(0, 256, (61, 83), np.uint8)
    np.testing.assert_array_equal(resized(image, (61, 83)), image)


def test_primary_colours_have_opencvs_grey():
    cv2 = need_module("cv2")
    colours = np.array([(r, g, b) for r in (0, 255) for g in (0, 255) for b in (0, 90, 255)], np.uint8)
    image = np.repeat(np.repeat(colours[None], 16, axis=0), 16, axis=1)
    expected = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(int)
    assert np.abs(resized(image, image.shape[:2]) - expected).max() <= 1


def test_one_resizer_gives_what_a_fresh_one_gives_whatever_came_before():
    pictures = np.random.default_rng(1).integers(0, 256, (4, 90, 120, 3), np.uint8)
    resizer, out = Resizer(from_px=(90, 120), to_px=(32, 48)), np.empty((32, 48), np.uint8)
    for picture in (*pictures, pictures[0, ..., 0], pictures[1]):
        resizer.resize(picture, out)
        np.testing.assert_array_equal(out, resized(picture, (32, 48)))


def test_the_picture_that_was_given_is_left_alone_and_may_be_read_only_and_strided():
    whole = np.random.default_rng(2).integers(0, 256, (100, 130, 3), np.uint8)
    whole.flags.writeable = False
    before = whole.copy()
    part = whole[7:90, 11:100]
    np.testing.assert_array_equal(resized(part, (40, 40)), resized(np.ascontiguousarray(part), (40, 40)))
    np.testing.assert_array_equal(whole, before)


def test_another_size_than_promised_is_refused():
    resizer = Resizer(from_px=(20, 20), to_px=(8, 8))
    with pytest.raises(ValueError, match="expected"):
        resizer.resize(np.zeros((20, 21), np.uint8), np.zeros((8, 8), np.uint8))
    with pytest.raises(ValueError, match="expected"):
        resizer.resize(np.zeros((20, 20), np.uint8), np.zeros((8, 9), np.uint8))


@given(n_in=st.integers(1, 300), n_out=st.integers(1, 300))
def test_the_taps_hold_every_sample_that_a_triangle_reaches(n_in, n_out):
    scale = n_in / n_out
    distance = np.abs(np.arange(n_in) + 0.5 - (np.arange(n_out)[:, None] + 0.5) * scale)
    dense = np.maximum(0, 1 - distance / max(1, scale))
    dense /= dense.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(bilinear_taps(n_in, n_out).of(np.eye(n_in, dtype=np.float32)).T, dense, atol=1e-5)


GUARDED = """
import ctypes, mmap
import numpy as np
from selfee_rt.compose.resize import Resizer

libc = ctypes.CDLL(None, use_errno=True)

def guarded(size, dtype=np.uint8):
    length = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = np.frombuffer(mmap.mmap(-1, length + mmap.PAGESIZE), np.uint8)
    assert libc.mprotect(ctypes.c_void_p(memory.ctypes.data + length), mmap.PAGESIZE, 0) == 0
    return memory[length - size : length]

np.zeros = guarded  # what the resizer itself allocates lies before unmapped memory, too
for shape in [(33, 37, 3), (64, 66, 3), (8, 8, 3), (50, 127, 3), (9, 1023, 3), (33, 37), (200, 645), (9, 9)]:
    image = guarded(int(np.prod(shape))).reshape(shape)
    for size_px in [(31, 33), shape[:2], (128, 128)]:
        Resizer(from_px=shape[:2], to_px=size_px).resize(image, np.empty(size_px, np.uint8))
print("survived")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="guards memory with mprotect")
def test_no_byte_beyond_the_picture_is_read():
    """Vector code of libswscale reads beyond RGB rows; where nothing is mapped there, the process would be killed."""
    done = subprocess.run([sys.executable, "-c", GUARDED], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-300:]
    assert "survived" in done.stdout
