"""Decisions and deliveries as they could have been, for the tests of what is written down or sent of them."""

from selfee_rt.stimuli import Delivery, Trigger


def trigger(trigger_id: int = 1, **changes) -> Trigger:
    """A trial of a rule "song" in the arena "left", decided about exposure 10."""
    fields = {
        "trigger_id": trigger_id,
        "rule": "song",
        "arena": "left",
        "device": "led",
        "frame_index": 10,
        "newest_index": 12,
        "media_ns": 120_000_000,
        "newest_captured_ns": 120_000_000,
        "decided_ns": 120_005_000,
        "verdict": "fired",
        "why": "",
        "origin": "when",
        "trial": 1,
        "evidence": {"winging": 0.9, "since_index": 3},
    }
    return Trigger(**(fields | changes))


def delivery(trigger_id: int = 1, **changes) -> Delivery:
    """Its delivery: confirmed after 2 ms."""
    fields = {
        "trigger_id": trigger_id,
        "device": "led",
        "outcome": "acknowledged",
        "why": "",
        "at_ns": 122_000_000,
        "sent_ns": 120_100_000,
        "acknowledged_ns": 122_000_000,
        "device_us": 4_500_000,
    }
    return Delivery(**(fields | changes))
