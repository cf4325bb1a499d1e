"""The log panel: everything that happened, once, in the order of time, also what was before the window."""

import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.folder import SessionFolder
from selfee_rt.wire import make
from tests.session.rig import running
from tests.session.test_stimulation import client_of, stimulating
from tests.support import need_module

need_module("PySide6")
need_module("pyqtgraph")
need_module("pytestqt")

from selfee_rt.types import Bout  # noqa: E402
from selfee_rt.view.acts import Acts  # noqa: E402
from selfee_rt.view.app import application  # noqa: E402
from selfee_rt.view.link import Link, Where  # noqa: E402
from selfee_rt.view.panels.log import Log  # noqa: E402
from selfee_rt.view.sentences import clock_of  # noqa: E402
from tests.view.test_window import look, met, show  # noqa: E402, F401 - two are fixtures

S = 1_000_000_000


def lines(window):
    """What the log shows, without times, the session's name left out."""
    look(window)
    return [re.sub(r"^-?\d+:\d\d:\d\d +", "", line) for line in window.log.text.toPlainText().splitlines()[1:]]


@pytest.fixture(scope="module")
def log():
    """A log panel of nobody."""
    _, theme = application(1.0)
    link = Link(Where("tcp://127.0.0.1:9"))
    link.start()
    yield Log(theme, link, Acts(link))
    link.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=8))
def test_the_log_shows_the_lines_that_it_is_given_whatever_it_showed_before(log, said):
    for each in said:
        log._show(each)
        assert log.text.toPlainText() == "\n".join(each)


def test_bouts_and_alarms_of_before_the_window_are_in_the_log_once_and_in_order(show, stage, qtbot, monkeypatch):  # noqa: F811
    monkeypatch.setattr("selfee_rt.view.fetch.PAGE", 70)
    past = []
    for stage.index in range(300):
        alarm = 95 <= stage.index < 100 or stage.index >= 290
        past.append([stage.observation(arena.name, alarm=alarm) for arena in stage.session.arenas])
    spans = [("chasing", 10, 40), ("nothing", 120, 200), ("winging", 210, 260)]
    bouts = [Bout("left", label, a, b, round(a / 30 * S), round(b / 30 * S)) for label, a, b in spans]
    answers = tuple(make.bout(each, stage.session.session_id) for each in bouts)

    def answer(arguments):
        before = [each for each in past if each[0].index < arguments["before_index"]][-arguments["observations"] :]
        told = answers if arguments["bouts"] else ()
        history = wire.History(observations=tuple(o for each in before for o in each), bouts=told, oldest_index=0)
        return msgspec.to_builtins(history)

    stage.shows["history"] = answer
    stage.index = 300
    window = show(stage.address)

    def heard():
        stage.introduce()
        stage.observe(alarm=True)
        model = window.link.model
        return model is not None and model.oldest_index == 0

    qtbot.waitUntil(heard)
    qtbot.waitUntil(lambda: any("not known here" in each for each in lines(window)))
    stage.bout(label="winging", start=210, stop=260)
    stage.bout(label="copulation", start=270, stop=310)
    qtbot.waitUntil(lambda: "left  copulation 1.3 s" in lines(window))
    told = [each for each in lines(window) if "not known here" not in each]
    assert [each for each in told if "alarm" not in each] == [
        "left  chasing 1.0 s",
        "left  nothing 2.7 s",
        "left  winging 1.7 s",
        "left  copulation 1.3 s",
    ]
    assert [each.split()[:2] for each in told if "alarm" in each] == [[a, "alarm"] for a in ("left", "right") * 2]
    times = [each.time_s for each in window.link.model.told(100)]
    assert times == sorted(times)


def test_what_people_and_rules_did_before_the_window_is_read_from_the_folder(rig, tmp_path, show, qtbot):  # noqa: F811
    with running(stimulating(rig, tmp_path / "s")) as session, client_of(session) as client:
        assert client.ask("mark", text="before")["ok"]
        assert client.ask("arm")["ok"]
        assert client.ask("fire", rule="probe")["ok"]
        qtbot.waitUntil(lambda: session.snapshot().n_observed > 30, timeout=20_000)
        window = show(session.observations_address)
        qtbot.waitUntil(lambda: "mark: before" in lines(window), timeout=20_000)
        assert client.ask("mark", text="after")["ok"]
        qtbot.waitUntil(lambda: "mark: after" in lines(window))
        told = lines(window)
        for once in ("mark: before", "mark: after", "probe fired, test"):
            assert told.count(once) == 1, told
        assert told.index("mark: before") < told.index("probe fired, test") < told.index("mark: after")
    assert not window.fetch.failed
    qtbot.waitUntil(lambda: window.header.word.text() == "● ended", timeout=20_000)
    told = [each.text for each in window.link.model.told(5000) if each.kind == "trigger"]
    with SessionFolder(session.folder) as folder:
        assert sum(each.startswith("probe: ") for each in told) == len(list(folder.deliveries()))
        assert sum(each.startswith("probe ") for each in told) == len(list(folder.triggers()))


def test_looking_back_shows_what_happened_then(met, stage, qtbot):  # noqa: F811
    for start in range(0, 9000, 30):
        stage.bout(label="chasing", start=start, stop=start + 29)
    for _ in range(400):
        stage.observe()
    qtbot.waitUntil(lambda: met.acts.moment() == stage.index + 1)
    qtbot.waitUntil(lambda: len(met.link.model.told(2000)) > 300)
    met.acts.sight.go(5 * S)
    look(met)
    shown = met.log.text.textCursor().block().text()
    at_s = met.link.model.clock_s(5 * S)
    ended = [each.time_s for each in met.link.model.told(2000) if each.kind == "bout" and each.time_s <= at_s]
    assert shown.startswith(clock_of(max(ended)))
    bar = met.log.text.verticalScrollBar()
    assert bar.value() < bar.maximum() - 2
    met.acts.sight.live()
    look(met)
    assert bar.value() >= bar.maximum() - 2, "and live the newest"
