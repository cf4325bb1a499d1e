"""The stimulus devices of one session, from opening to their last report."""

import threading
from collections.abc import Callable

from selfee_rt.config import DeviceConfig, SessionConfig
from selfee_rt.errors import ConfigError
from selfee_rt.protocols import Actuator
from selfee_rt.session.deciding import Round
from selfee_rt.session.device import DeviceStage, Report
from selfee_rt.session.stage import Ready
from selfee_rt.stimuli import DeviceInfo
from selfee_rt.types import SourceInfo

Run = Callable[[str, Callable[[Ready], None]], None]
"""Starts a stage of this name with this body, and returns once it is open."""


class Devices:
    """Every device that a rule uses, each in a thread of its own; they report to `listener`, once there is one."""

    def __init__(
        self,
        config: SessionConfig,
        actuator: Callable[[DeviceConfig], Actuator],
        round_: Round,
        stopping: threading.Event,
    ) -> None:
        self._config = config
        self._actuator = actuator
        self._round = round_
        self._stopping = stopping
        self.stages: dict[str, DeviceStage] = {}
        """By the device's name, those that were opened."""
        self.listener: Callable[[str, Report], None] | None = None

    def open(self, run: Run, source: SourceInfo) -> None:
        """Open them and start their threads.

        Raises:
            DeviceError: one cannot be opened.
            ConfigError: one makes light, and the input is not paced.
            MissingExtra: what it needs is not installed.
        """
        used = {trigger.device for trigger in self._config.trigger}
        for config in self._config.device:
            if config.name in used:
                device = DeviceStage(
                    config.name,
                    self._actuator(config),
                    came_round_ns=lambda: self._round.ns,
                    stopping=self._stopping,
                    report=self._reported,
                )
                self.stages[config.name] = device
                run(stage_name(config.name), device.run)
                check_paced(config.name, device.info, source)

    def _reported(self, device: str, report: Report) -> None:
        if self.listener is not None:
            self.listener(device, report)

    @property
    def infos(self) -> dict[str, DeviceInfo]:
        """What each said of itself."""
        return {name: stage.info for name, stage in self.stages.items()}

    def close(self) -> None:
        """Switch every device off; each ends when it has reported what it had still to do."""
        for stage in self.stages.values():
            stage.close()


def stage_name(device: str) -> str:
    """Name of the stage that owns a device."""
    return f"device {device}"


def check_paced(name: str, device: DeviceInfo, source: SourceInfo) -> None:
    """Refuse a device that makes light behind input that is not at the speed of the animal.

    Raises:
        ConfigError: it is so.
    """
    if device.makes_light and not source.paced:
        raise ConfigError(
            [
                f"device {name!r} makes light, and {source.name} is not read at the speed at which it was recorded; "
                'replay it with speed 1, or rehearse with a device of kind = "null"'
            ]
        )
