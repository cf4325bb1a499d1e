"""Frames survive whatever else is on the line, in pieces of any size."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from selfee_rt.trigger.framing import LONGEST_BODY, Decoder, encode

bodies = st.binary(max_size=LONGEST_BODY)
garbage = st.binary(max_size=200)


def frames_in(data: bytes) -> list[bytes]:
    return Decoder().push(data)


@given(bodies)
def test_a_body_comes_back_and_its_frame_has_zeros_at_its_ends_alone(body):
    frame = encode(body)
    assert frame[0] == frame[-1] == 0
    assert 0 not in frame[1:-1]
    assert frames_in(frame) == [body]


@given(st.lists(st.tuples(garbage, bodies), max_size=5), garbage)
def test_no_garbage_between_frames_costs_a_frame(pieces, last):
    for noise in (*(noise for noise, _ in pieces), last):
        assume(not frames_in(b"\0" + noise + b"\0"))
    line = b"".join(noise + encode(body) for noise, body in pieces) + last
    assert frames_in(line) == [body for _, body in pieces]


@given(st.lists(bodies, max_size=4), st.lists(st.integers(0, 300), max_size=10))
def test_where_the_line_is_split_makes_no_difference(sent, cuts):
    line = b"".join(encode(body) for body in sent)
    places = sorted({0, len(line), *(min(cut, len(line)) for cut in cuts)})
    decoder = Decoder()
    found = [body for start, stop in pairwise(places) for body in decoder.push(line[start:stop])]
    assert found == sent


@given(bodies, st.data())
def test_a_frame_that_is_cut_short_is_dropped_and_the_next_one_is_found(body, data):
    frame = encode(body)
    cut = frame[: data.draw(st.integers(0, len(frame) - 2))]
    assume(not frames_in(cut + b"\0"))
    assert frames_in(cut + encode(b"next")) == [b"next"]


def test_no_single_wrong_bit_goes_unnoticed():
    frame = encode(bytes(range(20)) + bytes(5))
    for bit in range(8, 8 * (len(frame) - 1)):
        wrong = bytearray(frame)
        wrong[bit // 8] ^= 1 << bit % 8
        assert frames_in(bytes(wrong)) == []


def test_endless_garbage_is_not_kept():
    decoder = Decoder()
    for _ in range(1000):
        assert decoder.push(b"\x07" * 1000) == []
    assert len(decoder._stuffed) < 2 * LONGEST_BODY
    assert decoder.push(encode(b"after all")) == [b"after all"]


def test_a_body_that_is_too_long_is_refused_and_a_frame_that_is_too_long_is_dropped():
    with pytest.raises(ValueError, match="at most 64 bytes, got 65"):
        encode(bytes(LONGEST_BODY + 1))
    stuffed = encode(b"x" * LONGEST_BODY)[1:-1]
    assert frames_in(b"\0" + stuffed + stuffed + b"\0") == []


def test_the_crc_is_the_published_one():
    """CRC-16/CCITT-FALSE of the digits 1 to 9 is 0x29B1."""
    assert encode(b"123456789")[-3:-1] == bytes.fromhex("29b1")
