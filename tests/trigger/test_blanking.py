"""What is lit by a trial, and for a while after it, is known for each live frame."""

from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.trigger.blanking import Blanking


@given(
    st.lists(st.tuples(st.integers(0, 30), st.none() | st.tuples(st.integers(0, 40), st.integers(0, 20))), max_size=40),
    st.integers(1, 10),
)
def test_the_state_is_what_every_trial_of_the_past_says(steps, interval_ns):
    blanking, trials, now_ns = Blanking(), [], 0
    for step_ns, trial in steps:
        now_ns += step_ns
        three = (now_ns - 2 * interval_ns, now_ns - interval_ns, now_ns)
        on = any(start < at <= start + light for start, light, _ in trials for at in three)
        blank = any(start < at <= start + light + after for start, light, after in trials for at in three)
        assert blanking.stimulus(three) == ("on" if on else "after" if blank else "off")
        if trial is not None:
            light_ns, blank_ns = trial
            blanking.add(now_ns, light_ns=light_ns, blank_ns=blank_ns)
            trials.append((now_ns, light_ns, blank_ns))


def test_memory_does_not_grow_with_the_session():
    blanking = Blanking()
    for now_ns in range(0, 100_000, 100):
        blanking.stimulus((now_ns - 20, now_ns - 10, now_ns))
        blanking.add(now_ns, light_ns=10, blank_ns=5)
    assert len(blanking._light._spans) + len(blanking._blank._spans) <= 4
