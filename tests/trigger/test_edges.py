"""The edges of a train, and how they are played from the calls of a device's thread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.stimuli import Train
from selfee_rt.trigger import edges as edges_module
from selfee_rt.trigger.edges import LOOKAHEAD_MS, SHORTEST_PAUSE_MS, Edges, envelope, pulses, unplayable


class Clock:
    """A host clock that only sleeping, and the test, move."""

    def __init__(self) -> None:
        self.now_us = 7_000_000

    def now_ns(self) -> int:
        return self.now_us * 1000

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now_us += round(seconds * 1e6)


class Played:
    """An output with its history: (microseconds since the train began, level)."""

    def __init__(self, patched, later, *, withheld=False) -> None:
        self.clock = Clock()
        patched.setattr(edges_module, "now_ns", self.clock.now_ns)
        patched.setattr(edges_module.time, "sleep", self.clock.sleep)
        self.start_us = self.clock.now_us
        self.history: list[tuple[int, bool]] = []
        self.edges = Edges(lambda on: self.history.append((self.clock.now_us - self.start_us, on)))
        self.edges.begin(later, self.clock.now_ns(), withheld=withheld)

    @property
    def now_us(self) -> int:
        return self.clock.now_us - self.start_us

    def keep_alive_every_20_ms(self, until_us: int, lease_ms: int = 100) -> None:
        while self.now_us < until_us:
            self.clock.now_us += 20_000
            self.edges.go_on(lease_ms)


@pytest.fixture
def patched():
    with pytest.MonkeyPatch.context() as context:
        yield context


@given(
    width_us=st.integers(1, 60_000),
    pause_us=st.integers(SHORTEST_PAUSE_MS * 1000, 90_000),
    n_pulses=st.integers(1, 30),
)
def test_called_every_20_ms_every_edge_is_played_on_time(width_us, pause_us, n_pulses):
    train = Train(width_us, width_us + pause_us, n_pulses)
    with pytest.MonkeyPatch.context() as patched:
        played = Played(patched, pulses(train))
        played.keep_alive_every_20_ms(train.length_us)
    wanted = [
        (n * train.period_us + after_us, on) for n in range(n_pulses) for after_us, on in ((0, True), (width_us, False))
    ]
    assert [(0, True), *played.history] == wanted


def test_an_envelope_is_off_at_the_end_of_the_last_pulse(patched):
    played = Played(patched, envelope(Train(5_000, 25_000, 20)))
    played.keep_alive_every_20_ms(600_000)
    assert played.history == [(480_000, False)]


@given(width_us=st.integers(1, 60_000), pause_us=st.integers(SHORTEST_PAUSE_MS * 1000, 90_000))
def test_no_call_takes_longer_than_twice_the_lookahead(width_us, pause_us):
    with pytest.MonkeyPatch.context() as patched:
        played = Played(patched, pulses(Train(width_us, width_us + pause_us, 1000)))
        assert played.now_us <= LOOKAHEAD_MS * 1000
        for _ in range(50):
            played.clock.now_us += 20_000
            before_us = played.now_us
            played.edges.go_on(100)
            assert played.now_us - before_us <= 2 * LOOKAHEAD_MS * 1000


def test_trains_whose_pauses_are_too_short_are_told_so_and_single_pulses_are_not():
    assert unplayable(Train(5_000, 35_000, 100)) is None
    assert unplayable(Train(1, 1, 1)) is None
    assert "pauses of 20 ms" in unplayable(Train(5_000, 25_000, 100))


def test_pulses_that_fall_into_a_stall_are_left_out_and_the_train_ends_when_it_would_have(patched):
    played = Played(patched, pulses(Train(5_000, 50_000, 4)))
    played.clock.now_us = played.start_us + 120_000  # the second and most of the third period are over
    played.keep_alive_every_20_ms(200_000)
    assert played.history == [(5_000, False), (140_000, False), (150_000, True), (155_000, False)]


def test_a_stall_while_the_output_is_on_ends_as_soon_as_it_can(patched):
    played = Played(patched, pulses(Train(100_000, 100_000, 1)))
    played.clock.now_us = played.start_us + 300_000
    played.edges.go_on(100)
    assert played.history == [(300_000, False)]


def test_nothing_is_switched_on_beyond_the_lease(patched):
    played = Played(patched, pulses(Train(5_000, 40_000, 4)))
    played.clock.now_us = played.start_us + 30_000
    played.edges.go_on(5)
    assert played.history == [(5_000, False)]
    played.edges.go_on(10)
    assert played.history == [(5_000, False), (40_000, True)]


def test_what_is_due_is_switched_off_even_without_a_lease(patched):
    played = Played(patched, envelope(Train(30_000, 30_000, 1)))
    played.clock.now_us = played.start_us + 31_000
    played.edges.go_on(-50)
    assert played.history == [(31_000, False)]


def test_a_train_that_is_stopped_is_over(patched):
    played = Played(patched, pulses(Train(5_000, 50_000, 4)))
    played.edges.stop()
    played.keep_alive_every_20_ms(300_000)
    assert played.history == [(5_000, False)]


def test_a_sham_takes_the_same_time_and_switches_nothing(patched):
    train = Train(5_000, 10_000, 10)
    real, sham = Played(patched, pulses(train)), Played(patched, pulses(train), withheld=True)
    assert sham.now_us == real.now_us > 0
    assert sham.history == []
