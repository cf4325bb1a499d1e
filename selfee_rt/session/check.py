"""What a configuration would mean on this machine, and everything that is wrong with it, without running it."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from selfee_rt import build
from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.interval import FrameInterval
from selfee_rt.config import SessionConfig
from selfee_rt.errors import ConfigError, EndOfStream
from selfee_rt.protocols import Source
from selfee_rt.record.video import VideoRecorder
from selfee_rt.session.before import drawn_seeds
from selfee_rt.session.device import LEASE_MS
from selfee_rt.session.devices import check_paced
from selfee_rt.session.plan import Plan, attempt, make_plan
from selfee_rt.stimuli import DeviceInfo
from selfee_rt.types import Loss, SourceInfo

SAMPLE_S = 2.0
"""Length of the recording that the video's size is estimated from."""
MOST_SAMPLES = 120
MOST_WAIT_S = 5.0
"""How long the sample may take to arrive."""
TIMED_EMBEDDINGS = 30
LOG_BYTES_PER_EXPOSURE = 200
LOG_BYTES_PER_OBSERVATION = 300
S_PER_HOUR = 3600
GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a session would be like on this machine."""

    plan: Plan
    info: SourceInfo
    interval: FrameInterval
    embed_ms: float
    """Median time of one inference with all arenas, with nothing else running."""
    video_bytes_per_s: float
    """Measured on the source's first seconds; 0 where no video is recorded."""
    devices: Mapping[str, DeviceInfo]
    """What each stimulus device said of itself; they were opened and closed again."""

    @property
    def load(self) -> float:
        """Part of the time between two exposures that inference takes; above 1 exposures would be lost."""
        return self.embed_ms * self.info.fps / 1000

    @property
    def length_s(self) -> float | None:
        """How long the session would last by itself; None: it has no end of its own."""
        recorded = None if self.info.frames is None else self.info.frames / self.info.fps
        ends = [each for each in (self.plan.config.seconds, recorded) if each is not None]
        return min(ends, default=None)

    @property
    def gb_per_hour(self) -> float:
        """What the session folder grows by."""
        config, fps = self.plan.config, self.info.fps
        arenas = len(config.arena)
        per_exposure: float = LOG_BYTES_PER_EXPOSURE + arenas * LOG_BYTES_PER_OBSERVATION
        if config.record.embeddings_every:
            per_exposure += arenas * 2 * self.plan.card.embedding_dim / config.record.embeddings_every
        return (self.video_bytes_per_s + per_exposure * fps) * S_PER_HOUR / GIGABYTE


def expect(config: SessionConfig) -> Expectation:
    """Open everything once, measure, and close it again; nothing is left behind.

    Raises:
        ConfigError: with every problem that was found.
    """
    problems: list[str] = []
    plan = attempt(problems, make_plan, config)
    source = build.source(config.source)
    try:
        info = attempt(problems, source.open)
        if info is not None:
            interval = _fit_to_source(problems, config, plan, info)
        devices = _devices(problems, config, info)
        if problems or plan is None or info is None or interval is None:
            raise ConfigError(problems)
        embed_ms = _embed_ms(plan)
        problems += too_slow(config, devices, embed_ms)
        if problems:
            raise ConfigError(problems)
        video = _video_bytes_per_s(plan, info, source) if plan.records_video else 0.0
        return Expectation(plan, info, interval, embed_ms, video, devices)
    finally:
        source.close()


def _fit_to_source(
    problems: list[str], config: SessionConfig, plan: Plan | None, info: SourceInfo
) -> FrameInterval | None:
    """Frame interval of the plan at this source; adds what does not fit, regions also where there is no plan."""
    if plan is None:
        for arena in config.arena:
            attempt(problems, Cutout, arena, (info.height_px, info.width_px))
    else:
        attempt(problems, build.composer, config, plan.card, info, 1, _ignore)
    interval = None if plan is None else attempt(problems, plan.interval, info)
    if plan is not None and interval is not None:
        observers = attempt(problems, build.observers, config, plan.reference, info.fps, 4 * interval.exposures)
        if observers is not None:
            seeds = drawn_seeds(config.trigger)
            attempt(problems, build.rules, config, seeds, observers, info, interval.exposures)
    return interval


def _ignore(loss: Loss) -> None:
    """Nothing is composed here, so nothing is lost."""


def _devices(problems: list[str], config: SessionConfig, source: SourceInfo | None) -> dict[str, DeviceInfo]:
    """Open every device that a rule uses, and close it again."""
    used = {trigger.device for trigger in config.trigger}
    infos = {}
    for device in config.device:
        actuator = attempt(problems, build.actuator, device) if device.name in used else None
        if actuator is not None:
            info = attempt(problems, actuator.open)
            actuator.close()
            if info is not None:
                infos[device.name] = info
            if info is not None and source is not None:
                attempt(problems, check_paced, device.name, info, source)
    return infos


def too_slow(config: SessionConfig, devices: Mapping[str, DeviceInfo], embed_ms: float) -> list[str]:
    """What rules and devices want sooner than the network can say it, a sentence each."""
    problems = [
        f"trigger {each.name!r}: max_age_ms is {each.max_age_ms:g}, and inference takes {embed_ms:.1f} ms on this "
        "machine: every decision would be late; raise max_age_ms, or use a smaller model or a GPU"
        for each in config.trigger
        if embed_ms >= each.max_age_ms
    ]
    if any(each.makes_light for each in devices.values()) and embed_ms >= LEASE_MS:
        problems.append(
            f"inference takes {embed_ms:.1f} ms, and a stimulus device is switched off when nothing is decided for "
            f"{LEASE_MS} ms; use a smaller model or a GPU"
        )
    return problems


def _embed_ms(plan: Plan) -> float:
    config, card = plan.config, plan.card
    embedder = build.embedder(config.model, batch=len(config.arena))
    images = np.zeros((len(config.arena), 3, card.height_px, card.width_px), dtype=np.uint8)
    times = []
    try:
        for _ in range(TIMED_EMBEDDINGS):
            start = now_ns()
            embedder.embed(images)
            times.append(now_ns() - start)
    finally:
        embedder.close()
    return float(np.median(times)) / NS_PER_MS


def _video_bytes_per_s(plan: Plan, info: SourceInfo, source: Source) -> float:
    """Record the first frames into a folder that is removed again."""
    deadline = now_ns() + round(MOST_WAIT_S * NS_PER_S)
    most = min(MOST_SAMPLES, max(2, round(SAMPLE_S * info.fps)))
    recorded = 0
    with tempfile.TemporaryDirectory() as folder:
        recorder = VideoRecorder(Path(folder), plan.config.record, info)
        try:
            while recorded < most and now_ns() < deadline:
                frame = source.read(0.2)
                if frame is not None:
                    recorder.write(frame)
                    recorded += 1
        except EndOfStream:
            pass
        finally:
            recorder.close()
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    return size * info.fps / recorded if recorded else 0.0
