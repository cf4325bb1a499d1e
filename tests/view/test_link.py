"""What the window hears and asks, over real sockets, without a window."""

import msgspec
import pytest
import zmq

from selfee_rt import wire
from selfee_rt.publish.curve import make_keys
from selfee_rt.view import asking
from selfee_rt.view.access import load_keys
from selfee_rt.view.acts import Acts
from selfee_rt.view.link import Link, Where
from selfee_rt.view.situation import situation
from tests.session.rig import configure, running, wait_until
from tests.session.test_stimulation import client_of, stimulating
from tests.view.stage import Stage

ENDLESS = {"speed": 1.0, "seconds": None}


@pytest.fixture
def listening():
    """Makes links that are closed at the end."""
    made = []

    def make(address, **options):
        link = Link(Where(address, **options))
        made.append(link)
        link.start()
        return link

    yield make
    for link in made:
        link.close()


@pytest.fixture
def acted(tmp_path):
    """Makes acted sessions, each in a folder of its own, that are closed at the end."""
    made = []

    def make(**options):
        folder = tmp_path / f"acted{len(made)}"
        folder.mkdir()
        made.append(Stage(folder, **options))
        return made[-1]

    yield make
    for stage in made:
        stage.close()


@pytest.fixture
def deaf():
    """A control socket that takes requests and never answers."""
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.rcvtimeo = 10_000
    router.bind("tcp://127.0.0.1:*")
    yield router
    router.close(linger=0)
    context.term()


def meet(stage, link, before=None):
    """Let the session speak until it is heard."""

    def heard():
        stage.introduce()
        return link.model is not None and link.model is not before and link.model.status is not None

    wait_until(heard)
    return link.model


def test_a_real_session_is_heard_seen_and_asked(rig, tmp_path, listening):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        link = listening(session.observations_address)
        wait_until(lambda: link.model is not None and link.model.status is not None and link.preview is not None)
        acts, model = Acts(link), link.model
        wait_until(lambda: acts.moment() is not None and acts.moment() > 30)
        assert model.session.session_id == session.session_id
        assert link.preview.header.width_px == 160
        assert acts.arena == "arena"
        done = [
            acts.mark("door", 7),
            acts.set_threshold("selfee", 0.25),
            acts.label(1),
            acts.undo(),
            acts.record(False),
        ]
        wait_until(lambda: all(asked.answer is not None for asked in done))
        assert [asked.state for asked in done] == ["answered"] * 5, [asked.answer for asked in done]
        wait_until(lambda: model.thresholds == {"selfee": 0.25} and acts.recording is False)
        wait_until(lambda: any("mark: door (exposure 7)" in entry.text for entry in model.told(1000)))
        assert model.missed.total == 0
        assert situation(link).word == "running"
    wait_until(lambda: situation(link).word == "ended")
    assert acts.mark("too late", None).state in ("pending", "failed")


def test_what_a_session_refuses_is_told_with_its_reason(rig, tmp_path, listening):
    with running(configure(rig, tmp_path / "s", source=ENDLESS)) as session:
        link = listening(session.observations_address)
        wait_until(lambda: link.model is not None)
        acts = Acts(link)
        done = [acts.undo(), acts.set_threshold("nobody", 1.0)]
        wait_until(lambda: all(asked.answer is not None for asked in done))
        assert [asked.state for asked in done] == ["failed"] * 2
        assert "nobody" in done[1].answer.error
        ninth = acts.label(9)
        assert (ninth.state, ninth.answer.error) == (
            "failed",
            f"the session has {len(link.model.session.labels)} labels",
        )


def test_a_window_may_be_there_first_and_outlives_the_session(acted, listening):
    nobody = acted()
    address = nobody.address
    nobody.close()
    link = listening(address)
    assert situation(link).word == "waiting"
    assert link.ask("mark", {"text": "x"}, "mark").state == "failed"
    first = acted(address=address, session_id="1" * 32)
    model = meet(first, link)
    first.close()
    second = acted(address=address, session_id="2" * 32)
    again = meet(second, link, before=model)
    assert (model.session.session_id, again.session.session_id) == ("1" * 32, "2" * 32)
    asked = link.ask("mark", {"text": "hello"}, "mark")
    wait_until(lambda: asked.answer is not None)
    assert second.asked == [("mark", {"text": "hello", "arena": None})], asked.answer


def test_a_session_that_dies_is_silent_and_what_was_asked_of_it_fails(acted, listening, monkeypatch):
    monkeypatch.setattr(asking, "UNSENT_S", 0.3)
    monkeypatch.setattr("selfee_rt.view.situation.SILENT_S", 0.2)
    stage = acted()
    link = listening(stage.address)
    meet(stage, link)
    stage.close()
    wait_until(lambda: situation(link).word == "silent")
    assert "NOTHING HEARD" in situation(link).alarm
    asked = link.ask("fire", {"rule": "song"}, "test")
    wait_until(lambda: asked.answer is not None)
    assert "nothing was changed" in asked.answer.error


