"""The wire: what is said is what the checked-in schemas say."""

import json
from dataclasses import fields
from typing import get_args

import jsonschema
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.folder.rows_stimuli import delivery_row, trigger_row
from selfee_rt.stimuli import Delivery, Order, Outcome, Train, Trigger, Verdict
from selfee_rt.types import Action, Revision
from selfee_rt.wire import make
from selfee_rt.wire.schemas import documents
from tests.publish import samples
from tests.publish.clients import strict_json
from tests.stimuli import delivery, trigger
from tests.support import ROOT

SCHEMAS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "docs/schemas").glob("*.json")}
VALIDATORS = {name: jsonschema.Draft202012Validator(schema) for name, schema in SCHEMAS.items()}

RULE = wire.RuleSummary(name="song", arena="left", device="led", condition="song > 0.8")
NUMBERS = st.one_of(st.none(), st.floats(), st.floats().map(np.float64), st.floats(width=32).map(np.float32))


def check(name: str, message: object) -> dict:
    """Encode, decode strictly, compare with the checked-in schema."""
    document = strict_json(wire.encode(message))
    VALIDATORS[name].validate(document)
    return document


def test_the_checked_in_schemas_are_those_of_the_structs() -> None:
    assert json.loads(json.dumps(documents())) == SCHEMAS, "run tools/make_schemas.py"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_schema_is_a_valid_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


def test_session_and_status_follow_their_schemas() -> None:
    assert check("session", samples.session())["schema"] == "selfee_rt.session.1"
    document = check("status", samples.status())
    assert document["stages"][0]["max_ms"] is None, "nan is null on the wire"
    assert document["stimulation"]["rule a"]["verdicts"] == {"fired": 2, "sham": 1, "late": 4}


def test_a_session_without_rules_follows_its_schema() -> None:
    none = msgspec.structs.replace(samples.session(), stimulation=None)
    assert check("session", none)["stimulation"] is None


@given(
    probabilities=st.none() | st.lists(NUMBERS, max_size=4).map(tuple),
    scores=st.dictionaries(st.text(max_size=5), NUMBERS, max_size=3),
    alarm=st.sampled_from([None, True, False, np.True_]),
    label=st.none() | st.text(max_size=8),
)
def test_any_observation_follows_its_schema(probabilities, scores, alarm, label) -> None:
    item = samples.observation(probabilities=probabilities, scores=scores, alarm=alarm, label=label)
    document = check("observation", make.observation(item, "s", 3))
    assert (document["index"], document["newest_index"], document["seq"]) == (10, 12, 3)
    for name, score in scores.items():
        known = score is not None and np.isfinite(score)
        assert document["scores"][name] == (float(score) if known else None)


def test_an_observation_as_a_struct_holds_plain_numbers_only() -> None:
    item = samples.observation(probabilities=(np.float32(0.5), np.float64("nan")), scores={"x": np.float32(2)})
    message = make.observation(item, "s")
    assert [type(each) for each in (*message.probabilities, *message.scores.values())] == [float, type(None), float]
    msgspec.to_builtins(message)


@given(index=st.integers(0, 2**40), value=st.one_of(st.floats(), st.integers().map(str), st.just(np.int64(4))))
def test_any_bout_and_action_follow_their_schemas(index: int, value: object) -> None:
    assert check("bout", make.bout(samples.bout(stop_index=index + 5), "s"))["index"] == index + 5
    action = Action(1, index, "mark", {"text": value}, "done")
    assert check("log", make.log(action, "s"))["index"] == index


@given(index=st.integers(0, 2**40), probabilities=st.one_of(st.none(), st.tuples(st.floats(), st.floats())))
def test_any_revision_follows_its_schema(index: int, probabilities: tuple[float, float] | None) -> None:
    item = Revision("a", index, 40 * index, None, probabilities, index + 9, 2)
    message = check("revision", make.revision(item, "s"))
    assert (message["index"], message["label_index"], message["revision"]) == (index + 9, index, 2)


@given(
    verdict=st.sampled_from(get_args(Verdict)),
    index=st.integers(0, 2**40),
    trial=st.none() | st.integers(1, 10**6),
    evidence=st.dictionaries(st.text(max_size=5), NUMBERS | st.text(max_size=5) | st.booleans(), max_size=3),
)
def test_any_decision_follows_its_schema_and_says_all_there_is_to_say(verdict, index, trial, evidence) -> None:
    item = trigger(verdict=verdict, frame_index=index, trial=trial, evidence=evidence)
    document = check("trigger", make.trigger(item, "s", 2))
    assert (document["index"], document["seq"]) == (index, 2)
    for field in fields(Trigger):
        if field.name not in ("frame_index", "evidence"):
            assert document[field.name] == getattr(item, field.name)
    assert set(document["evidence"]) == set(evidence)


