"""The preview: pictures of known grey values, at a bounded rate."""

import io
import json

import jsonschema
import numpy as np
import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from selfee_rt import clock, wire
from selfee_rt.errors import PublishError
from selfee_rt.publish.jpeg import JpegEncoder
from selfee_rt.publish.preview import Preview
from selfee_rt.types import Frame
from tests.publish import samples
from tests.publish.clients import PATIENCE_S, connected
from tests.support import ROOT

SCHEMA = json.loads((ROOT / "docs/schemas/preview_header.json").read_text(encoding="utf-8"))


def frame(index: int = 0, image: np.ndarray | None = None) -> Frame:
    return Frame(index, index, index, index, np.zeros((16, 16), np.uint8) if image is None else image)


def ramp(height: int, width: int) -> np.ndarray:
    """Grey from 0 on the left to 255 on the right: (height, width) uint8."""
    return np.tile(np.linspace(0, 255, width).round().astype(np.uint8), (height, 1))


def decoded(jpeg: bytes, mode: str) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert(mode)).astype(int)


def test_grey_keeps_its_full_range() -> None:
    image = ramp(240, 320)
    jpeg = JpegEncoder(image, widest_px=640).encode(image)
    np.testing.assert_allclose(decoded(jpeg, "L"), image, atol=2)


def test_colour_keeps_its_channels_and_its_full_range() -> None:
    grey = ramp(240, 320)
    image = np.stack([grey, 255 - grey, np.full_like(grey, 30)], axis=-1)
    jpeg = JpegEncoder(image, widest_px=640).encode(image)
    np.testing.assert_allclose(decoded(jpeg, "RGB"), image, atol=8)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1024, 1280), (512, 640)), ((480, 640), (480, 640)), ((301, 403), (301, 403)), ((1, 2000), (1, 640))],
)
def test_a_wide_picture_is_scaled_down_and_a_narrow_one_never_up(shape, expected) -> None:
    image = ramp(*shape)
    encoder = JpegEncoder(image, widest_px=640)
    picture = decoded(encoder.encode(image), "L")
    assert picture.shape == expected == (encoder.height_px, encoder.width_px)
    assert picture.min() <= 3
    assert picture.max() >= 252
    assert encoder.scale == expected[1] / shape[1]


def test_a_window_into_a_larger_picture_is_encoded_like_its_copy() -> None:
    window = ramp(200, 400)[10:60:2, 5:105:3]
    np.testing.assert_array_equal(
        decoded(JpegEncoder(window, widest_px=640).encode(window), "L"),
        decoded(JpegEncoder(window, widest_px=640).encode(window.copy()), "L"),
    )


def test_a_picture_that_no_jpeg_can_hold_is_our_error() -> None:
    image = np.zeros((70_000, 16), np.uint8)
    with pytest.raises(PublishError, match=r"preview of a \(70000, 16\) picture cannot be encoded"):
        JpegEncoder(image, widest_px=640).encode(image)


@pytest.fixture
def time_ns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The host clock, set by hand: its one element."""
    now = [10**9]
    monkeypatch.setattr(clock, "now_ns", lambda: now[0])
    return now


def test_a_conflated_reader_gets_header_and_picture_in_one_frame(time_ns: list[int]) -> None:
    preview = Preview(samples.ANYWHERE, "session-1")
    image = ramp(1000, 1280)
    with connected(zmq.SUB, preview.address, topics=("",), conflate=True) as socket:
        for index in range(PATIENCE_S * 20):
            preview.write(frame(index, image))
            time_ns[0] += 10**9
            if socket.poll(50):
                break
        header, jpeg = wire.decode_header(socket.recv())
    preview.close()
    jsonschema.validate(header, SCHEMA)
    assert header["session_id"] == "session-1"
    assert header["index"] == header["seq"] <= index
    assert (header["width_px"], header["height_px"], header["scale"], header["colour"]) == (640, 500, 0.5, False)
    assert decoded(jpeg, "L").shape == (500, 640)


def test_a_camera_that_changes_its_picture_is_followed(time_ns: list[int]) -> None:
    preview = Preview(samples.ANYWHERE, "s")
    for image in (ramp(16, 16), ramp(16, 32), np.zeros((16, 32, 3), np.uint8)):
        preview.write(frame(0, image))
        time_ns[0] += 10**9
    assert preview.n_sent == 3
    preview.close()
    preview.close()


def test_a_jittering_camera_is_shown_at_the_rate_that_was_asked(time_ns: list[int]) -> None:
    rng = np.random.default_rng(3)
    preview = Preview(samples.ANYWHERE.model_copy(update={"preview_fps": 15.0}), "s")
    for index in range(300):
        time_ns[0] = 10**9 + round((index / 30 + rng.normal(0, 0.002)) * 1e9)
        preview.write(frame(index))
    preview.close()
    assert 148 <= preview.n_sent <= 151


def test_never_more_than_the_rate_and_after_a_pause_no_burst(time_ns: list[int]) -> None:
    @settings(max_examples=50, deadline=None)
    @given(steps=st.lists(st.integers(0, 300_000_000), min_size=1, max_size=60))
    def bounded(steps: list[int]) -> None:
        preview = Preview(samples.ANYWHERE.model_copy(update={"preview_fps": 10.0}), "s")
        sent_at = []
        for step in steps:
            time_ns[0] += step
            before = preview.n_sent
            preview.write(frame())
            sent_at += [time_ns[0]] * (preview.n_sent - before)
        preview.close()
        for n, earlier in enumerate(sent_at):
            for later in sent_at[n:]:
                n_between = sum(earlier <= at <= later for at in sent_at)
                assert n_between <= (later - earlier) / 1e8 + 2

    bounded()
