"""Teaching a running session over its control socket, and deciding it again afterwards."""

import json
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import zmq

from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.learners import RiverClassifier
from selfee_rt.observe.reference import Reference
from selfee_rt.session import Session
from selfee_rt.workbench.rescore import rescore
from tests.publish.clients import connected, request, strict_json
from tests.session.rig import assert_verified, configure, run, running, told, wait_until

ENDLESS = {"speed": 1.0, "seconds": None}
RIVER = {"kind": "river", "model": "river.naive_bayes.GaussianNB", "warm_up": 10}
OBSERVE = {"smoothing": {"kind": "none"}, "labels": ["rearing", "jumping"]}


class Person:
    """A client that can ask several things before it has a reply."""

    def __init__(self, session, socket):
        self._token = (session.folder / "control_token").read_text().strip()
        self._socket = socket

    def say(self, verb, **arguments):
        message = request(verb, token=self._token, **arguments)
        self._socket.send(message)
        return json.loads(message)["request_id"]

    def hear(self):
        reply = strict_json(self._socket.recv())
        return reply["request_id"], reply

    def ask(self, verb, **arguments):
        asked = self.say(verb, **arguments)
        answered, reply = self.hear()
        assert asked == answered
        return reply

    def does(self, verb, **arguments):
        reply = self.ask(verb, **arguments)
        assert reply["ok"], reply
        return reply["result"]


@contextmanager
def person_at(session):
    with connected(zmq.DEALER, session.control_address) as socket:
        yield Person(session, socket)


def more(session, exposures):
    at = session.snapshot().n_observed
    wait_until(lambda: session.snapshot().n_observed >= at + exposures)


def retold(folder, arena="arena"):
    """What deciding a session again says, in the form of `told`."""
    return [
        (o.exposure.index, o.exposure.media_ns, o.label_index, o.label, o.probabilities, o.scores, o.alarm, o.revision)
        for decision in rescore(folder)
        for o in decision.observations
        if o.arena == arena
    ]


def teach_a_while(session, arena="arena"):
    """Label, label, undo, label with two waiting, retract; returns the replies in order."""
    with person_at(session) as person:
        more(session, 45)
        done = [person.does("label", arena=arena, label="rearing", last_s=0.8)]
        more(session, 10)
        done.append(person.does("label", arena=arena, label="jumping", first_index=10, last_index=30))
        more(session, 10)
        done.append(person.does("undo"))
        more(session, 10)
        asked = [
            person.say("label", arena=arena, label="jumping", last_s=0.5),
            person.say("label", arena=arena, label="nothing", last_s=0.3),
            person.say("retract", teaching_id=done[0]["teaching_id"]),
        ]
        heard = [person.hear() for _ in asked]
        assert [each for each, _ in heard] == asked, "the order of the requests was not kept"
        more(session, 10)
        return done + [reply["result"] for _, reply in heard]


@pytest.mark.parametrize("classifier", [{"kind": "knn", "k": 10}, RIVER], ids=["knn", "river"])
def test_a_taught_session_is_decided_again_to_the_same_observations(rig, tmp_path, classifier):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe={**OBSERVE, "classifier": classifier})
    with running(config) as session:
        done = teach_a_while(session)
    assert [each["teaching_id"] for each in done] == [1, 2, 2, 3, 4, 1]
    said = told(tmp_path / "s")
    assert retold(tmp_path / "s") == said
    assert {row[-1] for row in said} >= {0, 1, 2, 3, 6}
    index_of = [each["index"] for each in done]
    assert all(row[-1] == sum(row[0] >= index for index in index_of) for row in said)
    assert_verified(tmp_path / "s")
    with SessionFolder(tmp_path / "s") as folder:
        labels = folder.record.labels
        bouts = [bout for bout in folder.bouts() if bout.source == "user"]
        actions = [each for each in folder.actions() if each.action in ("label", "undo", "retract")]
        summary = [each for each in folder.actions() if each.action == "teaching"]
    assert labels[-2:] == ("rearing", "jumping")
    assert all(row[4] is not None and row[4][-2:] == (0, 0) for row in said if row[-1] == 0)
    assert any(row[4][-2] > 0 for row in said if row[-1] == 1), "rearing was never thought of"
    assert [(bout.label, bout.start_index, bout.stop_index) for bout in bouts] == [
        (each["label"], each["first_index"], each["last_index"]) for each in (done[0], done[1], done[3], done[4])
    ]
    assert [each.frame_index for each in actions] == index_of
    assert set(summary[0].arguments) == {"jumping", "nothing"}


