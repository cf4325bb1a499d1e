"""Runtimes take turns; whatever becomes of one is a row, and no process is left."""

import dataclasses
import itertools

import numpy as np
import pytest

from selfee_rt.workbench.bench import run
from selfee_rt.workbench.bench.child import Child, ChildEnded
from selfee_rt.workbench.bench.messages import Task, Times
from selfee_rt.workbench.bench.run import Measurement, Plan

PLAN = Plan(rounds=3, inferences=4, settle=1)


def test_every_row_has_as_many_inferences_as_were_asked_for(candidate, images, telling):
    rounds = []
    telling = dataclasses.replace(telling, done=lambda done, of: rounds.append((done, of)))
    found = Measurement([candidate(1), candidate(4)], [images], PLAN, telling).run()
    assert rounds == [(1, 3), (2, 3), (3, 3)]
    assert found.rounds == 3
    for row, batch in zip(found.rows, (1, 4), strict=True):
        assert row.measured and row.problem is None
        assert len(row.durations_ns) == 3 * 4
        assert row.live_frames == 3 * 4 * batch
        assert row.frames_per_s == pytest.approx(row.live_frames / (sum(row.durations_ns) / 1e9))
        quantiles = row.quantiles_ms()
        assert len(quantiles) == 100 and quantiles == sorted(quantiles)
        assert quantiles[-1] == row.summary().max_ms
        assert row.runtime["providers"] == ["cpu"] and row.start_ms > 0
        assert row.peak_memory_bytes is None or row.peak_memory_bytes > 2**20
    np.testing.assert_allclose(found.embeddings[0], found.embeddings[1], atol=1e-5)
    assert found.embeddings[0].shape == (10, 16)


def test_turns_are_taken_in_an_order_that_the_seed_draws(candidate, images, telling, monkeypatch):
    class Recorded:
        def __init__(self, python):
            self.pid = next(numbers)

        def start(self, task, *, timeout_s, enough):
            np.save(task.embeddings, np.zeros((10, 16), np.float32))
            return run.Ready({}, 1.0)

        def block(self, block):
            order.append(self.pid)
            return Times([1] * block.inferences, None)

        def close(self):
            pass

    monkeypatch.setattr(run, "Child", Recorded)
    orders = []
    for seed in (0, 0, 1):
        numbers, order = itertools.count(), []
        plan = dataclasses.replace(PLAN, rounds=8, seed=seed)
        Measurement([candidate() for _ in range(4)], [images], plan, telling).run()
        rounds = [tuple(order[start : start + 4]) for start in range(0, 32, 4)]
        assert all(sorted(each) == [0, 1, 2, 3] for each in rounds)
        assert len(set(rounds)) > 1
        orders.append(rounds)
    assert orders[0] == orders[1] != orders[2]


def test_a_runtime_that_does_not_start_is_a_row_with_its_reason(candidate, images, telling):
    found = Measurement([candidate(providers=("coreml",)), candidate()], [images], PLAN, telling).run()
    missing, there = found.rows
    assert "provider 'coreml' was asked for, but this onnxruntime offers only" in missing.problem
    assert not missing.measured and missing.quantiles_ms() == []
    assert there.measured
    assert list(found.embeddings) == [1]


def test_a_runtime_that_is_killed_is_a_row_that_keeps_what_was_measured(candidate, images, telling):
    def kill(done, of):
        if done == 1:
            measurement._running[0]._process.kill()

    measurement = Measurement([candidate(), candidate(2)], [images], PLAN, dataclasses.replace(telling, done=kill))
    killed, other = measurement.run().rows
    assert "its process " in killed.problem
    assert len(killed.durations_ns) == 4 and not killed.measured
    assert other.measured and len(other.durations_ns) == 12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL (by the system, where"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed with SIGSEGV"),
        ("import sys; sys.exit('first\\nlibcublas.so.12 is missing')", "status 1: libcublas.so.12 is missing"),
        ('print(\'{"type": "times", "durations_ns": [], "peak_memory_bytes": 1}\')', "said Times at its start"),
        ("print('hello')", "said what is no reply"),
        ("import time; time.sleep(60)", "did not answer for 1 s"),
    ],
)  # fmt: skip
def test_whatever_a_process_does_at_its_start_is_a_reason(text, reason, program, candidate, here, images, telling):
    environment = dataclasses.replace(here, python=program(text))
    plan = dataclasses.replace(PLAN, start_timeout_s=1 if "sleep" in text else 60)
    (row,) = Measurement([candidate(environment=environment)], [images], plan, telling).run().rows
    assert reason in row.problem


def test_what_a_process_said_before_it_ended_is_its_reason(program):
    child = Child(program("print('hello')"))
    child._process.wait(60)  # so that nothing can be written to it any more
    with pytest.raises(ChildEnded, match="said what is no reply"):
        child.start(Task({}, 1, "images.npy", "embeddings.npy"), timeout_s=60, enough=lambda: False)
    child.close()


def test_enough_while_a_runtime_starts_ends_it(program, candidate, here, images, telling):
    slow = dataclasses.replace(here, python=program("import time; time.sleep(60)"))
    answers = iter([False, True])
    telling = dataclasses.replace(telling, enough=lambda: next(answers, True))
    found = Measurement([candidate(environment=slow), candidate()], [images], PLAN, telling).run()
    assert [row.problem for row in found.rows] == ["stopped before it had started"] * 2
    assert found.rounds == 0


def test_enough_between_turns_keeps_what_there_is(candidate, images, telling):
    done = []
    telling = dataclasses.replace(telling, done=lambda number, of: done.append(number), enough=lambda: len(done) == 2)
    found = Measurement([candidate()], [images], PLAN, telling).run()
    assert found.rounds == 2
    assert found.rows[0].measured and len(found.rows[0].durations_ns) == 8


def test_a_fault_of_ours_leaves_no_process(candidate, images, telling):
    def fail(done, of):
        raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        Measurement([candidate()], [images], PLAN, dataclasses.replace(telling, done=fail)).run()


def test_a_process_may_be_ended_twice(here):
    child = Child(here.python)
    child.close()
    child.close()
