"""Bytes become messages; whatever else comes is named and never fatal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.view.addresses import reachable
from selfee_rt.view.decode import Newer, Unreadable, decode, decode_preview


def test_every_kind_of_message_is_read_as_it_was_written(stage):
    messages = {"session": stage.session, "status": stage.status(), "observation.left": stage.observation("left")}
    for topic, message in messages.items():
        assert decode([topic.encode(), wire.encode(message)]) == (topic, message)


def test_a_field_that_is_not_known_is_ignored(stage):
    document = json.loads(wire.encode(stage.status())) | {"a_new_field": [1, 2]}

    assert decode([b"status", json.dumps(document).encode()])[1].at_ns == document["at_ns"]


@pytest.mark.parametrize("topic", [b"status", b"a_new_topic.left"])
def test_a_schema_that_is_not_known_is_named(topic):
    with pytest.raises(Newer, match=r"^selfee_rt\.status\.2$"):
        decode([topic, b'{"schema": "selfee_rt.status.2", "anything": 1}'])


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b"status"],
        [b"status", b"{}", b"{}"],
        [b"status", b""],
        [b"status", b"\xff\xfe"],
        [b"status", b"[" * 100_000],
        [b"\xff", b"{}"],
        [b"weather", b'{"schema": "somebody.else.1"}'],
        [b"status", b'{"schema": "selfee_rt.status.1"}'],
        [b"status", b'{"schema": "selfee_rt.session.1"}'],
        [b"status", b'{"schema": 7}'],
    ],
)
def test_garbage_is_unreadable(frames):
    with pytest.raises(Unreadable):
        decode(frames)


@given(st.binary(max_size=64))
def test_no_bytes_break_the_reader_of_previews(message):
    with pytest.raises((Unreadable, Newer)):
        decode_preview(message, 0)


def test_a_newer_preview_is_named():
    with pytest.raises(Newer, match=r"^selfee_rt\.preview\.2$"):
        decode_preview(wire.with_header({"schema": "selfee_rt.preview.2"}, b"jpeg"), 0)


@pytest.mark.parametrize(
    ("bound", "observations", "expected"),
    [
        ("tcp://127.0.0.1:5572", "tcp://127.0.0.1:5571", "tcp://127.0.0.1:5572"),
        ("tcp://127.0.0.1:5572", "tcp://localhost:9000", "tcp://localhost:5572"),
        ("tcp://0.0.0.0:5572", "tcp://rig.lab:5571", "tcp://rig.lab:5572"),
        ("tcp://[::]:5572", "tcp://[fe80::1]:5571", "tcp://[fe80::1]:5572"),
        ("tcp://192.168.1.4:5572", "tcp://10.0.0.1:5571", "tcp://192.168.1.4:5572"),
        ("ipc:///tmp/c", "ipc:///tmp/o", "ipc:///tmp/c"),
    ],
)
def test_a_socket_is_reached_where_its_session_was(bound, observations, expected):
    assert reachable(bound, observations) == expected
