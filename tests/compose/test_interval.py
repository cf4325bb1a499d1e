"""The frame interval in exposures follows from the model's interval and the measured frame rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.compose.interval import TOLERANCE, frame_interval
from selfee_rt.errors import ModelMismatch

intervals = st.floats(1, 2000)
rates = st.floats(0.5, 2000)


@pytest.mark.parametrize(
    ("interval_ms", "fps", "exposures"),
    [(66.7, 30, 2), (72, 25, 2), (66.7, 15, 1), (66.7, 100, 7), (72, 119.88, 9), (40, 1000, 40)],
)
def test_the_nearest_number_of_exposures_is_taken(interval_ms, fps, exposures):
    found = frame_interval(interval_ms, fps, allow_mismatch=False)
    assert found.exposures == exposures
    assert found.actual_ms == pytest.approx(exposures * 1000 / fps)
    assert found.departure == pytest.approx(found.actual_ms / interval_ms - 1)


@given(interval_ms=intervals, fps=rates)
def test_no_other_number_of_exposures_is_nearer(interval_ms, fps):
    found = frame_interval(interval_ms, fps, allow_mismatch=True)
    for other in (found.exposures - 1, found.exposures + 1):
        if other >= 1:
            assert abs(found.actual_ms - interval_ms) <= abs(other * 1000 / fps - interval_ms) + 1e-6
    assert found.exposures >= 1


@given(interval_ms=intervals, fps=rates)
def test_more_than_a_fifth_off_is_a_mismatch_unless_allowed(interval_ms, fps):
    departure = frame_interval(interval_ms, fps, allow_mismatch=True).departure
    if abs(departure) > TOLERANCE:
        with pytest.raises(ModelMismatch):
            frame_interval(interval_ms, fps, allow_mismatch=False)
    else:
        assert frame_interval(interval_ms, fps, allow_mismatch=False).departure == departure


def test_the_message_names_frame_rates_that_do_fit():
    with pytest.raises(ModelMismatch) as caught:
        frame_interval(100, 13.5, allow_mismatch=False)
    assert "100 ms" in str(caught.value)
    assert "13.5 frames/s" in str(caught.value)
    assert "8.3 to 12.5 or at least 16.7 frames/s" in str(caught.value)
    for fits in (8.34, 12.49, 16.67, 17, 23, 240):
        frame_interval(100, fits, allow_mismatch=False)
    for does_not in (8.3, 12.6, 16.6):
        with pytest.raises(ModelMismatch):
            frame_interval(100, does_not, allow_mismatch=False)


@pytest.mark.parametrize(
    ("interval_ms", "fps"), [(0, 30), (-1, 30), (66.7, 0), (66.7, float("nan")), (66.7, float("inf"))]
)
def test_what_is_not_a_rate_is_refused(interval_ms, fps):
    with pytest.raises(ValueError, match="positive"):
        frame_interval(interval_ms, fps, allow_mismatch=True)
