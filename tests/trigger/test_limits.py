"""No window of 60 s has more stimuli than allowed, and there is no more light in all."""

from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import LimitsConfig
from selfee_rt.trigger.limits import MINUTE_NS, Limits
from selfee_rt.trigger.refractory import Refractory

S = 10**9
times = st.lists(st.sampled_from([0, 1, 7 * S, 30 * S, 60 * S - 1, 60 * S]), max_size=40)


@given(times, st.none() | st.integers(1, 4), st.none() | st.integers(1, 9))
def test_a_stimulus_is_refused_exactly_where_it_would_be_one_too_many(steps_ns, per_minute, total_on_s):
    limits = Limits(LimitsConfig(per_minute=per_minute, total_on_s=total_on_s))
    now_ns, began = 0, []
    for step_ns in steps_ns:
        now_ns += step_ns
        recent = sum(now_ns - at_ns < MINUTE_NS for at_ns in began)
        too_many = per_minute is not None and recent >= per_minute
        too_much = total_on_s is not None and len(began) + 1 > total_on_s
        assert limits.left_in_minute(now_ns) == (None if per_minute is None else per_minute - recent)
        assert limits.light_left_us == (None if total_on_s is None else (total_on_s - len(began)) * 1_000_000)
        assert bool(limits.why_not(now_ns, 1_000_000)) == (too_many or too_much)
        if not (too_many or too_much):
            limits.add(now_ns, 1_000_000)
            began.append(now_ns)
    assert limits.light_us == len(began) * 1_000_000


def test_a_refusal_says_the_numbers():
    limits = Limits(LimitsConfig(per_minute=3, total_on_s=1.5), "the subject 'fly': ")
    for at in range(2):
        limits.add(at, 600_000)
    assert limits.why_not(2, 600_000) == (
        "the subject 'fly': 1.2 s of light so far, 0.6 s more would exceed the limit of 1.5 s"
    )
    limits.add(2, 300_000)
    assert limits.why_not(3, 1) == "the subject 'fly': 3 trials in the last 60 s, limit 3"


def test_memory_does_not_grow_with_the_session():
    limits = Limits(LimitsConfig(total_on_s=10))
    for at in range(1000):
        limits.add(at, 1)
    assert len(limits._latest_ns) == 0


@given(st.integers(0, 10), st.lists(st.tuples(st.integers(0, 5), st.booleans())))
def test_refractory_time_runs_from_the_last_start(length_ns, steps):
    rest, now_ns, started_ns = Refractory(length_ns), 0, None
    for step_ns, start in steps:
        now_ns += step_ns
        left_ns = 0 if started_ns is None else max(0, length_ns - (now_ns - started_ns))
        assert rest.left_ns(now_ns) == left_ns
        assert bool(rest.why_not(now_ns)) == (left_ns > 0)
        if start:
            rest.start(now_ns)
            started_ns = now_ns
