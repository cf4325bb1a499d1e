"""What a session's rules are given before it starts."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from selfee_rt.build.continued import Continuation, continuation
from selfee_rt.clock import now_ns
from selfee_rt.config import TriggerConfig
from selfee_rt.folder import Anchor
from selfee_rt.types import Action

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
    rules = {name: {"trials": each.trials, "light_us": each.light_us} for name, each in before.history.rules.items()}
    arguments = {"session_id": before.session_id, "folder": str(before.folder), "gap_s": before.gap_s, "rules": rules}
    said = f"continues {before.folder.name} after a gap of {before.gap_s:.1f} s, disarmed"
    return Action(now_ns(), 0, "continued", arguments, said)
