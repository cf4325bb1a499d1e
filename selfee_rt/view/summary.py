"""A session's record as the message that it sent."""

from pathlib import Path
from typing import Any

from selfee_rt.folder import SessionRecord
from selfee_rt.types import SourceInfo
from selfee_rt.wire import (
    Arena,
    DetectorSummary,
    DeviceSummary,
    ModelSummary,
    RuleSummary,
    SessionMessage,
    Stimulation,
)


def session_message(record: SessionRecord, folder: Path) -> SessionMessage:
    """What `session` said, as far as session.json tells it."""
    card = record.model.card
    regions = {each["name"]: each.get("region") for each in record.config["arena"]}
    return SessionMessage(
        session_id=record.session_id,
        version=record.versions.get("selfee-rt", ""),
        started_at=record.started.utc,
        started_ns=record.started.host_ns,
        source=record.source,
        arenas=tuple(_arena(name, regions.get(name), record.source) for name in record.arenas),
        model=ModelSummary(
            name=card["name"],
            version=card["version"],
            model_id=record.model.sha256,
            embedding_dim=card["embedding_dim"],
            width_px=card["width_px"],
            height_px=card["height_px"],
            interval_ms=card["interval_ms"],
        ),
        labels=record.labels,
        detectors=tuple(DetectorSummary(name=each.name, threshold=each.threshold) for each in record.detectors),
        frame_interval=record.frame_interval,
        lookahead_ms=record.frame_interval_ms,
        embeddings=False,
        control=None,
        preview=None,
        folder=str(folder),
        experiment=record.experiment,
        subject=record.subject,
        stimulation=stimulation(record),
    )


def stimulation(record: SessionRecord) -> Stimulation | None:
    """Its rules and devices; None: it had no rule."""
    if record.stimulation is None:
        return None
    conditions = {each["name"]: each.get("when") or "" for each in record.config["trigger"]}
    return Stimulation(
        blind=record.stimulation.blind,
        rules=tuple(
            RuleSummary(name=each.name, arena=each.arena, device=each.device, condition=conditions.get(each.name, ""))
            for each in record.stimulation.rules
        ),
        devices=tuple(DeviceSummary(name=each.name, info=each.info) for each in record.stimulation.devices),
    )


def _arena(name: str, region: dict[str, Any] | None, source: SourceInfo) -> Arena:
    if region is None:
        return Arena(name=name, x_px=0, y_px=0, width_px=source.width_px, height_px=source.height_px)
    return Arena(name=name, x_px=region["x"], y_px=region["y"], width_px=region["width"], height_px=region["height"])