def test_a_question_without_an_answer_fails_and_says_that_nothing_is_known(acted, deaf, listening, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE_S", 0.3)
    stage = acted()
    stage.session = msgspec.structs.replace(stage.session, control=deaf.last_endpoint.decode())
    link = listening(stage.address)
    meet(stage, link)
    asked = link.ask("mark", {"text": "x"}, "mark")
    assert deaf.recv_multipart()[1]
    wait_until(lambda: asked.answer is not None)
    assert "whether it was done is not known" in asked.answer.error


def test_disarming_is_asked_again_until_it_is_answered_and_firing_is_not(acted, deaf, listening, monkeypatch):
    monkeypatch.setattr(asking, "AGAIN_S", 0.1)
    stage = acted()
    stage.session = msgspec.structs.replace(stage.session, control=deaf.last_endpoint.decode())
    link = listening(stage.address)
    meet(stage, link)
    link.ask("fire", {"rule": "song"}, "test")
    panic = link.ask("disarm_all", {}, "panic")
    requests = [msgspec.json.decode(deaf.recv_multipart()[1], type=wire.Request) for _ in range(4)]
    assert [each.verb for each in requests] == ["fire", "disarm_all", "disarm_all", "disarm_all"]
    assert len({each.request_id for each in requests}) == 2, "repeated, not asked anew"
    assert panic.state == "pending"


def test_garbage_and_newer_messages_are_counted_and_what_is_readable_is_shown(acted, listening):
    stage = acted()
    link = listening(stage.address)
    model = meet(stage, link)
    stage.say_raw(b"status", b"\xff\xff")
    stage.say_raw(b"observation.left", b"{}", b"{}")
    for _ in range(3):
        stage.say_raw(b"status", b'{"schema": "selfee_rt.status.2"}')
    stage.observe()
    wait_until(lambda: model.latest("left") is not None)
    assert link.heard.n_garbage == 2
    assert link.heard.newer == {"selfee_rt.status.2": 3}
    assert situation(link).word == "running"


def test_a_session_of_a_newer_version_is_named_instead_of_shown(acted, listening):
    stage = acted()
    link = listening(stage.address)

    def told():
        stage.say_raw(b"session", b'{"schema": "selfee_rt.session.2"}')
        return bool(situation(link).alarm)

    wait_until(told)
    assert "selfee_rt.session.2" in situation(link).alarm


def test_another_sessions_messages_are_not_mixed_in(acted, listening):
    stage = acted()
    link = listening(stage.address)
    model = meet(stage, link)
    stage.observe(session_id="b" * 32, label="chasing")
    stage.observe(label="winging")
    wait_until(lambda: model.latest("left") is not None)
    rows, _ = model.between("left", 0, 10**15)
    assert len(rows) == 1


def test_the_newest_picture_is_shown_however_many_came(acted, listening):
    stage = acted()
    link = listening(stage.address)
    meet(stage, link)

    def shown():
        stage.index += 1
        stage.show()
        return link.preview is not None

    wait_until(shown)
    for _ in range(200):
        stage.index += 1
        stage.show()
    wait_until(lambda: link.preview.header.index == stage.index)


@pytest.mark.parametrize("given", ["a file", "nothing"])
def test_without_a_token_nothing_can_be_asked_and_the_reason_is_told(acted, tmp_path, listening, given):
    stage = acted()
    token = (stage.folder / "control_token").rename(tmp_path / "copied")
    link = listening(stage.address, token_file=token if given == "a file" else None)
    meet(stage, link)
    asked = link.ask("mark", {"text": "x"}, "mark")
    wait_until(lambda: asked.answer is not None)
    assert asked.state == ("answered" if given == "a file" else "failed")
    if given == "nothing":
        assert "--token-file" in asked.answer.error


def test_an_encrypted_session_is_heard_seen_and_asked_with_the_keys(rig, tmp_path, listening):
    make_keys(tmp_path / "keys", ("rig", "laptop"))
    clients = tmp_path / "clients"
    clients.mkdir()
    (tmp_path / "keys" / "laptop.key").rename(clients / "laptop.key")
    curve = {"secret_key_file": str(tmp_path / "keys" / "rig.key_secret"), "client_keys_dir": str(clients)}
    with running(configure(rig, tmp_path / "s", source=ENDLESS, publish={"curve": curve})) as session:
        keys = load_keys(tmp_path / "keys" / "laptop.key_secret", tmp_path / "keys" / "rig.key")
        link, stranger = listening(session.observations_address, keys=keys), listening(session.observations_address)
        wait_until(lambda: link.preview is not None)
        asked = link.ask("mark", {"text": "x"}, "mark")
        wait_until(lambda: asked.answer is not None)
        assert asked.state == "answered", asked.answer
        assert stranger.model is None


def test_what_ended_arming_is_an_alarm_until_somebody_arms_or_disarms(rig, tmp_path, listening):
    config = stimulating(rig, tmp_path / "s", stimulation={"arm_for_s": 0.5})
    with running(config) as session, client_of(session) as client:
        link = listening(session.observations_address)
        wait_until(lambda: situation(link).word == "running")
        assert situation(link).alarm == ""
        assert client.ask("arm")["ok"]
        wait_until(lambda: situation(link).alarm == "probe: arming has ended: it was armed for 0.5 s")
        assert client.ask("disarm")["ok"]
        wait_until(lambda: situation(link).alarm == "")
