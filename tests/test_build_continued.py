"""What a session leaves to the one that continues it: doses, places in the order of shams, and how long ago."""

from datetime import datetime, timedelta

import pytest

from selfee_rt.build.continued import continuation
from selfee_rt.folder import read_record
from tests.workbench.test_verify_stimuli import HISTORY, change, described, recorded


@pytest.fixture
def killed(tmp_path):
    return recorded(tmp_path / "session", HISTORY, described(), ended=False)


def after(path, seconds):
    """What is taken over by a session that starts so long after this one did."""
    return continuation(path, datetime.fromisoformat(read_record(path).started.utc) + timedelta(seconds=seconds))


def test_trials_and_light_go_on_with_tests_and_shams_in_the_light(killed):
    rules = after(killed, 60).history.rules
    assert {name: (each.trials, each.light_us) for name, each in rules.items()} == {
        "song": (3, 60_000),
        "wing": (2, 40_000),
    }
    change(killed, "UPDATE triggers SET origin = 'test', trial = NULL WHERE trigger_id = 9")
    wing = after(killed, 60).history.rules["wing"]
    assert (wing.trials, wing.light_us) == (1, 40_000)


def test_a_trial_whose_decision_did_not_reach_the_log_of_a_killed_session_counts_too(killed):
    whole = after(killed, 60).history.rules["wing"]
    change(killed, "DELETE FROM triggers WHERE trigger_id = 9")
    cut = after(killed, 60).history.rules["wing"]
    assert (cut.trials, cut.light_us, len(cut.began_ns)) == (whole.trials, whole.light_us, len(whole.began_ns))
    change(killed, "DELETE FROM triggers WHERE rule = 'wing'")
    assert after(killed, 60).history.rules["wing"].trials == 2


def test_by_the_wall_clock_it_is_later(killed):
    early, late = after(killed, 60), after(killed, 3600)
    assert late.gap_s - early.gap_s == pytest.approx(3540)
    assert late.history.elapsed_ns - early.history.elapsed_ns == 3540 * 10**9


def test_a_wall_clock_that_was_set_back_counts_every_trial_as_just_before(killed):
    taken = after(killed, -86_400)
    assert 0 <= taken.gap_s < 0.001
    assert taken.history.elapsed_ns >= 0
    assert {len(each.began_ns) for each in taken.history.rules.values()} == {3, 2}
    assert all(each == -1 for rule in taken.history.rules.values() for each in rule.began_ns)
