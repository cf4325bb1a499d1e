"""Drift is published, logged and shown by a session, apart from the alarm."""

from selfee_rt.folder import SessionFolder
from selfee_rt.session.drift import drift_actions
from selfee_rt.types import Drift
from tests.session.rig import assert_verified, configure, run

QUICK = {"warm_up_s": 8, "persist_s": 4, "block_s": 0.5}
DIMMED = {"seconds": 20, "lamp": {"dim_to": 0.6, "dim_at_s": 12}}


def drift_log(folder):
    with SessionFolder(folder) as session:
        return [action for action in session.actions() if action.action == "drift"]


def test_a_dimmed_lamp_is_in_the_status_and_once_in_the_log(rig, tmp_path):
    session, last = run(configure(rig, tmp_path / "s", source=DIMMED, observe={"drift": QUICK}))
    drifts = {drift.statistic: drift for drift in last.drifts["arena"]}
    assert {"grey", "contrast"} <= set(drifts)
    assert drifts["grey"].value < 0.75 * drifts["grey"].expected
    assert session._running.state.status("ended").drift == last.drifts
    assert_verified(tmp_path / "s")
    logged = drift_log(tmp_path / "s")
    assert {action.arguments["statistic"] for action in logged} == set(drifts)
    for action in logged:
        assert action.result == "began"
        assert action.arguments["arena"] == "arena"
        assert (
            action.frame_index == action.arguments["since_index"] == drifts[action.arguments["statistic"]].since_index
        )
        assert 12 * 30 + 4 * 30 <= action.frame_index < 20 * 30


def test_a_session_without_drift_or_without_the_watch_says_nothing(rig, tmp_path):
    quiet = {**DIMMED, "lamp": {}}
    _, last = run(configure(rig, tmp_path / "a", source=quiet, observe={"drift": QUICK}))
    assert not last.drifts
    _, last = run(configure(rig, tmp_path / "b", source=DIMMED, observe={"drift": {**QUICK, "enabled": False}}))
    assert not last.drifts
    assert not drift_log(tmp_path / "a") + drift_log(tmp_path / "b")


def test_what_begins_and_what_is_over_is_logged_per_arena_and_statistic():
    grey, contrast = Drift("grey", 10, 1.0, 2.0), Drift("contrast", 20, 1.0, 2.0)
    changed = Drift("grey", 10, 1.5, 2.0)
    begun = [*drift_actions({"a": (grey,)}, {"a": (changed, contrast), "b": (grey,)}, 20, 5)]
    assert [(each.arguments["arena"], each.arguments["statistic"], each.result) for each in begun] == [
        ("a", "contrast", "began"),
        ("b", "grey", "began"),
    ]
    (over,) = drift_actions({"a": (grey,)}, {}, 30, 6)
    assert (over.at_ns, over.frame_index, over.result, over.arguments["value"]) == (6, 30, "over", 1.0)
