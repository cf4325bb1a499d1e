"""Window features agree with their definitions, written out a second time over the whole recording."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.observe.windows import Windows, causal_features, centred_features
from tests.observe.support import points


def by_definition(window, own):
    """Every feature by its formula, one dimension at a time, and the whole spectrum beside them."""
    n = len(window)
    window = window.astype(np.float64)
    taper = [np.sin(np.pi * (position + 1) / (n + 1)) ** 2 for position in range(n)]
    spectra = []
    for column in window.T:
        mean = sum(column) / n
        waves = [
            sum(
                (x - mean) * w * np.exp(-2j * np.pi * k * t / n)
                for t, (x, w) in enumerate(zip(column, taper, strict=True))
            )
            for k in range(1, n // 2 + 1)
        ]
        spectra.append(2 * np.abs(waves) / sum(taper))
    spread = [np.sqrt(sum((column - column.mean()) ** 2) / n) for column in window.T]
    return (
        np.concatenate((window[own], window.mean(axis=0), spread, window.max(axis=0) - window.min(axis=0))),
        np.array(spectra).T,
    )


def assert_as_defined(features, window, own):
    dim = window.shape[1]
    simple, spectra = by_definition(window, own)
    np.testing.assert_allclose(features[: 4 * dim], simple, atol=1e-6)
    frequency, amplitude = features[4 * dim : 5 * dim], features[5 * dim :]
    np.testing.assert_allclose(amplitude, spectra.max(axis=0), atol=1e-9)
    said = np.round(frequency * len(window)).astype(int) - 1  # where two are level, either is the main one
    np.testing.assert_allclose(spectra[said, np.arange(dim)], spectra.max(axis=0), atol=1e-9)
    np.testing.assert_allclose(frequency, (said + 1) / len(window))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(4, 12), length=st.integers(0, 30), dim=st.integers(1, 3), seed=st.integers(0, 1000), data=st.data()
)
def test_features_that_come_one_by_one_are_those_of_the_recording_since_the_last_break(n, length, dim, seed, data):
    stream = points(length, dim=dim, seed=seed)
    broken = data.draw(st.sets(st.integers(0, max(length - 1, 0)), max_size=3))
    windows, since = Windows(n, dim), 0
    for position, point in enumerate(stream):
        if position in broken:
            windows.clear()
            since = position
        got = windows.features(point)
        known = position - since + 1
        assert (got is None) == (known < n)
        if got is not None:
            assert_as_defined(got, stream[position - n + 1 : position + 1], own=n - 1)
            np.testing.assert_array_equal(got, causal_features(stream[since : position + 1], n)[-1])
        windows.push(point)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(4, 9), length=st.integers(0, 20), seed=st.integers(0, 1000))
def test_a_centred_window_reaches_as_far_ahead_as_back(n, length, seed):
    stream = points(length, dim=2, seed=seed)
    centred = centred_features(stream, n)
    assert len(centred) == max(length - n + 1, 0)
    for start, features in enumerate(centred):
        assert_as_defined(features, stream[start : start + n], own=n // 2)
        np.testing.assert_array_equal(features[:2], stream[start + n // 2])


def test_asking_about_a_point_leaves_the_past_as_it_is():
    stream = points(12)
    asked, plain = Windows(6, 5), Windows(6, 5)
    for point in stream:
        asked.features(-point)
        np.testing.assert_array_equal(asked.features(point), plain.features(point))
        for each in (asked, plain):
            each.push(point)


def test_the_main_frequency_of_a_wave_is_its_own_and_so_is_its_amplitude():
    time = np.arange(80)
    wave = (3 + 0.5 * np.cos(2 * np.pi * 0.1 * time)).astype(np.float32)
    features = causal_features(wave[:, None], 80)[0]
    assert features[4] == pytest.approx(0.1)
    assert features[5] == pytest.approx(0.5, rel=0.02)


def test_a_window_too_short_for_a_spectrum_is_refused():
    with pytest.raises(ValueError, match="a window of 3 exposures; expected at least 4"):
        Windows(3, 2)
