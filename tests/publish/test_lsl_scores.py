"""Observations as Lab Streaming Layer streams, received by pylsl itself."""

import math
import time
from dataclasses import replace

import pytest

from selfee_rt.clock import now_ns
from selfee_rt.errors import PublishError
from tests.publish import samples
from tests.support import need_module
from tests.trigger.waiting import eventually

need_module("pylsl")
from selfee_rt.publish.lsl_scores import LslScores  # noqa: E402
from tests.trigger.lsl_inlet import Inlet, pylsl  # noqa: E402

LABELS = ("nothing", "chasing")


@pytest.fixture
def sink(request):
    made = LslScores(f"session {request.node.name}", samples.ARENAS, LABELS, ("selfee", "mahalanobis"))
    yield made
    made.close()


@pytest.fixture
def inlets(sink):
    made = {arena: Inlet(f"selfee_rt {arena}") for arena in samples.ARENAS}
    yield made
    for each in made.values():
        each.close()


def received(inlet, n):
    assert eventually(lambda: len(inlet.pull()) >= n)
    assert len(inlet.samples) == n
    return inlet.samples


def captured(index, at_ns):
    """An exposure captured at `at_ns`, whose future was captured 66 ms later."""
    return replace(samples.exposure(index), captured_ns=at_ns, newest_captured_ns=at_ns + 66_000_000)


def test_each_arena_has_a_stream_whose_description_names_its_channels(inlets):
    for arena in samples.ARENAS:
        info = inlets[arena].info
        assert (info.type(), info.nominal_srate(), info.channel_format()) == ("Behaviour", 0.0, pylsl.cf_float32)
        names, channel = [], info.desc().child("channels").child("channel")
        while not channel.empty():
            names.append(channel.child_value("label"))
            channel = channel.next_sibling()
        assert names == ["probability:nothing", "probability:chasing", "score:selfee", "score:mahalanobis"]


def test_every_observation_is_a_sample_in_the_stream_of_its_arena_and_in_order(sink, inlets):
    for index in range(10):
        for arena in samples.ARENAS:
            scores = {"selfee": index / 8, "mahalanobis": 2.0 * len(arena)}
            sink.write(samples.observation(index, arena, scores=scores))
    for arena in samples.ARENAS:
        assert [each for each, _ in received(inlets[arena], 10)] == [
            [0.25, 0.75, index / 8, 2.0 * len(arena)] for index in range(10)
        ]


def test_what_is_not_known_is_not_a_number(sink, inlets):
    sink.write(samples.observation(probabilities=None, scores={"selfee": None}))
    ((values, _),) = received(inlets["a"], 1)
    assert len(values) == 4
    assert all(math.isnan(each) for each in values)


@pytest.mark.parametrize(("label_index", "ago_s"), [(10, 2.0), (12, 2.0 - 0.066)])
def test_a_sample_has_the_time_at_which_the_labelled_exposure_was_captured(sink, inlets, label_index, ago_s):
    before_s = pylsl.local_clock()
    exposure = captured(10, now_ns() - 2_000_000_000)
    after_s = pylsl.local_clock()
    time.sleep(0.05)  # the time of sending does not matter
    sink.write(samples.observation(10, exposure=exposure, label_index=label_index))
    ((_, at_s),) = received(inlets["a"], 1)
    assert before_s - 0.005 <= at_s + ago_s <= after_s + 0.005


def test_what_is_no_observation_is_left_to_other_sinks(sink, inlets):
    sink.write(samples.bout())
    sink.write(samples.observation())
    assert received(inlets["a"], 1)


def test_closing_ends_the_streams_and_is_allowed_twice(sink):
    sink.close()
    sink.close()
    assert not pylsl.resolve_byprop("name", "selfee_rt a", timeout=0.5)


def test_a_session_that_has_nothing_to_stream_is_told_so():
    with pytest.raises(PublishError, match="observe"):
        LslScores("session", samples.ARENAS, (), ())
