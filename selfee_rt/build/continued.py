"""What a session leaves to the one that continues it: what it was taught, and what its rules have done."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from selfee_rt.clock import NS_PER_S
from selfee_rt.errors import FolderError
from selfee_rt.folder import Anchor, RuleRecord, SessionFolder, SessionRecord, read_blinding
from selfee_rt.observe.recent import Recent, Stretch
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.teaching import Teachings
from selfee_rt.stimuli import TRIALS, Trigger
from selfee_rt.trigger.history import Earlier, History
from selfee_rt.trigger.limits import MINUTE_NS
from selfee_rt.types import Action, Embeddings, read_only

TEACHING = ("label", "undo", "retract")


def chain(folder: Path) -> tuple[Path, ...]:
    """A session's folder and those that it continues, oldest first.

    Raises:
        FolderError: one of them is not where it was.
    """
    found = [folder]
    with SessionFolder(folder) as session:
        before, session_id = session.record.continues, session.record.session_id
    while before is not None:
        path = Path(before.path)
        with SessionFolder(path) as session:
            if session.record.session_id != before.session_id:
                raise FolderError(
                    f"{path} holds another session than the one that {session_id} continues; put that one back"
                )
            found.append(path)
            before, session_id = session.record.continues, session.record.session_id
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Continuation:
    """What is taken over from a session and those that it continued."""

    folder: Path
    session_id: str
    gap_s: float
    """From its last exposure that was accounted for to the start of the one that continues it, by the wall clock."""
    seeds: dict[str, int]
    """Per rule: the order of shams goes on."""
    history: History
    """What its rules did."""


def continuation(folder: Path, now: datetime) -> Continuation:
    """What a session that begins `now` takes over from the one in `folder`.

    Raises:
        FolderError: it cannot be read, or one that it continues is not where it was.
    """
    earlier: dict[str, list[Trigger]] = {}
    began_ns: dict[str, list[int]] = {}
    light_us: Counter[str] = Counter()
    unlogged: Counter[str] = Counter()
    first_ns: int | None = None
    for path in chain(folder):
        with SessionFolder(path) as session:
            record = session.record
            rules = () if record.stimulation is None else record.stimulation.rules
            trains = {rule.name: rule.train for rule in rules}
            for trigger in session.triggers():
                earlier.setdefault(trigger.rule, []).append(trigger)
                if trigger.verdict in TRIALS:
                    began_ns.setdefault(trigger.rule, []).append(_before(record.started, trigger.decided_ns, now))
                    light_us[trigger.rule] += trains[trigger.rule].light_us
            for rule, at_ns in _unlogged(session, rules):
                unlogged[rule] += 1
                earlier.setdefault(rule, [])
                began_ns.setdefault(rule, []).append(_before(record.started, at_ns, now))
                light_us[rule] += trains[rule].light_us
            last_ns = _last_ns(session)
            if first_ns is None:
                first_ns = _first_ns(session, now)
    gap_s = -_before(record.started, last_ns, now) / NS_PER_S
    return Continuation(
        folder=folder.resolve(),
        session_id=record.session_id,
        gap_s=gap_s,
        seeds=seeds_of(folder, record),
        history=History(
            elapsed_ns=0 if first_ns is None else -first_ns,
            rules={
                rule: Earlier(
                    trials=sum(each.verdict in TRIALS and each.origin != "test" for each in triggers) + unlogged[rule],
                    light_us=light_us[rule],
                    began_ns=_lately(began_ns.get(rule, [])),
                    planned=sum(each.origin in ("schedule", "yoked") for each in triggers),
                )
                for rule, triggers in earlier.items()
            },
        ),
    )


def seeds_of(folder: Path, record: SessionRecord) -> dict[str, int]:
    """Seed of each rule of a session, blinded or not.

    Raises:
        FolderError: the session is blinded and blinding.json is missing or was changed.
    """
    stimulation = record.stimulation
    if stimulation is None:
        return {}
    if stimulation.blinding_sha256 is not None:
        return read_blinding(folder, stimulation.blinding_sha256)
    return {rule.name: rule.seed for rule in stimulation.rules if rule.seed is not None}


def _unlogged(session: SessionFolder, rules: Iterable[RuleRecord]) -> Iterator[tuple[str, int]]:
    """Rule and time of trials whose delivery reached the log of a killed session, and whose decision did not."""
    logged = {trigger.trigger_id for trigger in session.triggers()}
    rule_of = {rule.device: rule.name for rule in rules}
    for delivery in session.deliveries():
        if delivery.trigger_id not in logged:
            yield rule_of[delivery.device], delivery.at_ns


def _first_ns(session: SessionFolder, now: datetime) -> int | None:
    """When the newest exposure of the first observation was captured, seen from `now`; None: there was none."""
    first = next(session.observations(), None)
    return None if first is None else _before(session.record.started, first.exposure.newest_captured_ns, now)


def _last_ns(session: SessionFolder) -> int:
    """Host time of the last exposure that arrived; of the start, where none did."""
    return max((each.captured_ns for each in session.exposures()), default=session.record.started.host_ns)


def _before(started: Anchor, host_ns: int, now: datetime) -> int:
    """When it was, seen from `now`: negative, in ns by the wall clock; one that was set back makes it just before."""
    since_start_ns = (now - datetime.fromisoformat(started.utc)) // timedelta(microseconds=1) * 1000
    return min(host_ns - started.host_ns - since_start_ns, -1)


def _lately(began_ns: list[int]) -> tuple[int, ...]:
    """Those of the last minute, and the last in any case."""
    return tuple(each for each in began_ns if each > -MINUTE_NS) or tuple(began_ns[-1:])


def taught_in(folder: Path, known: Reference, most_exposures: int) -> Teachings:
    """What held at the end of a session of all that was taught in it and in those that it continues.

    Raises:
        FolderError: something was taught, and its embeddings were not stored.
    """
    teachings = Teachings(known, most_exposures)
    for each in chain(folder):
        with SessionFolder(each) as session:
            actions = [action for action in session.actions() if action.action in TEACHING]
            for action in actions:
                teachings = _after(teachings, action, session)
    return teachings


def _after(teachings: Teachings, action: Action, session: SessionFolder) -> Teachings:
    arguments = action.arguments
    if action.action != "label":
        return teachings.without(teachings.find(arguments["teaching_id"]))
    stretch = _stretch(session, arguments["arena"], arguments["first_index"], arguments["last_index"])
    return teachings.with_label(arguments["arena"], arguments["label"], stretch)


def _stretch(session: SessionFolder, arena: str, first_index: int, last_index: int) -> Stretch:
    store = session.embedding_store
    if store is None or store.every != 1:
        raise FolderError(
            f"{session.path} was taught, but not every embedding was stored, so it cannot be taught again; "
            "start a session of its own, with a reference from save_reference if there is one"
        )
    recent = Recent((arena,), capacity=None)
    stored = zip(session.embeddings(arena), session.observations(arena), strict=True)
    for (_, vector), said in stored:
        if first_index <= said.label_index <= last_index:
            at = (said.exposure, read_only(vector[np.newaxis]), store.model_id, said.composed_ns, said.embedded_ns)
            recent.push(Embeddings(*at, image_stats=None), (said,))
    return recent.stretch(arena, first_index, last_index)
