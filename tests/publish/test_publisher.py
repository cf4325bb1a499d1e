"""The publisher over real sockets on loopback."""

import threading
import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt import clock, wire
from selfee_rt.errors import PublishError
from selfee_rt.publish.publisher import Publisher
from selfee_rt.types import Action
from tests.publish import samples
from tests.publish.clients import connected, receive, strict_json, subscribed, wait_until_heard
from tests.stimuli import delivery, trigger


@pytest.fixture
def publisher():
    publisher = Publisher(samples.ANYWHERE, samples.session())
    yield publisher
    publisher.close()


def test_every_message_is_two_frames_with_schema_session_seq_and_index(publisher: Publisher) -> None:
    written = (samples.observation(), samples.bout(), Action(1, 12, "mark", {"text": "x"}, "done"))
    with subscribed(publisher, "observation.", "bout.", "log") as socket:
        for item in written:
            publisher.write(item)
        got = [receive(socket) for _ in written]
    assert [topic for topic, _ in got] == ["observation.a", "bout.a", "log"]
    assert [message["index"] for _, message in got] == [10, 10, 12]
    for _, message in got:
        assert (message["session_id"], message["seq"]) == ("session-1", 0)
        assert message["schema"].startswith("selfee_rt.")


def test_decisions_and_deliveries_go_out_under_the_arena_of_their_rule(publisher: Publisher) -> None:
    written = [trigger(1, arena="ab", device="led_ab"), delivery(1, device="led_ab"), delivery(2, device="led_a")]
    publisher.write(samples.observation(index=31))
    with subscribed(publisher, "trigger.", "delivery.") as socket:
        for item in written:
            publisher.write(item)
        got = [receive(socket) for _ in written]
    assert [topic for topic, _ in got] == ["trigger.ab", "delivery.ab", "delivery.a"]
    assert [message["rule"] for _, message in got] == ["song", "rule ab", "rule a"]
    assert [message["index"] for _, message in got] == [10, 31, 31]
    assert [message["seq"] for _, message in got] == [0, 0, 0]


def test_embeddings_go_out_one_arena_at_a_time_as_float16(publisher: Publisher) -> None:
    embeddings = samples.embeddings()
    with subscribed(publisher, "embedding.") as socket:
        publisher.write(embeddings)
        for row, arena in enumerate(samples.ARENAS):
            topic, payload = socket.recv_multipart()
            header, body = wire.decode_header(payload)
            assert topic.decode() == f"embedding.{arena}"
            assert (header["arena"], header["index"], header["dtype"]) == (arena, 10, "float16")
            np.testing.assert_array_equal(np.frombuffer(body, "<f2").reshape(header["shape"]), embeddings.vector[row])


def test_embeddings_that_are_off_are_not_sent() -> None:
    publisher = Publisher(samples.ANYWHERE.model_copy(update={"embeddings": False}), samples.session())
    publisher.write(samples.embeddings())
    assert publisher.n_sent == 0
    publisher.close()


@settings(max_examples=20, deadline=None)
@given(
    arenas=st.lists(
        st.sampled_from(["observation.a", "observation.ab", "bout.a", "bout.ab", "embedding"]), min_size=1, max_size=40
    )
)
def test_seq_counts_each_topic_by_itself_without_gaps(arenas: list[str]) -> None:
    make = {
        "observation.a": lambda: samples.observation(arena="a"),
        "observation.ab": lambda: samples.observation(arena="ab"),
        "bout.a": lambda: samples.bout("a"),
        "bout.ab": lambda: samples.bout("ab"),
        "embedding": samples.embeddings,
    }
    expected: Counter[str] = Counter()
    for topic in arenas:
        expected.update([topic] if topic != "embedding" else ["embedding.a", "embedding.ab"])
    publisher = Publisher(samples.ANYWHERE, samples.session())
    seen: dict[str, list[int]] = {}
    with subscribed(publisher, "observation.", "bout.", "embedding.") as socket:
        before = publisher.n_sent
        for topic in arenas:
            publisher.write(make[topic]())
        assert publisher.n_sent - before == expected.total()
        for _ in range(expected.total()):
            topic, payload = socket.recv_multipart()
            is_json = payload.startswith(b"{")
            message = strict_json(payload) if is_json else wire.decode_header(payload)[0]
            seen.setdefault(topic.decode(), []).append(message["seq"])
    publisher.close()
    assert seen == {topic: list(range(n)) for topic, n in expected.items()}


def test_a_subscription_matches_prefixes_so_readers_compare_the_whole_topic(publisher: Publisher) -> None:
    with subscribed(publisher, "observation.a") as socket:
        publisher.write(samples.observation(arena="ab"))
        publisher.write(samples.observation(arena="a"))
        got = [receive(socket) for _ in range(2)]
    assert [topic for topic, _ in got] == ["observation.ab", "observation.a"]
    assert [message["seq"] for topic, message in got if topic == "observation.a"] == [0]


