"""The wire: every message that leaves the program or comes to it, as structs whose JSON Schema is public.

`messages` is what the program says, `requests` what it can be asked, `codec` how both become bytes.
"""

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
    Taught,
)
from selfee_rt.wire.requests import (
    VERBS,
    Effect,
    History,
    Reply,
    Request,
    SavedReference,
    State,
    TeachingEffect,
    Verb,
)

__all__ = [
    "VERBS",
    "Arena",
    "BoutMessage",
    "DetectorSummary",
    "Effect",
    "EmbeddingHeader",
    "History",
    "LogMessage",
    "ModelSummary",
    "ObservationMessage",
    "PreviewHeader",
    "Reply",
    "Request",
    "RevisionMessage",
    "SavedReference",
    "SessionMessage",
    "State",
    "StatusMessage",
    "Taught",
    "TeachingEffect",
    "Verb",
    "decode_header",
    "encode",
    "with_header",
]
