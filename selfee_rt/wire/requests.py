"""What the program can be asked through its control socket: one argument struct per verb."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from selfee_rt.wire.messages import BoutMessage, ObservationMessage, SessionMessage, StatusMessage

Name = Annotated[str, Meta(min_length=1, max_length=64)]


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to the control socket."""

    request_id: Annotated[
        str,
        Meta(min_length=1, max_length=128, description="unique over all clients, for example a UUID; repeating it "
             "with the same request returns the first reply without doing it again"),
    ]  # fmt: skip
    token: Annotated[str, Meta(description="content of the file control_token in the session folder")]
    verb: str
    arguments: dict[str, Any] = {}


class Reply(Struct, frozen=True, kw_only=True):
    """The reply to a request: `result` where ok, else `error`."""

    request_id: Annotated[str | None, Meta(description="of the request; null where it had none that could be read")]
    ok: bool
    result: dict[str, Any] | UnsetType = UNSET
    error: Annotated[str, Meta(description="what, got, expected, do")] | UnsetType = UNSET


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""


class HistoryArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the past to return, as far as the session still holds it."""

    arena: Annotated[Name | None, Meta(description="null: all")] = None
    observations: Annotated[int, Meta(ge=0, le=10_000, description="the last so many, per arena")] = 300
    bouts: Annotated[int, Meta(ge=0, le=10_000, description="the last so many, per arena")] = 100


class MarkArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remark that goes to the log."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]
    arena: Annotated[Name | None, Meta(description="null: all")] = None


class ThresholdArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A detector's new threshold, in every arena."""

    detector: Name
    threshold: Annotated[float | None, Meta(description="scores above it are an alarm; null: no alarm")]


class Effect(Struct, frozen=True, kw_only=True):
    """When a command took effect."""

    index: Annotated[int | None, Meta(description="the first exposure for which it holds; null: before any")]
    at_ns: Annotated[int, Meta(description="nanoseconds on the host clock")]


class State(Struct, frozen=True, kw_only=True):
    """What `session` and `status` would publish now."""

    session: SessionMessage
    status: StatusMessage


class History(Struct, frozen=True, kw_only=True):
    """The past, oldest first; `seq` has no meaning here and is 0."""

    observations: tuple[ObservationMessage, ...]
    bouts: tuple[BoutMessage, ...]


class Verb(Struct, frozen=True):
    """One thing that can be asked."""

    does: str
    arguments: type[Struct]
    result: type[Struct]


VERBS: dict[str, Verb] = {
    "status": Verb("returns what session and status would publish now", Nothing, State),
    "history": Verb("returns the last observations and bouts", HistoryArguments, History),
    "mark": Verb("writes a remark to the log", MarkArguments, Effect),
    "set_threshold": Verb("changes the alarm threshold of one detector", ThresholdArguments, Effect),
    "start_recording": Verb("begins to record video", Nothing, Effect),
    "stop_recording": Verb("stops recording video; the log goes on", Nothing, Effect),
    "stop": Verb("ends the session in order", Nothing, Effect),
}
"""The verbs, and what each does, takes and returns."""
