"""What the program says of stimuli. In a blinded session nothing here differs between sham and real."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from selfee_rt.stimuli import DeviceInfo, Origin, Outcome, Verdict
from selfee_rt.wire.base import Count, Index, MediaNs, Message, Ns

TriggerId = Annotated[int, Meta(ge=1, description="counts the decisions of a session from 1")]


class RuleSummary(Struct, frozen=True, kw_only=True):
    """One rule."""

    name: str
    arena: str
    device: str
    condition: Annotated[str, Meta(description="`when` as it is in the configuration; schedule or yoked in words")]


class DeviceSummary(Struct, frozen=True, kw_only=True):
    """One stimulus device."""

    name: str
    info: Annotated[DeviceInfo, Meta(description="what it said of itself when it was opened")]


class Stimulation(Struct, frozen=True, kw_only=True):
    """The stimuli of a session with rules."""

    blind: Annotated[bool, Meta(description="sham and real stimuli look the same here")]
    rules: tuple[RuleSummary, ...]
    devices: tuple[DeviceSummary, ...]


class RuleStatus(Struct, frozen=True, kw_only=True):
    """How one rule is doing."""

    armed: bool
    remaining_s: Annotated[float | None, Meta(description="until it disarms itself; null: it is not armed")]
    trials: Annotated[Count, Meta(description="real and sham, in this session and those that it continues")]
    light_s: Annotated[float, Meta(ge=0, description="sum of the pulses' widths of those trials, shams included")]
    verdicts: Annotated[dict[Verdict, int], Meta(description="onsets in this session, by what they led to")]
    device: str
    device_state: Annotated[str, Meta(description='"ok"; "rehearsal": it makes no light; or "lost: " and why')]
    makes_light: bool
    alarm: Annotated[
        str | None,
        Meta(
            description="what a person must know: arming ends soon or has ended by itself, the device switched itself "
            "off or is lost; null: nothing, or the rule was armed or disarmed since"
        ),
    ] = None


class TriggerMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.trigger.1"):
    """Topic `trigger.<arena>`, at every decision of a rule, also not to fire; `index` is the decisive exposure."""

    trigger_id: TriggerId
    rule: str
    arena: str
    device: str
    newest_index: Annotated[Index, Meta(description="the newest exposure that was needed")]
    media_ns: Annotated[MediaNs, Meta(description="of the newest exposure that was needed")]
    newest_captured_ns: Ns
    decided_ns: Ns
    verdict: Annotated[Verdict, Meta(description="fired and sham are trials; when blinded both are called blinded")]
    why: Annotated[str, Meta(description="why not, in a sentence; empty for a trial")]
    origin: Origin
    trial: Annotated[int | None, Meta(description="counts the rule's trials from 1; null: not a trial")]
    evidence: Annotated[dict[str, Any], Meta(description="what the rule looked at, and since when it held")]


class DeliveryMessage(Message, frozen=True, kw_only=True, tag="selfee_rt.delivery.1"):
    """Topic `delivery.<arena>`, once for each trial: what became of it; `index` is the exposure observed last."""

    trigger_id: TriggerId
    rule: str
    arena: str
    device: str
    outcome: Annotated[Outcome, Meta(description="only acknowledged and sent are known to have been carried out")]
    why: Annotated[str, Meta(description="why not, in a sentence; else empty")]
    at_ns: Ns
    sent_ns: Annotated[int | None, Meta(description="host clock; null: the command never left")]
    acknowledged_ns: Annotated[int | None, Meta(description="host clock; null: no confirmation came")]
    device_us: Annotated[
        int | None, Meta(description="the device's own clock when the first pulse began, or of a sham would have")
    ]