def test_taking_everything_back_leaves_what_was_said_before(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE)
    with running(config) as session, person_at(session) as person:
        more(session, 40)
        person.does("label", arena="arena", label="rearing", last_s=1.0)
        more(session, 10)
        person.does("undo")
        more(session, 10)
        nothing = person.ask("undo")
    assert "nothing that was taught holds" in nothing["error"]
    last = told(tmp_path / "s")
    assert all(row[4][-2:] == (0, 0) for row in last if row[-1] == 2)
    assert any(row[4][-2] > 0 for row in last if row[-1] == 1)


def test_a_session_without_a_reference_is_taught_from_nothing(rig, tmp_path):
    observe = {
        "reference": None,
        "detector": [],
        "labels": ["still", "moving"],
        "classifier": {"kind": "knn", "k": 12},
        "smoothing": {"kind": "none"},
    }
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=observe)
    with running(config) as session, person_at(session) as person:
        more(session, 30)
        session_message = person.does("status")["session"]
        first = person.does("label", arena="arena", label="still", first_index=5, last_index=9)
        more(session, 5)
        second = person.does("label", arena="arena", label="moving", first_index=15, last_index=24)
        more(session, 10)
        saved = person.does("save_reference", path="new.npz")
    assert session_message["labels"] == ["still", "moving"]
    assert (first["exposures"], second["exposures"], saved["examples"]) == (5, 10, 15)
    said = told(tmp_path / "s")
    assert all(row[3] is None and row[4] is None for row in said if row[0] < second["index"])
    assert all(row[3] in ("still", "moving") for row in said if row[0] >= second["index"])
    assert retold(tmp_path / "s") == said
    assert_verified(tmp_path / "s")
    reference = {"reference": str(tmp_path / "s" / "new.npz"), "detector": [], "classifier": {"kind": "knn", "k": 12}}
    run(configure(rig, tmp_path / "again", observe=reference))
    assert {row[3] for row in told(tmp_path / "again")} <= {"still", "moving"}


def test_what_was_taught_is_saved_for_other_sessions_and_nothing_is_overwritten(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE)
    with running(config) as session, person_at(session) as person:
        more(session, 40)
        untaught = person.ask("save_reference", path="a.npz")
        taught = person.does("label", arena="arena", label="rearing", last_s=0.5)
        saved = person.does("save_reference", path=str(tmp_path / "mine.npz"))
        twice = person.ask("save_reference", path=str(tmp_path / "mine.npz"))
        nowhere = person.ask("save_reference", path="no/such/folder.npz")
        no_name = person.ask("save_reference", path="x" * 400 + ".npz")
        no_kind = person.ask("save_reference", path="mine.json")
    assert "nothing to save" in untaught["error"]
    assert "ever overwritten" in twice["error"]
    assert "there is no folder" in nowhere["error"]
    assert "cannot be used" in no_name["error"]
    assert "arguments of save_reference" in no_kind["error"]
    known, new = Reference.load(rig / "reference.npz"), Reference.load(tmp_path / "mine.npz")
    assert new.labels == (*known.labels, "rearing")
    assert tuple(saved["labels"]) == new.labels
    assert saved["examples"] == len(new.label_of) == len(known.label_of) + taught["exposures"]
    np.testing.assert_array_equal(new.embedding[: len(known.embedding)], known.embedding)
    with SessionFolder(tmp_path / "s") as folder:
        stored = dict(folder.embeddings("arena"))
        (action,) = [each for each in folder.actions() if each.action == "save_reference"]
    span = [stored[index] for index in range(taught["first_index"], taught["last_index"] + 1) if index in stored]
    np.testing.assert_array_equal(new.embedding[len(known.embedding) :].astype(np.float32), span)
    assert action.arguments == {"path": str(tmp_path / "mine.npz")}
    run(configure(rig, tmp_path / "again", observe={"reference": str(tmp_path / "mine.npz")}))


