"""What a session folder says, as what the session said when it ran."""

from collections.abc import Iterator
from dataclasses import dataclass

from selfee_rt.folder import SessionFolder
from selfee_rt.types import Loss
from selfee_rt.view.summary import stimulation
from selfee_rt.view.vitals import LOSSES_EVERY_S
from selfee_rt.wire import Message
from selfee_rt.wire import make as messages
from selfee_rt.wire.hops import EXPECTED_LOSSES


@dataclass(frozen=True, slots=True)
class Lost:
    """Exposures that were lost at one hop within a few seconds."""

    hop: str
    first_index: int
    count: int


Said = tuple[int, str, Message | Lost]
"""Exposure, topic, message."""


def observations(session: SessionFolder) -> Iterator[Said]:
    """What was observed."""
    for each in session.observations():
        yield each.exposure.index, f"observation.{each.arena}", messages.observation(each, session.record.session_id)


def revisions(session: SessionFolder) -> Iterator[Said]:
    """What was judged again."""
    for each in session.revisions():
        yield each.newest_index, f"revision.{each.arena}", messages.revision(each, session.record.session_id)


def bouts(session: SessionFolder) -> Iterator[Said]:
    """Bouts that ended."""
    for each in session.bouts():
        yield each.stop_index, f"bout.{each.arena}", messages.bout(each, session.record.session_id)


def actions(session: SessionFolder) -> Iterator[Said]:
    """What people and clients did."""
    for each in session.actions():
        yield each.frame_index, "log", messages.log(each, session.record.session_id)


def triggers(session: SessionFolder) -> Iterator[Said]:
    """What rules decided, and what became of it."""
    session_id, told = session.record.session_id, stimulation(session.record)
    rules = {} if told is None else {each.name: each for each in told.rules}
    delivered = {each.trigger_id: each for each in session.deliveries()}
    for each in session.triggers():
        yield each.frame_index, f"trigger.{each.arena}", messages.trigger(each, session_id)
        delivery, rule = delivered.get(each.trigger_id), rules.get(each.rule)
        if delivery is not None and rule is not None:
            said = messages.delivery(delivery, rule, session_id, index=each.frame_index)
            yield each.frame_index, f"delivery.{each.arena}", said


def losses(session: SessionFolder) -> Iterator[Said]:
    """What was lost in the first arena, hop by hop; losses that follow each other closely are told together."""
    within = round(LOSSES_EVERY_S * session.record.source.fps)
    open_of: dict[str, Lost] = {}
    for loss in sorted(session.losses(session.record.arenas[0]), key=lambda each: each.first_index):
        if loss.hop in EXPECTED_LOSSES:
            continue
        known = open_of.get(loss.hop)
        if known is not None and loss.first_index - known.first_index >= within:
            yield known.first_index, "", known
            known = None
        open_of[loss.hop] = _added(known, loss)
    for each in open_of.values():
        yield each.first_index, "", each


def _added(known: Lost | None, loss: Loss) -> Lost:
    first, count = (loss.first_index, 0) if known is None else (known.first_index, known.count)
    return Lost(loss.hop, first, count + loss.count)
