"""Messages made from what travels between the threads."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.stimuli import Delivery, Trigger
from selfee_rt.types import Action, Bout, Embeddings, Exposure, Observation, Revision
from selfee_rt.wire.codec import with_header
from selfee_rt.wire.messages import BoutMessage, EmbeddingHeader, LogMessage, ObservationMessage, RevisionMessage
from selfee_rt.wire.stimuli import DeliveryMessage, RuleSummary, TriggerMessage


def observation(item: Observation, session_id: str, seq: int = 0) -> ObservationMessage:
    """Message of one observation."""
    return ObservationMessage(
        session_id=session_id,
        seq=seq,
        **_exposure(item.exposure),
        arena=item.arena,
        composed_ns=item.composed_ns,
        embedded_ns=item.embedded_ns,
        label_index=item.label_index,
        label=item.label,
        probabilities=None if item.probabilities is None else tuple(_number(each) for each in item.probabilities),
        scores={name: _number(score) for name, score in item.scores.items()},
        alarm=item.alarm,
        stimulus=item.stimulus,
        revision=item.revision,
        observed_ns=item.observed_ns,
        decided_ns=item.decided_ns,
    )


def embedding(item: Embeddings, row: int, arena: str, session_id: str, seq: int = 0) -> bytes:
    """Binary message of one arena's embedding, row `row` of `item.vector` (A, D)."""
    vector: NDArray[np.float16] = item.vector[row].astype("<f2")
    header = EmbeddingHeader(
        session_id=session_id,
        seq=seq,
        **_exposure(item.exposure),
        arena=arena,
        composed_ns=item.composed_ns,
        embedded_ns=item.embedded_ns,
        shape=(vector.size,),
        model_id=item.model_id,
    )
    return with_header(header, vector.tobytes())


def bout(item: Bout, session_id: str, seq: int = 0) -> BoutMessage:
    """Message of one bout that has ended."""
    return BoutMessage(
        session_id=session_id,
        seq=seq,
        index=item.stop_index,
        arena=item.arena,
        label=item.label,
        start_index=item.start_index,
        stop_index=item.stop_index,
        start_media_ns=item.start_media_ns,
        stop_media_ns=item.stop_media_ns,
        source=item.source,
    )


def revision(item: Revision, session_id: str, seq: int = 0) -> RevisionMessage:
    """Message of one exposure that was judged again."""
    return RevisionMessage(
        session_id=session_id,
        seq=seq,
        index=item.newest_index,
        arena=item.arena,
        label_index=item.label_index,
        media_ns=item.media_ns,
        label=item.label,
        probabilities=None if item.probabilities is None else tuple(_number(each) for each in item.probabilities),
        revision=item.revision,
    )


def trigger(item: Trigger, session_id: str, seq: int = 0) -> TriggerMessage:
    """Message of one decision of a rule."""
    return TriggerMessage(
        session_id=session_id,
        seq=seq,
        index=item.frame_index,
        trigger_id=item.trigger_id,
        rule=item.rule,
        arena=item.arena,
        device=item.device,
        newest_index=item.newest_index,
        media_ns=item.media_ns,
        newest_captured_ns=item.newest_captured_ns,
        decided_ns=item.decided_ns,
        verdict=item.verdict,
        why=item.why,
        origin=item.origin,
        trial=item.trial,
        evidence=dict(item.evidence),
    )


def delivery(
    item: Delivery, rule: RuleSummary, session_id: str, seq: int = 0, index: int | None = None
) -> DeliveryMessage:
    """Message of what became of one trial of `rule`, `index` being the exposure that was observed last."""
    return DeliveryMessage(
        session_id=session_id,
        seq=seq,
        index=index,
        trigger_id=item.trigger_id,
        rule=rule.name,
        arena=rule.arena,
        device=item.device,
        outcome=item.outcome,
        why=item.why,
        at_ns=item.at_ns,
        sent_ns=item.sent_ns,
        acknowledged_ns=item.acknowledged_ns,
        device_us=item.device_us,
    )


def log(item: Action, session_id: str, seq: int = 0) -> LogMessage:
    """Message of one action."""
    return LogMessage(
        session_id=session_id,
        seq=seq,
        index=item.frame_index,
        at_ns=item.at_ns,
        action=item.action,
        arguments=dict(item.arguments),
        result=item.result,
    )


def _exposure(exposure: Exposure) -> dict[str, Any]:
    return {
        "index": exposure.index,
        "media_ns": exposure.media_ns,
        "captured_ns": exposure.captured_ns,
        "received_ns": exposure.received_ns,
        "newest_index": exposure.newest_index,
        "newest_media_ns": exposure.newest_media_ns,
        "newest_captured_ns": exposure.newest_captured_ns,
        "newest_received_ns": exposure.newest_received_ns,
    }


def _number(value: float | None) -> float | None:
    """A plain float, or None for what JSON cannot say: nan and infinities."""
    return float(value) if value is not None and math.isfinite(value) else None
