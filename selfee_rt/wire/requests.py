"""What the program can be asked through its control socket: one argument struct per verb."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from selfee_rt.stimuli import Outcome
from selfee_rt.wire.base import Index, MediaNs, Ns
from selfee_rt.wire.messages import BoutMessage, ObservationMessage, SessionMessage, StatusMessage

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]


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
    before_index: Annotated[Index | None, Meta(description="only what was over before this exposure; null: all")] = None
    every: Annotated[
        int, Meta(ge=1, le=10_000, description="only observations of exposures whose index is a multiple of this")
    ] = 1


class ClipArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which seconds to show."""

    index: Annotated[Index, Meta(description="the exposure in the middle")]
    seconds: Annotated[float, Meta(gt=0, le=30, description="of the stream's own time, around it")] = 4.0
    pictures: Annotated[int, Meta(ge=1, le=60, description="at most so many, evenly over them")] = 24


class MarkArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remark that goes to the log."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]
    arena: Annotated[Name | None, Meta(description="null: all")] = None


class ThresholdArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A detector's new threshold, in every arena."""

    detector: Name
    threshold: Annotated[float | None, Meta(description="scores above it are an alarm; null: no alarm")]


class LabelArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span of recent exposures and what the animal did in it: either both indices, or `last_s`."""

    arena: Name
    label: Annotated[str, Meta(min_length=1, max_length=64, description="one of those of session")]
    first_index: Annotated[Index | None, Meta(description="the first exposure that the label describes")] = None
    last_index: Annotated[Index | None, Meta(description="inclusive")] = None
    last_s: Annotated[Seconds | None, Meta(description="instead: so many seconds up to the newest exposure")] = None


class RetractArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The teaching to take back."""

    teaching_id: Annotated[int, Meta(ge=1, description="from the reply to label")]


class SaveReferenceArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a new reference is to be written."""

    path: Annotated[
        str,
        Meta(min_length=5, max_length=1024, pattern=r"^[^\x00]+\.npz$", description="on the session's own computer; "
             "relative: in the session folder; must not exist"),
    ]  # fmt: skip


class RulesArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rules are meant."""

    rules: Annotated[
        Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)] | None, Meta(description="null: all")
    ] = None


class RuleArguments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rule is meant."""

    rule: Name


class Effect(Struct, frozen=True, kw_only=True):
    """When a command took effect."""

    index: Annotated[int | None, Meta(description="the first exposure for which it holds; null: before any")]
    at_ns: Annotated[int, Meta(description="nanoseconds on the host clock")]


class ArmingEffect(Effect, frozen=True, kw_only=True):
    """Which rules were armed or disarmed, and when."""

    rules: tuple[str, ...]


class TestFired(Effect, frozen=True, kw_only=True):
    """What became of a test."""

    rule: str
    trigger_id: Annotated[int, Meta(ge=1)]
    outcome: Outcome
    why: Annotated[str, Meta(description="why not; empty where it was fired")]


class TeachingEffect(Effect, frozen=True, kw_only=True):
    """What was taught, or taken back, and when it took effect."""

    teaching_id: Annotated[int, Meta(ge=1, description="to retract it by")]
    arena: str
    label: str
    first_index: Annotated[int, Meta(description="the first exposure of the span that was observed and so taught")]
    last_index: Annotated[int, Meta(description="the last one, inclusive")]
    exposures: Annotated[int, Meta(ge=1, description="how many were taught")]


class SavedReference(Effect, frozen=True, kw_only=True):
    """The reference that was written."""

    path: str
    examples: Annotated[int, Meta(ge=1, description="in the file")]
    exposures: Annotated[int, Meta(ge=1, description="of them, taught during the session")]
    labels: tuple[str, ...]


class State(Struct, frozen=True, kw_only=True):
    """What `session` and `status` would publish now."""

    session: SessionMessage
    status: StatusMessage


class History(Struct, frozen=True, kw_only=True):
    """The past, oldest first; `seq` has no meaning here and is 0."""

    observations: Annotated[
        tuple[ObservationMessage, ...],
        Meta(description="4 MiB at most, the newest; ask again with `before_index` for those before them"),
    ]
    bouts: tuple[BoutMessage, ...]
    oldest_index: Annotated[int | None, Meta(description="of the observations still held; null: there are none")] = None


class ClipPicture(Struct, frozen=True, kw_only=True):
    """A small picture of the whole camera."""

    index: Index
    media_ns: MediaNs
    captured_ns: Ns
    width_px: Annotated[int, Meta(ge=1, le=320)]
    height_px: Annotated[int, Meta(ge=1)]
    scale: Annotated[float, Meta(gt=0, le=1, description="picture width / camera width")]
    jpeg: Annotated[bytes, Meta(description="base64")]


class Clip(Struct, frozen=True, kw_only=True):
    """What is held of some seconds, oldest first."""

    pictures: Annotated[tuple[ClipPicture, ...], Meta(min_length=1, max_length=60, description="2 MiB at most")]


class Verb(Struct, frozen=True):
    """One thing that can be asked."""

    does: str
    arguments: type[Struct]
    result: type[Struct]


VERBS: dict[str, Verb] = {
    "status": Verb("returns what session and status would publish now", Nothing, State),
    "history": Verb("returns the last observations and bouts", HistoryArguments, History),
    "clip": Verb("returns small pictures of the seconds around a recent exposure", ClipArguments, Clip),
    "mark": Verb("writes a remark to the log", MarkArguments, Effect),
    "set_threshold": Verb("changes the alarm threshold of one detector", ThresholdArguments, Effect),
    "label": Verb("teaches a label: what the animal did in a span of recent exposures", LabelArguments, TeachingEffect),
    "undo": Verb("takes back the newest teaching that holds", Nothing, TeachingEffect),
    "retract": Verb("takes back one teaching", RetractArguments, TeachingEffect),
    "save_reference": Verb("writes a reference with what was taught", SaveReferenceArguments, SavedReference),
    "start_recording": Verb("begins to record video", Nothing, Effect),
    "stop_recording": Verb("stops recording video; the log goes on", Nothing, Effect),
    "arm": Verb("lets rules fire, for as long as the configuration says", RulesArguments, ArmingEffect),
    "disarm": Verb("switches the output of rules off, and lets them fire no more", RulesArguments, ArmingEffect),
    "disarm_all": Verb("does so with every rule", Nothing, ArmingEffect),
    "fire": Verb("tests a rule's device with one stimulus; the rule must be armed", RuleArguments, TestFired),
    "stop": Verb("ends the session in order", Nothing, Effect),
}
"""The verbs, and what each does, takes and returns."""
