"""Requests that take time: in their order, bounded, and nobody is left waiting."""

from concurrent.futures import Future

import msgspec
import pytest

from selfee_rt.errors import ControlError, FolderError, SelfeeRTError
from selfee_rt.session.jobs import MOST_WAITING, Jobs


class Answer(msgspec.Struct):
    """What a job makes."""

    number: int


def jobs(refusal=SelfeeRTError):
    return Jobs("made", waiting="requests to make", refusal=refusal, then="; it ends")


def ready():
    pass


def refuse():
    raise FolderError("no")


def fail():
    raise ZeroDivisionError("by zero")


def ended(made):
    """Run everything that was asked for until now."""
    made.run_later(made.close)
    made.run(ready)


def test_jobs_are_carried_out_in_order_and_a_refusal_stops_none_of_them():
    made, done = jobs(), []

    def job(number):
        def body():
            done.append(number)
            return Answer(number) if number else None

        return body

    replies = [made.ask(job(0)), made.ask(refuse), made.ask(job(2))]
    made.run_later(refuse)
    made.run_later(job(3))
    ended(made)
    assert done == [0, 2, 3]
    assert (replies[0].result(0), replies[2].result(0)) == ({}, {"number": 2})
    with pytest.raises(FolderError, match="no"):
        replies[1].result(0)


def test_an_error_that_is_no_refusal_fails_the_stage_and_answers_everyone():
    made = jobs(refusal=ControlError)
    first, second = made.ask(refuse), made.ask(refuse)
    with pytest.raises(FolderError):
        made.run(ready)
    with pytest.raises(ControlError, match=r"^the session failed at this \(no\); it ends$"):
        first.result(0)
    with pytest.raises(ControlError, match="the session is ending; nothing was changed"):
        second.result(0)


def test_a_fault_nobody_waits_for_fails_the_stage_too():
    made = jobs()
    made.run_later(fail)
    with pytest.raises(ZeroDivisionError):
        made.run(ready)
    with pytest.raises(ControlError, match="is ending"):
        made.ask(refuse)


def test_what_waits_is_bounded_and_refused_at_the_end():
    made = jobs()
    replies = [made.ask(refuse) for _ in range(MOST_WAITING)]
    with pytest.raises(ControlError, match=f"^{MOST_WAITING} requests to make are waiting already"):
        made.ask(refuse)
    made.close()
    assert all(isinstance(each, Future) and isinstance(each.exception(0), ControlError) for each in replies)
