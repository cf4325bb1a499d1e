"""The figures that show a collapse, and the alarm that says so."""

import logging

import pytest

from selfee_rt.errors import ModelError
from tests.support import need_module

torch = need_module("torch")

from selfee_rt.workbench.collapse import ALARM_AFTER, CollapseAlarm, collapse_level, effective_rank  # noqa: E402


def spread(n: int, d: int):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(0))


def test_the_collapse_level_is_near_0_when_spread_and_1_when_equal() -> None:
    assert abs(collapse_level(spread(4000, 32))) < 0.02
    assert collapse_level(torch.ones(50, 32)) == pytest.approx(1)
    assert 0.8 < collapse_level(torch.ones(200, 32) + 0.1 * spread(200, 32)) < 0.95


def test_the_effective_rank_counts_the_directions_in_which_embeddings_differ() -> None:
    basis = torch.linalg.qr(spread(16, 16)).Q
    for directions in (1, 3, 7):
        signs = 1 - 2 * ((torch.arange(128)[:, None] >> torch.arange(directions)) % 2).float()
        assert effective_rank(5 + signs @ basis[:directions]) == pytest.approx(directions, rel=1e-3)
    assert effective_rank(torch.ones(50, 16)) == 1
    assert 30 < effective_rank(spread(4000, 32)) <= 32
    assert effective_rank(spread(8, 32)) <= 7


def test_embeddings_on_a_line_look_spread_to_the_collapse_level_and_not_to_the_rank() -> None:
    line = spread(200, 1) @ spread(1, 32).sign()
    assert collapse_level(line) < 0.1
    assert effective_rank(line) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("level", "rank"), [(0.95, 20.0), (0.0, 1.5)])
def test_the_alarm_is_given_after_many_steps_in_a_row(
    caplog: pytest.LogCaptureFixture, level: float, rank: float
) -> None:
    alarm = CollapseAlarm()
    with caplog.at_level(logging.WARNING):
        for step in range(ALARM_AFTER - 1):
            alarm(step, level, rank)
        alarm(100, 0.2, 20.0)
        for step in range(ALARM_AFTER - 1):
            alarm(step, level, rank)
        assert not caplog.records
        alarm(777, level, rank)
    assert "step 777: for 50 steps the embeddings have been nearly the same" in caplog.text


def test_the_alarm_ends_the_run_where_that_was_asked_for() -> None:
    alarm = CollapseAlarm(ends_run=True)
    with pytest.raises(ModelError, match="learns nothing"):
        for step in range(ALARM_AFTER):
            alarm(step, 0.99, 1.0)
