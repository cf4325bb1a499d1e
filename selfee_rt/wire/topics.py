"""What is published under which topic."""

from selfee_rt.wire.base import Message
from selfee_rt.wire.messages import (
    BoutMessage,
    LogMessage,
    ObservationMessage,
    RevisionMessage,
    SessionMessage,
    StatusMessage,
)
from selfee_rt.wire.stimuli import DeliveryMessage, TriggerMessage

TOPICS: dict[str, type[Message]] = {
    "session": SessionMessage,
    "status": StatusMessage,
    "observation": ObservationMessage,
    "revision": RevisionMessage,
    "bout": BoutMessage,
    "trigger": TriggerMessage,
    "delivery": DeliveryMessage,
    "log": LogMessage,
}
"""By the first part of the topic, before the dot and the arena; embeddings and pictures have headers instead."""
