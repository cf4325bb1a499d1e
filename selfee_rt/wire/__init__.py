"""The wire: every message that leaves the program or comes to it, as structs whose JSON Schema is public.

`messages` and `stimuli` are what the program says, `requests` what it can be asked, `codec` how both become bytes.
"""

from selfee_rt.wire.base import Message
from selfee_rt.wire.codec import decode_header, encode, with_header
from selfee_rt.wire.messages import (
    Arena,
    BoutMessage,
    DetectorSummary,
    EmbeddingHeader,
    LogMessage,
    ModelSummary,
    ObservationMessage,
    PreviewHeader,
    RevisionMessage,
    SessionMessage,
    StatusMessage,
    StatusState,
    Taught,
)
from selfee_rt.wire.requests import (
    VERBS,
    ArmingEffect,
    Clip,
    ClipPicture,
    Effect,
    History,
    Reply,
    Request,
    SavedReference,
    State,
    TeachingEffect,
    TestFired,
    Verb,
)
from selfee_rt.wire.stimuli import (
    DeliveryMessage,
    DeviceSummary,
    RuleStatus,
    RuleSummary,
    Stimulation,
    TriggerMessage,
)

__all__ = [
    "VERBS",
    "Arena",
    "ArmingEffect",
    "BoutMessage",
    "Clip",
    "ClipPicture",
    "DeliveryMessage",
    "DetectorSummary",
    "DeviceSummary",
    "Effect",
    "EmbeddingHeader",
    "History",
    "LogMessage",
    "Message",
    "ModelSummary",
    "ObservationMessage",
    "PreviewHeader",
    "Reply",
    "Request",
    "RevisionMessage",
    "RuleStatus",
    "RuleSummary",
    "SavedReference",
    "SessionMessage",
    "State",
    "StatusMessage",
    "StatusState",
    "Stimulation",
    "Taught",
    "TeachingEffect",
    "TestFired",
    "TriggerMessage",
    "Verb",
    "decode_header",
    "encode",
    "with_header",
]
