"""What session.json says of stimuli: devices, rules, and whether people were to be kept blind."""

import msgspec

from selfee_rt.stimuli import DeviceInfo, Train


class DeviceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One stimulus device, and what it said of itself when it was opened."""

    name: str
    """Its name in the configuration."""
    info: DeviceInfo


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One rule as it was resolved."""

    name: str
    arena: str
    device: str
    subject: str | None
    """Whose limits it shares with other rules; None: the session's only animal, which has no name."""
    train: Train
    seed: int | None
    """Of the order of shams and of the jitter; None: blinded, it is in blinding.json."""


class StimulationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The stimuli of a session with rules."""

    devices: tuple[DeviceRecord, ...]
    rules: tuple[RuleRecord, ...]
    blind: bool = False
    blinding_sha256: str | None = None
    """Hexadecimal, of the bytes of blinding.json; None: not blinded."""