def test_a_late_joiner_is_told_of_the_session_and_its_status(publisher: Publisher) -> None:
    publisher.status(samples.status(at_ns=clock.now_ns()))
    publisher.write(samples.observation(index=31))
    stop = threading.Event()

    def keep_ticking() -> None:
        while not stop.wait(0.05):
            publisher.tick(clock.now_ns())

    thread = threading.Thread(target=keep_ticking)
    thread.start()
    try:
        with connected(zmq.SUB, publisher.address, topics=("session", "status")) as socket:
            got = dict(receive(socket) for _ in range(2))
    finally:
        stop.set()
        thread.join()
    assert set(got) == {"session", "status"}
    assert got["session"]["arenas"][1]["name"] == "ab"
    assert {message["index"] for message in got.values()} == {31}


def test_session_and_status_come_once_a_second_and_a_new_state_at_once(publisher: Publisher) -> None:
    with subscribed(publisher, "status") as socket:
        start = wait_until_heard.now_ns + 10**10
        for tenth in range(25):
            now_ns = start + tenth * 100_000_000
            publisher.status(samples.status("running" if tenth < 24 else "ended", now_ns))
            publisher.tick(now_ns)
        publisher.write(Action(1, 1, "end", {}, ""))
        got = [receive(socket) for _ in range(7)]
        assert not socket.poll(100)
    assert [topic for topic, _ in got].count("session") == 3
    statuses = [message for topic, message in got if topic == "status"]
    assert [message["state"] for message in statuses] == ["running", "running", "running", "ended"]
    assert [(message["at_ns"] - start) // 10**8 for message in statuses] == [0, 10, 20, 24]


def test_a_subscriber_that_never_reads_slows_nobody_and_sees_its_losses_by_seq(publisher: Publisher) -> None:
    big = samples.embeddings(dim=8192)
    n = 3000
    with subscribed(publisher, "embedding.a") as slow, subscribed(publisher, "log") as quick:
        before = publisher.n_sent
        for _ in range(n):  # 48 MB for the one that does not read; would never end if it blocked
            publisher.write(big)
        assert publisher.n_sent - before == n * len(samples.ARENAS)
        publisher.write(Action(1, 1, "mark", {}, "done"))
        assert receive(quick)[0] == "log"
        seqs = []
        while slow.poll(500):
            topic, payload = slow.recv_multipart()
            if topic == b"embedding.a":
                seqs.append(wire.decode_header(payload)[0]["seq"])
        assert len(seqs) < n
        publisher.write(big)
        seqs.append(_next_seq(slow))
    assert seqs[-1] == n
    assert any(later - earlier > 1 for earlier, later in pairwise(seqs))


def _next_seq(socket: zmq.Socket) -> int:
    while True:
        topic, payload = socket.recv_multipart()
        if topic == b"embedding.a":
            return wire.decode_header(payload)[0]["seq"]


def test_a_subscriber_that_vanished_does_not_stop_the_session_from_ending(publisher: Publisher) -> None:
    with subscribed(publisher, "embedding."):
        pass
    for _ in range(10):
        publisher.write(samples.embeddings())
    started = time.monotonic()
    publisher.close()
    publisher.close()
    assert time.monotonic() - started < 30


def test_what_was_written_before_closing_still_arrives(publisher: Publisher) -> None:
    with subscribed(publisher, "status") as socket:
        publisher.status(samples.status("ended", wait_until_heard.now_ns))
        publisher.close()
        assert receive(socket)[1]["state"] == "ended"


def test_a_port_in_use_is_one_clear_error(publisher: Publisher) -> None:
    config = samples.ANYWHERE.model_copy(update={"observations": publisher.address})
    with pytest.raises(PublishError, match=rf"cannot bind publish.observations to {publisher.address}.*in use.*port"):
        Publisher(config, samples.session())


def test_beyond_loopback_without_keys_is_refused_whoever_asks() -> None:
    config = samples.ANYWHERE.model_copy(update={"observations": "tcp://*:*"})
    with pytest.raises(PublishError, match="without encryption"):
        Publisher(config, samples.session())


def test_an_address_that_is_off_cannot_be_published_to() -> None:
    with pytest.raises(PublishError, match=r"publish\.observations is off"):
        Publisher(samples.ANYWHERE.model_copy(update={"observations": None}), samples.session())


def test_a_write_costs_the_same_whether_a_subscriber_reads_or_not(publisher: Publisher) -> None:
    def median_ns() -> float:
        times = []
        for _ in range(2000):
            started = clock.now_ns()
            publisher.write(item)
            times.append(clock.now_ns() - started)
        return float(np.median(times))

    item = samples.embeddings(dim=2048)
    alone = median_ns()
    with subscribed(publisher, "embedding."):
        beside_a_dead_one = median_ns()
    assert beside_a_dead_one < 50 * alone, f"{alone / 1e3:.1f} us alone, {beside_a_dead_one / 1e3:.1f} us beside it"
