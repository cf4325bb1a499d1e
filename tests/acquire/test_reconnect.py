"""What a receiver makes of connections that follow a script instead of a network."""

import threading

import av
import pytest

from selfee_rt import clock
from selfee_rt.acquire import reconnect
from selfee_rt.acquire.connection import Arrival
from selfee_rt.acquire.reconnect import MEASURED_FRAMES, Receiver
from selfee_rt.channels import Channel
from selfee_rt.config import StreamConfig
from selfee_rt.errors import SourceError, SourceLost

PERIOD_NS = 10_000_000


class Script:
    """Connections one after the other, each a list of timestamps in periods; then the receiver is told to stop."""

    def __init__(self, *connections):
        self.stop = threading.Event()
        self.opened = 0
        self.closed = 0
        self._connections = connections

    def connection(self, config, *, open_s, silent_s):
        if self.opened == len(self._connections):
            self.stop.set()
            raise SourceError("end of the script")
        self.opened += 1
        return ScriptedConnection(self, self._connections[self.opened - 1])


class ScriptedConnection:
    """One connection of a script: it gives its frames and is lost."""

    name = "script"
    has_timestamps = True
    notes = ()

    def __init__(self, script, stamps):
        self._script = script
        self._stamps = stamps

    def arrivals(self):
        for stamp in self._stamps:
            yield Arrival(av.VideoFrame(32, 16, "gray"), stamp * PERIOD_NS, clock.now_ns())
        raise SourceLost("the script says so")

    def close(self):
        self._script.closed += 1


def received(monkeypatch, script, **settings):
    """The receiver after the script, and the frames it delivered."""
    monkeypatch.setattr(reconnect, "Connection", script.connection)
    config = StreamConfig(**{"address": "script", "fps": 100, "longest_pause_s": 0.001, **settings})
    frames = Channel("frames", capacity=100, when_full="fail")
    receiver = Receiver(config, frames, script.stop)
    receiver.connect()
    receiver.receive()
    return receiver, frames.drain()


def test_an_outage_shorter_than_a_period_still_leaves_a_gap_though_the_streams_clock_runs_on(monkeypatch):
    script = Script(range(8), range(8, 12))
    receiver, frames = received(monkeypatch, script)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 5, 6, 7, 8]
    assert [frame.index_inferred for frame in frames] == [False] * 4 + [True] + [False] * 3
    assert [outage.missed for outage in receiver.outages] == [1, None]


def test_the_frames_that_the_rate_is_measured_on_are_not_delivered(monkeypatch):
    _, frames = received(monkeypatch, Script(range(MEASURED_FRAMES + 3)))
    assert [frame.media_ns for frame in frames] == [0, PERIOD_NS, 2 * PERIOD_NS]


def test_a_connection_without_a_frame_is_one_more_attempt_of_the_same_outage(monkeypatch):
    script = Script(range(6), [], [], range(3))
    receiver, frames = received(monkeypatch, script)
    assert len(frames) == 5
    assert len(receiver.outages) == 2  # the second begins when the script ends
    assert script.opened == script.closed - 1 == 4  # the last is closed twice: when lost, and at the end


def test_a_stream_that_is_lost_before_its_rate_is_known_is_closed(monkeypatch):
    script = Script([0, 1])
    with pytest.raises(SourceError, match="the script says so"):
        received(monkeypatch, script)
    assert script.closed == 1


def test_giving_up_says_what_the_last_attempt_met(monkeypatch):
    script = Script(range(6))
    with pytest.raises(SourceLost, match=r"did not come back within 0 s .*last attempt: the script says so"):
        received(monkeypatch, script, give_up_after_s=0)