def test_status_tells_what_had_been_foreseen_and_forgets_what_was_taken_back(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE)
    with running(config) as session, person_at(session) as person:
        more(session, 30)
        history = person.does("history", observations=20)["observations"]
        label = history[-5]["label"]
        before = person.does("status")["status"]["teaching"]
        taught = person.does(
            "label", arena="arena", label=label, first_index=history[0]["index"], last_index=history[-1]["index"]
        )
        person.does("label", arena="arena", label="jumping", last_s=0.3)
        status = person.does("status")["status"]["teaching"]
        person.does("undo")
        after = person.does("status")["status"]["teaching"]
    correct = sum(each["label"] == label for each in history)
    assert before == {}
    assert status[label] == after[label] == {"taught": taught["exposures"], "correct": correct}
    assert status["jumping"]["correct"] == 0
    assert set(after) == {label}
    with SessionFolder(tmp_path / "s") as folder:
        (first, _) = [each for each in folder.actions() if each.action == "label"]
        (summary,) = [each for each in folder.actions() if each.action == "teaching"]
    assert first.result == f"taught 20 exposures, of which {correct} had been labelled so before"
    assert summary.arguments == after
    assert summary.result == f"{correct} of 20 exposures that were taught had been labelled so before"


def test_a_status_and_a_stop_are_answered_while_a_slow_model_is_rebuilt(rig, tmp_path, monkeypatch):
    begun, go, taught = threading.Event(), threading.Event(), RiverClassifier.taught

    def slowly(self, examples):
        begun.set()
        assert go.wait(20)
        return taught(self, examples)

    monkeypatch.setattr(RiverClassifier, "taught", slowly)
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe={**OBSERVE, "classifier": RIVER})
    with running(config) as session, person_at(session) as person:
        more(session, 30)
        labelled = person.say("label", arena="arena", label="rearing", last_s=0.5)
        waiting = person.say("undo")
        assert begun.wait(20)
        person.does("status")
        more(session, 15)
        assert person.does("set_threshold", detector="selfee", threshold=None)["index"] > 30
        assert person.does("stop")["index"] > 30
        wait_until(lambda: session._crew.stages["decide"].join(0))
        go.set()
        refused = dict(person.hear() for _ in range(2))
        assert session.wait(20)
    assert {each["error"] for each in refused.values()} == {"the session is ending; nothing was changed"}
    assert set(refused) == {labelled, waiting}
    with SessionFolder(tmp_path / "s") as folder:
        assert [each.action for each in folder.actions()] == ["set_threshold", "stop"]
        assert not [bout for bout in folder.bouts() if bout.source == "user"]
    assert retold(tmp_path / "s") == told(tmp_path / "s")


def test_what_cannot_be_taught_is_refused_with_what_to_do(rig, tmp_path):
    observe = {**OBSERVE, "teach_s": 1.0, "teach_exposures": 40}
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=observe)
    with running(config) as session, person_at(session) as person:
        more(session, 60)
        where = {"arena": "arena", "label": "rearing"}
        errors = {
            "label": person.ask("label", arena="arena", label="flying", last_s=1),
            "arena": person.ask("label", arena="attic", label="rearing", last_s=0.5),
            "both": person.ask("label", **where, last_s=1, first_index=3, last_index=4),
            "half": person.ask("label", **where, first_index=3),
            "neither": person.ask("label", **where),
            "forgotten": person.ask("label", **where, first_index=2, last_index=9),
            "long": person.ask("label", **where, last_s=30),
            "future": person.ask("label", **where, first_index=3, last_index=10_000),
            "negative": person.ask("label", **where, last_s=-1),
            "unknown": person.ask("retract", teaching_id=1),
        }
        assert person.does("label", **where, last_s=0.8)
        assert person.does("label", **where, last_s=0.4)["exposures"] <= 13
        errors["room"] = person.ask("label", **where, last_s=0.8)
    expected = {
        "label": "no label is called 'flying'",
        "arena": "no arena is called 'attic'; expected one of: arena",
        "both": "expected either both indices or last_s alone",
        "half": "expected either both indices or last_s alone",
        "neither": "expected either both indices or last_s alone",
        "forgotten": "the oldest that is remembered",
        "long": "that are remembered",
        "future": "the newest observed",
        "negative": "arguments of label",
        "unknown": "nothing that was taught holds",
        "room": "observe.teach_exposures",
    }
    assert {name for name, reply in errors.items() if reply["ok"]} == set()
    assert [name for name, text in expected.items() if text not in errors[name]["error"]] == []


