"""What is special about Lab Streaming Layer markers."""

import json

import pytest

from selfee_rt.config import LslConfig
from tests.support import need_module
from tests.trigger.orders import limits, order, pulse
from tests.trigger.waiting import eventually

need_module("pylsl")
from selfee_rt.trigger.lsl import LslMarkers  # noqa: E402
from tests.trigger.lsl_inlet import Inlet, pylsl  # noqa: E402


@pytest.fixture
def device(request):
    made = LslMarkers(LslConfig(name="markers", stream=request.node.name))
    made.open()
    made.arm(limits())
    yield made
    made.close()


@pytest.fixture
def inlet(device, request):
    made = Inlet(request.node.name)
    yield made
    made.close()


def test_the_stream_is_one_of_markers(inlet):
    info = inlet.info
    assert (info.type(), info.channel_count(), info.nominal_srate()) == ("Markers", 1, 0.0)
    assert info.channel_format() == pylsl.cf_string
    assert info.desc().child_value("manufacturer") == "selfee_rt"


def test_a_marker_says_which_trial_it_is_and_when_it_was_sent(device, inlet):
    fired = order(pulse(20))
    before_s = pylsl.local_clock()
    device.fire(fired)
    after_s = pylsl.local_clock()
    assert eventually(lambda: len(inlet.pull()) == 1)
    (((text,), at_s),) = inlet.samples
    assert before_s <= at_s <= after_s
    assert json.loads(text) == {
        "trigger_id": fired.trigger.trigger_id,
        "rule": "opto",
        "arena": "left",
        "trial": 7,
        "frame_index": 100,
        "newest_index": 102,
        "media_ns": 3_400_000_000,
        "width_us": 20_000,
        "period_us": 20_000,
        "pulses": 1,
    }


def test_two_sessions_with_one_name_of_stream_are_told_apart():
    devices = [LslMarkers(LslConfig(name="markers", stream="the same")) for _ in range(2)]
    try:
        for each in devices:
            each.open()
        found = pylsl.resolve_byprop("name", "the same", minimum=2, timeout=20)
        assert len({each.source_id() for each in found}) == 2
    finally:
        for each in devices:
            each.close()
