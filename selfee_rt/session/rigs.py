"""What a session's rules and devices are given before it starts."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.config import SessionConfig, TriggerConfig
from selfee_rt.build.continued import Continuation, continuation
from selfee_rt.folder import Anchor
from selfee_rt.session.device import DeviceStage
from selfee_rt.session.stimulation import Rig
from selfee_rt.stimuli import DeviceLimits
from selfee_rt.trigger.train import train_of
from selfee_rt.types import Action

US_PER_S = 1_000_000
US_PER_MS = 1000
SEED_BITS = 63


def drawn_seeds(triggers: Iterable[TriggerConfig]) -> dict[str, int]:
    """Per rule its seed, drawn where the configuration leaves it open."""
    return {each.name: secrets.randbits(SEED_BITS) if each.seed is None else each.seed for each in triggers}


def taken_over(folder: Path | None, anchor: Anchor) -> Continuation | None:
    """What the session in `folder`, if there is one, leaves to the one that began at `anchor`.

    Raises:
        FolderError: it cannot be read.
    """
    return None if folder is None else continuation(folder, datetime.fromisoformat(anchor.utc))


def continued_action(before: Continuation) -> Action:
    """What the log says of it."""
    rules = {name: {"trials": each.trials, "light_us": each.light_us} for name, each in before.earlier.items()}
    arguments = {"session_id": before.session_id, "folder": str(before.folder), "gap_s": before.gap_s, "rules": rules}
    said = f"continues {before.folder.name} after a gap of {before.gap_s:.1f} s, disarmed"
    return Action(now_ns(), 0, "continued", arguments, said)


def rigs_of(config: SessionConfig, devices: Mapping[str, DeviceStage]) -> dict[str, Rig]:
    """Each rule's device, and the limits that the device enforces by itself."""
    return {each.name: Rig(devices[each.device], limits_of(each, config)) for each in config.trigger}


def limits_of(trigger: TriggerConfig, config: SessionConfig) -> DeviceLimits:
    """What a device enforces for one rule.

    Decisions lie at least the refractory time apart, and each reaches the device at most `max_age_ms` later, so on the
    device's clock they may follow each other that much sooner. Light without a limit is bounded by the time armed.
    """
    assert config.stimulation.arm_for_s is not None  # the configuration was checked
    train = train_of(trigger.pulse)
    bounds = [trigger.limits.total_on_s, config.stimulation.subject_limits.total_on_s, config.stimulation.arm_for_s]
    refractory_us = round(max(trigger.refractory_ms - trigger.max_age_ms, 0) * US_PER_MS)
    return DeviceLimits(
        arm_for_ms=round(config.stimulation.arm_for_s * NS_PER_S / NS_PER_MS),
        light_budget_us=round(min(each for each in bounds if each is not None) * US_PER_S),
        refractory_us=max(refractory_us, train.length_us),
    )
