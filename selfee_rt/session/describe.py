"""The session as others are told of it: the record on disk and the message on the wire."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from selfee_rt import __version__, build
from selfee_rt.acquire.connection import shown
from selfee_rt.compose.interval import FrameInterval
from selfee_rt.config import ArenaConfig, SessionConfig, StreamConfig, TriggerConfig
from selfee_rt.decide import ArenaObserver
from selfee_rt.embed.model import sha256_of
from selfee_rt.folder import (
    Anchor,
    ContinuedRecord,
    DetectorRecord,
    DeviceRecord,
    FileIdentity,
    ModelRecord,
    RuleRecord,
    SessionRecord,
    StimulationRecord,
    installed_versions,
)
from selfee_rt.session.plan import Plan
from selfee_rt.stimuli import DeviceInfo
from selfee_rt.trigger.train import train_of
from selfee_rt.types import SourceInfo
from selfee_rt.wire import (
    Arena,
    DetectorSummary,
    DeviceSummary,
    FalseAlarms,
    ModelSummary,
    RuleSummary,
    SessionMessage,
    Stimulation,
)


def labels_of(observer: ArenaObserver) -> tuple[str, ...]:
    """The labels that a session can give, in the order of the probabilities."""
    return () if observer.classifier is None else observer.classifier.labels


def default_folder(config: SessionConfig, anchor: Anchor) -> Path:
    """Where a session goes that was not told: sessions/<date>_<time>_<source>."""
    date, time = anchor.local[:19].split("T")
    return Path("sessions") / f"{date}_{time.replace(':', '-')}_{config.source.kind}"


def session_record(
    plan: Plan,
    info: SourceInfo,
    interval: FrameInterval,
    observer: ArenaObserver,
    session_id: str,
    anchor: Anchor,
    runtime: dict[str, Any],
    stimulation: StimulationRecord | None,
    continues: ContinuedRecord | None,
) -> SessionRecord:
    """What session.json holds."""
    config = plan.config
    reference_path = build.reference_path(config)
    return SessionRecord(
        session_id=session_id,
        name=info.name,
        config=_without_passwords(config),
        experiment=config.experiment.model_dump(mode="json", exclude_none=True),
        subject=config.subject.model_dump(mode="json", exclude_none=True),
        model=ModelRecord(
            path=str(plan.model_path.resolve()),
            sha256=plan.model_id,
            card=msgspec.to_builtins(plan.card) | {"runtime": runtime},
        ),
        reference=None if reference_path is None else _identity(reference_path),
        templates=tuple(_identity(each.file) for each in config.observe.template),
        labels=labels_of(observer),
        arenas=tuple(arena.name for arena in config.arena),
        detectors=tuple(DetectorRecord(name=name, threshold=value) for name, value in observer.thresholds.items()),
        source=info,
        replayed=None
        if info.content_sha256 is None
        else FileIdentity(path=str(Path(info.name).resolve()), sha256=info.content_sha256),
        frame_interval=interval.exposures,
        frame_interval_ms=interval.actual_ms,
        stimulation=stimulation,
        continues=continues,
        versions=installed_versions(),
        started=anchor,
    )


def stimulation_record(
    config: SessionConfig, devices: Mapping[str, DeviceInfo], seeds: Mapping[str, int], blinding_sha256: str | None
) -> StimulationRecord | None:
    """What session.json says of stimuli; None where there is no rule."""
    if not config.trigger:
        return None
    subject_of = {arena.name: arena.subject or config.subject.id for arena in config.arena}
    return StimulationRecord(
        devices=tuple(DeviceRecord(name=name, info=info) for name, info in devices.items()),
        rules=tuple(
            RuleRecord(
                name=each.name,
                arena=each.arena or config.arena[0].name,
                device=each.device,
                subject=subject_of[each.arena or config.arena[0].name],
                train=train_of(each.pulse),
                seed=None if config.stimulation.blind else seeds[each.name],
            )
            for each in config.trigger
        ),
        blind=config.stimulation.blind,
        blinding_sha256=blinding_sha256,
    )


def _identity(path: Path) -> FileIdentity:
    return FileIdentity(path=str(path.resolve()), sha256=sha256_of(path))


def _without_passwords(config: SessionConfig) -> dict[str, Any]:
    """The configuration as it is kept: session folders are shared, and an address may hold a password."""
    document = config.model_dump(mode="json")
    if isinstance(config.source, StreamConfig):
        document["source"]["address"] = shown(config.source.address)
    return document


def session_message(
    plan: Plan, record: SessionRecord, folder: Path, control: str | None, preview: str | None
) -> SessionMessage:
    """What the topic `session` says."""
    config, card, info = plan.config, plan.card, record.source
    return SessionMessage(
        session_id=record.session_id,
        version=__version__,
        started_at=record.started.utc,
        started_ns=record.started.host_ns,
        source=info,
        arenas=tuple(_arena(arena, info) for arena in config.arena),
        model=ModelSummary(
            name=card.name,
            version=card.version,
            model_id=plan.model_id,
            embedding_dim=card.embedding_dim,
            width_px=card.width_px,
            height_px=card.height_px,
            interval_ms=card.interval_ms,
        ),
        labels=record.labels,
        detectors=tuple(_detector(each, plan) for each in record.detectors),
        frame_interval=record.frame_interval,
        lookahead_ms=record.frame_interval_ms,
        embeddings=config.publish.embeddings,
        control=control,
        preview=preview,
        folder=str(folder),
        experiment=record.experiment,
        subject=record.subject,
        stimulation=None if record.stimulation is None else _stimulation(config, record.stimulation),
    )


def _stimulation(config: SessionConfig, record: StimulationRecord) -> Stimulation:
    return Stimulation(
        blind=record.blind,
        rules=tuple(
            RuleSummary(name=rule.name, arena=rule.arena, device=rule.device, condition=_condition(trigger))
            for rule, trigger in zip(record.rules, config.trigger, strict=True)
        ),
        devices=tuple(DeviceSummary(name=each.name, info=each.info) for each in record.devices),
    )


def _condition(trigger: TriggerConfig) -> str:
    """When it fires, for people."""
    if trigger.when is not None:
        return trigger.when
    if trigger.schedule is not None:
        times = trigger.schedule.at_s
        return f"at {len(times)} given times" if times else f"every {trigger.schedule.every_s:g} s"
    return f"yoked to {trigger.yoked.session}" if trigger.yoked is not None else ""


def _detector(detector: DetectorRecord, plan: Plan) -> DetectorSummary:
    """A detector, and what its threshold promises where it is the reference's own."""
    known = None if plan.reference is None else plan.reference.thresholds.get(detector.name)
    rate = None if known is None or known.value != detector.threshold else known.rate
    promised = None
    if rate is not None:
        promised = FalseAlarms(per_hour=rate.per_hour, low_per_hour=rate.low_per_hour, high_per_hour=rate.high_per_hour)
    return DetectorSummary(name=detector.name, threshold=detector.threshold, false_alarms=promised)


def _arena(arena: ArenaConfig, info: SourceInfo) -> Arena:
    region = arena.region
    if region is None:
        return Arena(name=arena.name, x_px=0, y_px=0, width_px=info.width_px, height_px=info.height_px)
    return Arena(name=arena.name, x_px=region.x, y_px=region.y, width_px=region.width, height_px=region.height)
