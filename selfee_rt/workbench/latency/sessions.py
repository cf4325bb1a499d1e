"""The sessions that a self-test runs: ordinary ones, with one rule and no camera or animal of their own."""

from dataclasses import dataclass
from pathlib import Path

from selfee_rt.config import (
    ArenaConfig,
    BaslerConfig,
    DeviceConfig,
    LedConfig,
    MicrocontrollerConfig,
    ModelConfig,
    ObserveConfig,
    PublishConfig,
    PulseConfig,
    RecordConfig,
    Region,
    ScheduleConfig,
    SelfeeAnomalyConfig,
    SessionConfig,
    StimulationConfig,
    StreamConfig,
    SyntheticConfig,
    TriggerConfig,
)
from selfee_rt.errors import ConfigError
from selfee_rt.types import ImageStats
from selfee_rt.workbench.embedding import OpenRecording
from selfee_rt.workbench.latency.probes import ProbePlan

RULE = "latency self-test"
ANY_PORT = PublishConfig(observations="tcp://127.0.0.1:*", control="tcp://127.0.0.1:*", preview="tcp://127.0.0.1:*")
OLDEST_MS = 2000.0
"""Slower responses are logged as late."""
RESPONSE = PulseConfig(on_ms=5)
LOOK_S = 2.0
"""How much of the synthetic arena is looked at to tell light from darkness."""
SPILL, BRIGHTNESS = 40.0, 200.0
ARMED_LONGER_S = 120.0
NEVER_EXCEEDED = 1e9
"""A threshold of our own, since the reference's is for one frame rate only."""


def usual(model: Path | None) -> SessionConfig:
    """What is measured without a configuration: the demo's model and detector, or another model and nothing else."""
    if model is not None:
        return SessionConfig(source=SyntheticConfig(), model=ModelConfig(file=model))
    any_rate = SelfeeAnomalyConfig(threshold=NEVER_EXCEEDED)
    return SessionConfig(source=SyntheticConfig(), observe=ObserveConfig(detector=(any_rate,)))


@dataclass(frozen=True, slots=True)
class SoftwareLoop:
    """Flashes in the synthetic arena, and a rule about its brightness."""

    plan: ProbePlan
    width_px: int
    height_px: int
    fps: float
    model: ModelConfig
    observe: ObserveConfig
    device: DeviceConfig

    def session(self, folder: Path) -> SessionConfig:
        """The session's configuration.

        Raises:
            ModelError: the model cannot be used, or does not fit the frame rate.
        """
        plan, arena = self.plan, ArenaConfig(name="arena")
        source = self._source(plan.at_s(), plan.on_ms, plan.seconds())
        return SessionConfig(
            source=source,
            arena=(arena,),
            model=self.model,
            observe=self.observe,
            publish=ANY_PORT,
            record=RecordConfig(folder=folder, video="none"),
            device=(self.device,),
            trigger=(
                TriggerConfig(
                    name=RULE,
                    device=self.device.name,
                    when=f"brightness > {self._threshold(arena):.1f}",
                    pulse=RESPONSE,
                    max_age_ms=OLDEST_MS,
                    seen_in=(),
                ),
            ),
            stimulation=StimulationConfig(arm_for_s=plan.seconds() + ARMED_LONGER_S),
        )

    def _source(self, at_s: tuple[float, ...], on_ms: float, seconds: float) -> SyntheticConfig:
        led = LedConfig(
            at_s=at_s,
            on_ms=on_ms,
            x=self.width_px / 2,
            y=self.height_px / 2,
            radius_px=min(self.width_px, self.height_px) / 16,
            brightness=BRIGHTNESS,
            spill=SPILL,
        )
        return SyntheticConfig(
            width_px=self.width_px, height_px=self.height_px, fps=self.fps, seconds=seconds, speed=1.0, led=led
        )

    def _threshold(self, arena: ArenaConfig) -> float:
        """Midway between the brightest picture without and the darkest with the flash."""
        lit = self._source((0.0,), 2 * LOOK_S * 1000, LOOK_S)
        return (max(self._greys(lit.model_copy(update={"led": None}), arena)) + min(self._greys(lit, arena))) / 2

    def _greys(self, source: SyntheticConfig, arena: ArenaConfig) -> list[float]:
        """Mean grey value of each live frame, as rules see it."""
        unpaced = source.model_copy(update={"speed": "max"})
        with OpenRecording(unpaced, self.model, arena) as recording:
            return [float(live.image_stats[0, ImageStats.MEAN]) for live in recording.live_frames()]


@dataclass(frozen=True, slots=True)
class CameraLoop:
    """The user's own session, with no rule but lights at random times."""

    base: SessionConfig
    plan: ProbePlan
    device: MicrocontrollerConfig
    arena: ArenaConfig
    """Where the light is looked for."""

    @staticmethod
    def of(config: SessionConfig, device: str, plan: ProbePlan, region: Region | None) -> "CameraLoop":
        """The loop of the first arena, or of the pixels `region` in its place.

        Raises:
            ConfigError: the source is no camera, or the device is none that can mark a response.
        """
        problems = []
        if not isinstance(config.source, StreamConfig | BaslerConfig):
            problems.append(
                f"source: the camera loop needs a camera that sees the device's LED, got kind {config.source.kind!r}; "
                "give the configuration of a camera, or measure the software loop with --software"
            )
        chosen = [each for each in config.device if each.name == device]
        board = chosen[0] if chosen and isinstance(chosen[0], MicrocontrollerConfig) else None
        if board is None:
            boards = [each.name for each in config.device if isinstance(each, MicrocontrollerConfig)]
            problems.append(
                f"device {device!r} is {f'of kind {chosen[0].kind!r}' if chosen else 'not there'}, and the camera loop "
                f"needs one of kind 'microcontroller', whose clock times both edges; got: {', '.join(boards) or 'none'}"
            )
        if problems or board is None:
            raise ConfigError(problems)
        arena = config.arena[0] if region is None else config.arena[0].model_copy(update={"region": region})
        return CameraLoop(config, plan, board, arena.model_copy(update={"invert": False}))

    def session(self, folder: Path) -> SessionConfig:
        """The session's configuration; everything else in it is as the user has it."""
        plan = self.plan
        lights = TriggerConfig(
            name=RULE,
            arena=self.arena.name,
            device=self.device.name,
            schedule=ScheduleConfig(at_s=plan.at_s()),
            pulse=PulseConfig(on_ms=plan.on_ms),
            max_age_ms=plan.pause_ms[0],
            seen_in=(),
        )
        changed = {
            "arena": (self.arena, *self.base.arena[1:]),
            "publish": ANY_PORT,
            "record": self.base.record.model_copy(update={"folder": folder}),
            "device": (self.device,),
            "trigger": (lights,),
            "stimulation": StimulationConfig(arm_for_s=plan.seconds() + ARMED_LONGER_S),
            "seconds": plan.seconds(),
        }
        kept = {name: getattr(self.base, name) for name in SessionConfig.model_fields}
        return SessionConfig.model_validate(kept | changed)
