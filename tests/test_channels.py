"""Bounded channels: what happens when one is full is a word, and ending one side ends the other."""

import threading
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.channels import Channel
from selfee_rt.errors import ChannelClosed, Overrun

POLICIES = ("drop_oldest", "fail", "wait")
SOON_S = 0.05
LONG_S = 20.0


@contextmanager
def beside(work):
    """Run `work` in a thread; yields (thread, outcome), joined at the end."""
    outcome = []

    def run():
        try:
            outcome.append(work())
        except (ChannelClosed, Overrun) as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread, outcome
    finally:
        thread.join(LONG_S)
        assert not thread.is_alive()


def filled(when_full, capacity=2, **options):
    channel = Channel("numbers", capacity=capacity, when_full=when_full, **options)
    for number in range(capacity):
        channel.put(number)
    return channel


@given(
    policy=st.sampled_from(POLICIES),
    capacity=st.integers(1, 4),
    steps=st.lists(st.sampled_from(["put", "put", "get", "wake", "drain"]), max_size=60),
)
def test_a_channel_behaves_as_a_bounded_list(policy, capacity, steps):
    dropped, kept, number = [], [], 0
    channel = Channel("numbers", capacity=capacity, when_full=policy, on_drop=dropped.append)
    lost = []
    for step in steps:
        full = len(kept) == capacity
        if step == "put" and full and policy == "fail":
            with pytest.raises(Overrun, match=f"'numbers' is full at {capacity}"):
                channel.put(number)
        elif step == "put" and not (full and policy == "wait"):
            if full:
                lost.append(kept.pop(0))
            channel.put(number)
            kept.append(number)
            number += 1
        elif step == "get":
            assert channel.get(timeout_s=0) == (kept.pop(0) if kept else None)
        elif step == "wake":
            channel.wake()
        elif step == "drain":
            assert channel.drain() == kept
            kept.clear()
        assert len(channel) == len(kept)
    assert dropped == lost
    assert (channel.n_in, channel.n_lost) == (number, len(lost))


def test_the_oldest_is_given_to_on_drop_before_the_newer_one_can_be_taken():
    seen = []
    channel = filled("drop_oldest", on_drop=lambda number: seen.append((number, len(channel))))
    channel.put(2)
    channel.put(3)
    assert seen == [(0, 1), (1, 1)]
    assert channel.drain() == [2, 3]


def test_waiting_blocks_the_producer_until_there_is_room():
    channel = filled("wait")
    with beside(lambda: channel.put(2)) as (thread, outcome):
        thread.join(SOON_S)
        assert thread.is_alive()
        assert channel.get() == 0
        thread.join(LONG_S)
        assert outcome == [None]
    assert [channel.get(), channel.get()] == [1, 2]
    assert channel.n_lost == 0


@pytest.mark.parametrize("free", ["close", "drain"])
def test_a_producer_that_waits_is_set_free_when_the_consumer_ends(free):
    channel = filled("wait")
    with beside(lambda: channel.put(2)) as (thread, outcome):
        thread.join(SOON_S)
        getattr(channel, free)()
        thread.join(LONG_S)
    if free == "close":
        assert isinstance(outcome[0], ChannelClosed)
        assert channel.drain() == [0, 1]
    else:
        assert channel.drain() == [2]


def test_a_consumer_that_waits_gets_what_is_put():
    channel = Channel("numbers", capacity=1, when_full="fail")
    with beside(channel.get) as (thread, outcome):
        thread.join(SOON_S)
        assert thread.is_alive()
        channel.put(7)
    assert outcome == [7]


def test_a_consumer_that_waits_ends_with_the_channel():
    channel = Channel("numbers", capacity=1, when_full="fail")
    with beside(channel.get) as (thread, outcome):
        thread.join(SOON_S)
        channel.close()
    assert isinstance(outcome[0], ChannelClosed)


def test_waking_makes_a_waiting_get_return_nothing_once():
    channel = Channel("numbers", capacity=1, when_full="fail")
    with beside(channel.get) as (thread, outcome):
        thread.join(SOON_S)
        channel.wake()
    assert outcome == [None]
    with beside(channel.get) as (thread, outcome):
        thread.join(SOON_S)
        assert thread.is_alive()
        channel.put(1)
    assert outcome == [1]


def test_a_wake_before_the_get_is_not_missed_and_items_come_first():
    channel = Channel("numbers", capacity=1, when_full="fail")
    channel.wake()
    assert channel.get(timeout_s=LONG_S) is None
    channel.put(1)
    channel.wake()
    assert channel.get() == 1


@pytest.mark.parametrize("policy", POLICIES)
def test_a_closed_channel_still_gives_what_it_holds_and_takes_nothing_more(policy):
    dropped = []
    channel = filled(policy, on_drop=dropped.append)
    channel.close()
    channel.close()
    assert channel.closed
    with pytest.raises(ChannelClosed, match="'numbers' is closed"):
        channel.put(2)
    assert [channel.get(), channel.get()] == [0, 1]
    with pytest.raises(ChannelClosed):
        channel.get(timeout_s=LONG_S)
    assert dropped == []
    assert (channel.n_in, channel.n_lost) == (2, 0)


def test_a_fault_while_a_drop_is_reported_reaches_the_producer():
    def refuse(number):
        raise ValueError(f"{number} has a fate already")

    channel = filled("drop_oldest", on_drop=refuse)
    with pytest.raises(ValueError, match="0 has a fate already"):
        channel.put(2)


@pytest.mark.parametrize("policy", ["drop_oldest", "wait"])
def test_between_threads_every_item_is_taken_or_dropped_exactly_once_and_in_order(policy):
    dropped, taken = [], []
    channel = Channel("numbers", capacity=3, when_full=policy, on_drop=dropped.append)

    def produce():
        for number in range(3000):
            channel.put(number)
        channel.close()

    with beside(produce), pytest.raises(ChannelClosed):
        while True:
            taken.append(channel.get())
    assert taken == sorted(taken)
    assert dropped == sorted(dropped)
    assert sorted(taken + dropped) == list(range(3000))
    assert (channel.n_in, channel.n_lost) == (3000, len(dropped))
    assert policy == "drop_oldest" or not dropped


def test_several_producers_may_wait_at_once():
    channel = Channel("numbers", capacity=1, when_full="wait")

    def produce(base):
        for number in range(200):
            channel.put(base + number)

    with beside(lambda: produce(0)), beside(lambda: produce(1000)):
        taken = [channel.get() for _ in range(400)]
    assert [number for number in taken if number < 1000] == list(range(200))
    assert [number for number in taken if number >= 1000] == list(range(1000, 1200))


def test_a_channel_that_could_hold_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Channel("numbers", capacity=0, when_full="drop_oldest")
