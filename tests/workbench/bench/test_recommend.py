"""What is recommended follows from what was measured, and never flatters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.workbench.bench.recommend import BUSY, FARTHEST, Need, Pace, arenas_that_fit, room, verdict

AT_30 = Need(30, 4)


@pytest.mark.parametrize(
    ("mean_ms", "p99_ms", "answer", "words"),
    [
        (13.7, 16.2, "yes", "yes, 41 % busy; p99 16.2 of 33.3 ms"),
        (26.6, 33.3, "yes", "yes, 80 % busy"),
        (28.0, 33.0, "hardly", "only while nothing else runs, 84 % busy"),
        (20.0, 41.0, "no", "no, one inference in a hundred takes 41.0 ms or more and an exposure comes every 33.3 ms"),
        (20.0, 33.4, "no", "one inference in a hundred"),
        (33.4, 34.0, "no", "no, an inference takes 33.4 ms on average and an exposure comes every 33.3 ms"),
        (20.0, None, "unknown", "60 % busy on average; too few inferences"),
        (40.0, None, "no", "no, an inference takes 40.0 ms on average"),
    ],
)  # fmt: skip
def test_the_answer_is_that_of_the_mean_and_of_the_slowest_in_a_hundred(mean_ms, p99_ms, answer, words):
    found = verdict(Pace(4, mean_ms, p99_ms), AT_30)
    assert found.answer == answer
    assert found.says.startswith(words) or words in found.says
    assert found.busy == pytest.approx(mean_ms * 30 / 1000)


def test_a_need_is_said_in_words():
    assert str(AT_30) == "30 fps with 4 arenas"
    assert str(Need(12.5, 1)) == "12.5 fps with 1 arena"


@pytest.mark.parametrize(
    ("one", "every", "fit"),
    [
        ((1, 5.0), (4, 11.0, 11.0), 11),  # 3 ms and 2 ms for each arena; 26.7 of 33.3 ms may be used
        ((1, 5.0), (4, 11.0, 22.0), 6),  # slowest take twice as long: 16.7 ms are left to the mean one
        (None, (1, 10.0, 10.0), 2),  # in proportion
        ((1, 10.0), (4, 40.0, 40.0), 2),
        ((1, 20.0), (4, 100.0, 100.0), 1),  # a batch costs more than its parts
        ((1, 12.0), (4, 10.0, 10.0), 10),  # a larger batch that was no slower: in proportion to it
        (None, (4, 0.5, 0.6), 16),  # never more than four times what was measured
        (None, (1, 40.0, 40.0), 0),
        ((1, 5.0), (4, 11.0, None), None),
    ],
)
def test_so_many_arenas_would_fit(one, every, fit):
    alone = None if one is None else Pace(*one, None)
    assert arenas_that_fit(alone, Pace(*every), AT_30) == fit


TIMES_MS = st.floats(0.01, 1000)
PACES = st.builds(
    lambda batch, mean, slower: Pace(batch, mean, mean * slower), st.integers(1, 64), TIMES_MS, st.floats(1, 10)
)


@given(PACES, TIMES_MS | st.none(), st.floats(0.5, 1000))
def test_what_fits_and_the_verdict_never_contradict_each_other(every, one_ms, fps):
    alone = None if one_ms is None or every.batch == 1 else Pace(1, one_ms, None)
    need = Need(fps, every.batch)
    fit, answer = arenas_that_fit(alone, every, need), verdict(every, need).answer
    assert 0 <= fit <= FARTHEST * every.batch
    limit_ms = min(BUSY, every.mean_ms / every.p99_ms) * need.interval_ms
    if abs(every.mean_ms - limit_ms) > 1e-6 * limit_ms:
        assert (fit >= every.batch) == (answer == "yes")


@given(PACES, st.floats(0.5, 1000), st.floats(1, 4))
def test_more_frames_a_second_never_fit_more_arenas(every, fps, times):
    slow, fast = (arenas_that_fit(None, every, Need(each, every.batch)) for each in (fps, fps * times))
    assert fast <= slow


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (None, ""),
        (0, "not even one arena would fit"),
        (1, "about 1 arena would fit"),
        (7, "about 7 arenas would fit"),
        (16, "16 arenas or more would fit"),
    ],
)
def test_how_many_fit_is_said_in_words(fit, words):
    assert room(fit, Pace(4, 1.0, 1.0)) == words
