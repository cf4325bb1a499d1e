"""What a session opens at its two ends, and who decides between them; a self-test puts its own in their place."""

from selfee_rt import build
from selfee_rt.config import DeviceConfig, SessionConfig, SyntheticConfig
from selfee_rt.decide import Rules
from selfee_rt.light import Light
from selfee_rt.protocols import Actuator, Source


class Parts:
    """Makes them as the configuration says. Where the picture shows a simulated device's light, both share it."""

    def __init__(self, config: SessionConfig) -> None:
        self._source = config.source
        led = config.source.led if isinstance(config.source, SyntheticConfig) else None
        self._seen = None if led is None else led.device
        self._light = Light()

    def source(self) -> Source:
        """Where frames come from, not yet open."""
        return build.source(self._source) if self._seen is None else build.source(self._source, self._light)

    def actuator(self, config: DeviceConfig) -> Actuator:
        """One device, not yet open.

        Raises:
            MissingExtra: what it needs is not installed.
        """
        return build.actuator(config, self._light) if config.name == self._seen else build.actuator(config)

    def rules(self, rules: Rules | None) -> Rules | None:
        """What is asked after each exposure, given the rules of the configuration."""
        return rules
