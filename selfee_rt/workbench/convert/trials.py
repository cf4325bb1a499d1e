"""The table of decisions: what each rule decided, on what evidence, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from selfee_rt.folder import RuleRecord, SessionFolder
from selfee_rt.stimuli import Delivery, Trigger, Verdict
from selfee_rt.workbench.convert.table import Column, HostTimes, Table, milliseconds, seconds

COLUMNS = (
    Column("trigger_id", "counts the session's decisions from 1"),
    Column("rule", "name of the rule"),
    Column("arena", "arena that it looks at"),
    Column("subject", "animal whose limits it shares; empty: the session's only one, without a name"),
    Column("device", "name of the device"),
    Column("origin", "what made it: when (the condition), schedule, yoked, or test (a person)"),
    Column("verdict", "fired and sham are trials, and so is blinded: one of both; limited, refractory, late and "
           "disarmed are not"),
    Column("trial", "counts the rule's trials from 1, on from a session that is continued; empty: not a trial"),
    Column("why", "why not, or why it was not delivered"),
    Column("evidence", "what the rule looked at, as a JSON object"),
    Column("frame_index", "exposure whose observation was decisive, counted from 0"),
    Column("newest_index", "newest exposure that was needed"),
    Column("media_s", "time of the newest exposure on the stream's own clock, s"),
    Column("wall_clock", "when it was decided, ISO 8601, the recording computer's time zone"),
    Column("decided_s", "when it was decided, s since the session started"),
    Column("sent_s", "when the command left for the device, s since the session started; empty: never"),
    Column("acknowledged_s", "when the device's confirmation came, s since the session started; empty: none came"),
    Column("device_us", "the device's own clock when the first pulse began, or would have, of a sham; µs"),
    Column("decision_to_acknowledged_ms", "from the decision to the confirmation, ms"),
    Column("age_ms", "from the newest exposure's capture to the decision, ms"),
    Column("outcome", "what became of a trial: acknowledged, sent (the device confirms nothing), late, refused, failed "
           "or disarmed; empty: not a trial, or the session was killed first"),
    Column("train_width_us", "length of a pulse of the rule's train, µs"),
    Column("train_period_us", "from the start of a pulse to that of the next, µs"),
    Column("train_pulses", "pulses in the train"),
    Column("train_light_s", "light that the whole train makes, s; a sham's is withheld"),
)  # fmt: skip


def trials_table(session: SessionFolder, truth: Mapping[int, Verdict]) -> Table:
    """One row per decision, in their order; `truth` has the verdicts that are told instead of blinded, by trigger_id.

    Raises:
        FolderError: the log is damaged.
    """
    return Table("trials", "Every decision of a rule, also not to fire.", COLUMNS, _rows(session, truth))


def _rows(session: SessionFolder, truth: Mapping[int, Verdict]) -> Iterator[Sequence[Any]]:
    stimulation, times = session.record.stimulation, HostTimes(session.record.started)
    rules = {} if stimulation is None else {rule.name: rule for rule in stimulation.rules}
    deliveries = {delivery.trigger_id: delivery for delivery in session.deliveries()}
    for trigger in session.triggers():
        delivery = deliveries.get(trigger.trigger_id)
        yield (
            *_decided(trigger, rules.get(trigger.rule), truth.get(trigger.trigger_id, trigger.verdict), delivery),
            *_times(trigger, delivery, times),
            None if delivery is None else delivery.outcome,
            *_train(rules.get(trigger.rule)),
        )


def _decided(t: Trigger, rule: RuleRecord | None, verdict: Verdict, delivery: Delivery | None) -> Sequence[Any]:
    subject = None if rule is None else rule.subject
    why = t.why or ("" if delivery is None else delivery.why)
    evidence = msgspec.json.encode(t.evidence).decode()
    return (t.trigger_id, t.rule, t.arena, subject, t.device, t.origin, verdict, t.trial, why, evidence)


def _times(trigger: Trigger, delivery: Delivery | None, times: HostTimes) -> Sequence[Any]:
    sent_ns = None if delivery is None else delivery.sent_ns
    acknowledged_ns = None if delivery is None else delivery.acknowledged_ns
    return (
        trigger.frame_index,
        trigger.newest_index,
        seconds(trigger.media_ns),
        times.wall_clock(trigger.decided_ns),
        times.seconds(trigger.decided_ns),
        times.seconds(sent_ns),
        times.seconds(acknowledged_ns),
        None if delivery is None else delivery.device_us,
        milliseconds(None if acknowledged_ns is None else acknowledged_ns - trigger.decided_ns),
        milliseconds(trigger.decided_ns - trigger.newest_captured_ns),
    )


def _train(rule: RuleRecord | None) -> Sequence[Any]:
    if rule is None:
        return (None, None, None, None)
    train = rule.train
    return (train.width_us, train.period_us, train.pulses, seconds(train.light_us * 1000))
