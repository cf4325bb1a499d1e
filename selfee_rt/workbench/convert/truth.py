"""Which trials of a blinded session were sham."""

from datetime import datetime

from selfee_rt.config import TriggerConfig
from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder, log_unblinding, read_blinding
from selfee_rt.stimuli import Verdict
from selfee_rt.trigger.shams import Shams


def unblind(session: SessionFolder, who: str, why: str, at: datetime) -> dict[int, Verdict]:
    """Log in the session folder who looks and why, then return what each blinded trial was, by its trigger_id.

    What is not whole is refused before anything is logged; nothing is told before it is.

    Raises:
        ConfigError: the session is not blinded.
        FolderError: blinding.json is missing or was changed, or it cannot be logged.
    """
    stimulation = session.record.stimulation
    if stimulation is None or stimulation.blinding_sha256 is None:
        raise ConfigError(
            [f"{session.path} is not blinded, its trials are fired and sham already; leave out --unblind"]
        )
    orders = _orders(session, read_blinding(session.path, stimulation.blinding_sha256))
    told: dict[int, Verdict] = {}
    for trigger in session.triggers():
        if trigger.verdict == "blinded" and trigger.trial is not None:
            told[trigger.trigger_id] = "sham" if orders[trigger.rule].withheld(trigger.trial - 1) else "fired"
    log_unblinding(session.path, who, why, at)
    return told


def _orders(session: SessionFolder, seeds: dict[str, int]) -> dict[str, Shams]:
    rules = [TriggerConfig.model_validate(each) for each in session.record.config["trigger"]]
    return {each.name: Shams(each.sham_fraction, block=each.sham_block, seed=seeds[each.name]) for each in rules}