@given(outcome=st.sampled_from(get_args(Outcome)), times=st.tuples(*[st.none() | st.integers(0, 2**62)] * 3))
def test_any_delivery_follows_its_schema_and_names_rule_and_arena(outcome, times) -> None:
    sent_ns, acknowledged_ns, device_us = times
    item = delivery(outcome=outcome, sent_ns=sent_ns, acknowledged_ns=acknowledged_ns, device_us=device_us)
    document = check("delivery", make.delivery(item, RULE, "s", 2, 17))
    assert (document["index"], document["seq"], document["rule"], document["arena"]) == (17, 2, "song", "left")
    for field in fields(Delivery):
        assert document[field.name] == getattr(item, field.name)


def test_in_a_blinded_session_the_bytes_of_sham_and_real_are_the_same() -> None:
    sham, real = (
        Order(trigger(verdict="blinded"), Train(5000, 25_000, 20), withheld=withheld, expires_ns=10**9)
        for withheld in (True, False)
    )
    assert sham != real
    for write in (
        lambda order: wire.encode(make.trigger(order.trigger, "s")),
        lambda order: wire.encode(make.delivery(delivery(order.trigger.trigger_id), RULE, "s")),
        lambda order: repr(trigger_row(order.trigger)).encode(),
        lambda order: repr(delivery_row(delivery(order.trigger.trigger_id))).encode(),
    ):
        assert write(sham) == write(real)
        assert not [word for word in (b"sham", b"real", b"fired", b"withheld") if word in write(sham)]


def test_no_message_has_a_field_that_only_a_device_may_see() -> None:
    for message in (wire.TriggerMessage, wire.DeliveryMessage, wire.RuleStatus, wire.RuleSummary):
        assert not {"withheld", "seed"} & set(message.__struct_fields__)


@given(values=st.lists(st.floats(width=16, allow_nan=False), min_size=1, max_size=50))
def test_an_embedding_arrives_bit_for_bit(values: list[float]) -> None:
    embeddings = samples.embeddings()
    vector = np.stack([np.zeros(len(values), np.float32), np.array(values, np.float32)])
    item = type(embeddings)(embeddings.exposure, vector, "m", 1, 2, None)
    header, body = wire.decode_header(make.embedding(item, 1, "ab", "s", 7))
    VALIDATORS["embedding_header"].validate(header)
    assert (header["arena"], header["seq"], header["shape"]) == ("ab", 7, [len(values)])
    np.testing.assert_array_equal(np.frombuffer(body, "<f2").astype(np.float32), vector[1])


@given(message=st.binary(max_size=12))
def test_a_binary_message_cut_short_is_refused(message: bytes) -> None:
    whole = wire.with_header({"a": 1}, b"")
    cut = whole[: len(message) % len(whole)]
    with pytest.raises(ValueError, match="cut short"):
        wire.decode_header(cut)


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot go onto the wire"):
        wire.encode({"array": np.zeros(2)})


@pytest.mark.parametrize("verb", sorted(wire.VERBS))
def test_every_verb_has_schemas_of_its_arguments_and_result(verb: str) -> None:
    assert {f"{verb}_arguments", f"{verb}_result"} <= set(SCHEMAS)
    assert wire.VERBS[verb].does


def test_results_follow_their_schemas() -> None:
    check("status_result", wire.State(session=samples.session(), status=samples.status()))
    past = wire.History(
        observations=(make.observation(samples.observation(), "s"),), bouts=(make.bout(samples.bout(), "s"),)
    )
    check("history_result", past)
    picture = wire.ClipPicture(index=1, media_ns=1, captured_ns=1, width_px=320, height_px=240, scale=0.5, jpeg=b"\xff")
    check("clip_result", wire.Clip(pictures=(picture,)))
    check("mark_result", wire.Effect(index=None, at_ns=1))
    for verb in ("arm", "disarm", "disarm_all"):
        check(f"{verb}_result", wire.ArmingEffect(index=None, at_ns=1, rules=("probe",)))
    fired = wire.TestFired(index=1, at_ns=1, rule="probe", trigger_id=3, outcome="late", why="too old")
    check("fire_result", fired)


@pytest.mark.parametrize("verb", ["arm", "disarm"])
@pytest.mark.parametrize(
    ("arguments", "valid"),
    [({}, True), ({"rules": None}, True), ({"rules": ["song"]}, True), ({"rules": []}, False), ({"rule": "a"}, False)],
)
def test_rules_are_named_or_all_are_meant(verb, arguments, valid) -> None:
    assert VALIDATORS[f"{verb}_arguments"].is_valid(arguments) is valid
    if valid:
        assert msgspec.convert(arguments, wire.VERBS[verb].arguments).rules in (None, ("song",))
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(arguments, wire.VERBS[verb].arguments)