def test_a_session_without_a_classifier_cannot_be_taught(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe={"classifier": {"kind": "none"}})
    with running(config) as session, person_at(session) as person:
        refused = person.ask("label", arena="arena", label="rearing", last_s=1)
    assert "no classifier" in refused["error"]
    assert "observe.labels" in refused["error"]


def test_what_is_taught_in_one_arena_is_known_in_all_and_rescored_so(rig, tmp_path):
    arenas = [
        {"name": "left", "region": {"x": 0, "y": 0, "width": 80, "height": 120}},
        {"name": "right", "region": {"x": 80, "y": 0, "width": 80, "height": 120}},
    ]
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE, arena=arenas)
    with running(config) as session, person_at(session) as person:
        more(session, 40)
        done = person.does("label", arena="right", label="rearing", last_s=1.0)
        more(session, 20)
    for arena in ("left", "right"):
        said = told(tmp_path / "s", arena)
        assert retold(tmp_path / "s", arena) == said
        assert any(row[4][-2] > 0 for row in said if row[0] >= done["index"])
        assert all(row[4][-2] == 0 for row in said if row[0] < done["index"])


def test_a_persons_bout_and_the_action_are_published(rig, tmp_path):
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE)
    topics = ("bout.arena", "log")
    with (
        running(config) as session,
        person_at(session) as person,
        connected(zmq.SUB, session.observations_address, topics=topics) as reader,
    ):
        more(session, 60)
        done = person.does("label", arena="arena", label="rearing", last_s=0.5)
        heard = {}
        while not {"log", "bout.arena"} <= set(heard):
            topic, payload = reader.recv_multipart()
            message = strict_json(payload)
            if topic != b"bout.arena" or message["source"] == "user":
                heard[topic.decode()] = message
    assert (heard["bout.arena"]["label"], heard["bout.arena"]["stop_index"]) == ("rearing", done["last_index"])
    assert heard["log"]["action"] == "label"
    assert heard["log"]["arguments"] == {
        name: done[name] for name in ("teaching_id", "arena", "label", "first_index", "last_index")
    }


def test_a_fault_while_learning_ends_the_session_in_order_and_says_so(rig, tmp_path, monkeypatch):
    def broken(self, examples):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(RiverClassifier, "taught", broken)
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe={**OBSERVE, "classifier": RIVER})
    session = Session(config)
    session.start()
    with person_at(session) as person:
        more(session, 30)
        refused = person.ask("label", arena="arena", label="rearing", last_s=0.5)
        assert session.wait(20)
    session.finish()
    assert "the session failed at this (a fault of ours)" in refused["error"]
    assert str(session.error) == "a fault of ours"
    assert_verified(tmp_path / "s")


def test_a_model_that_cannot_learn_what_was_taught_refuses_and_the_session_goes_on(rig, tmp_path, monkeypatch):
    def unable(self, examples):
        raise ConfigError(["observe.classifier: it cannot learn that"])

    monkeypatch.setattr(Knn, "taught", unable)
    config = configure(rig, tmp_path / "s", source=ENDLESS, observe=OBSERVE)
    with running(config) as session, person_at(session) as person:
        more(session, 30)
        refused = person.ask("label", arena="arena", label="rearing", last_s=0.5)
        nothing = person.ask("undo")
        more(session, 10)
    assert refused["error"] == "observe.classifier: it cannot learn that"
    assert "nothing that was taught holds" in nothing["error"]
    assert {row[-1] for row in told(tmp_path / "s")} == {0}


@pytest.mark.parametrize(
    ("observe", "why"),
    [
        ({"labels": ["a", "b", "a"]}, "got a more than once"),
        ({"labels": ["a"], "classifier": {"kind": "none"}}, "got labels to teach and the classifier none"),
        ({"labels": [""]}, "at least 1 character"),
        ({"teach_s": 0}, "greater than 0"),
    ],
)
def test_labels_that_make_no_sense_are_refused_before_the_session(rig, tmp_path, observe, why):
    with pytest.raises(ConfigError, match=why):
        configure(rig, tmp_path / "s", observe=observe)


def test_a_detector_that_compares_with_a_reference_needs_one_also_where_labels_are_taught(rig, tmp_path):
    observe = {"reference": None, "labels": ["still"], "detector": [{"kind": "selfee"}]}
    with pytest.raises(ConfigError, match="needs a reference, and there is none"):
        run(configure(rig, tmp_path / "s", observe=observe))
