"""`pulse` of a rule: the shape of one stimulus."""

from typing import Annotated

from pydantic import Field, model_validator

from selfee_rt.config.base import Settings

US_PER_MS, US_PER_S = 1000, 1_000_000

PulseMs = Annotated[float, Field(ge=0.001, le=3_600_000)]


class PulseConfig(Settings):
    """One pulse of `on_ms`, or a train of shorter ones in that time. Devices time it in whole microseconds."""

    on_ms: PulseMs
    """Length of the whole."""
    frequency_hz: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Pulses per second; None: a single pulse."""
    width_ms: PulseMs | None = None
    """Length of one pulse of a train."""

    @property
    def width_us(self) -> int:
        """Length of one pulse."""
        return round((self.on_ms if self.width_ms is None else self.width_ms) * US_PER_MS)

    @property
    def period_us(self) -> int:
        """From the start of one pulse to that of the next; of a single pulse its width."""
        return self.width_us if self.frequency_hz is None else round(US_PER_S / self.frequency_hz)

    @property
    def pulses(self) -> int:
        """How many there are: those that end within `on_ms`."""
        return (round(self.on_ms * US_PER_MS) - self.width_us) // self.period_us + 1

    @property
    def light_s(self) -> float:
        """The dose of one stimulus: the sum of its pulses' widths."""
        return self.pulses * self.width_us / US_PER_S

    @model_validator(mode="after")
    def _is_a_train_or_not(self) -> "PulseConfig":
        frequency, width = self.frequency_hz, self.width_ms
        if frequency is None and width is None:
            return self
        if frequency is None or width is None:
            raise ValueError("a train needs both frequency_hz and width_ms; give both, or neither for one pulse")
        if width > self.on_ms:
            raise ValueError(f"width_ms {width:g} is longer than on_ms {self.on_ms:g}; shorten the pulses")
        if self.width_us >= self.period_us:
            raise ValueError(
                f"pulses of {width:g} ms at {frequency:g} Hz leave no pause; expected width_ms below "
                f"{1000 / frequency:g}, or leave frequency_hz and width_ms out for one pulse"
            )
        return self
