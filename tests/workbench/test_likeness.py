"""Two embedders are alike where directions from the mean and neighbours are."""

import numpy as np
import pytest

from selfee_rt.errors import ModelError
from selfee_rt.workbench.likeness import NEIGHBOURS, likeness

N, D = 120, 16
TIME_S = np.arange(N) * 1.0
POINTS = np.random.default_rng(0).normal(size=(N, D)).astype(np.float32) + 5
IMAGES = np.arange(N, dtype=np.uint8).reshape(N, 1, 1, 1)


def by_number(points):
    """An embedder that looks its embeddings up by the number in the picture."""
    return lambda images: points[images[:, 0, 0, 0]]


def compared(points, time_s=TIME_S, source=POINTS):
    return likeness(by_number(source), by_number(points), IMAGES, time_s)


def test_an_embedder_is_like_itself() -> None:
    found = compared(POINTS)
    assert found.live_frames == N
    assert (found.centred_cosine_median, found.centred_cosine_min) == pytest.approx((1, 1))
    assert found.neighbours_kept == 1


def test_what_has_nothing_in_common_keeps_neighbours_by_chance_alone() -> None:
    other = np.random.default_rng(1).normal(size=(N, D)).astype(np.float32) + 5
    found = compared(other)
    assert abs(found.centred_cosine_median) < 0.2
    assert found.neighbours_by_chance == pytest.approx(NEIGHBOURS / (N - 1))
    assert found.neighbours_kept == pytest.approx(found.neighbours_by_chance, abs=0.05)


def test_a_common_offset_hides_no_damage() -> None:
    far_away = POINTS + 1000
    shuffled = far_away[np.random.default_rng(2).permutation(N)]
    plain = (far_away * shuffled).sum(1) / np.linalg.norm(far_away, axis=1) / np.linalg.norm(shuffled, axis=1)
    assert plain.min() > 0.999
    assert compared(shuffled, source=far_away).centred_cosine_median < 0.2


def test_the_fifth_percentile_sees_what_the_median_does_not() -> None:
    other = POINTS.copy()
    other[:12] = 2 * POINTS.mean(axis=0) - POINTS[:12]
    found = compared(other)
    assert found.centred_cosine_median == pytest.approx(1)
    assert (found.centred_cosine_p5, found.centred_cosine_min) == pytest.approx((-1, -1), abs=1e-3)


def test_live_frames_close_in_time_are_no_neighbours() -> None:
    """Eight of each second look the same to both embedders, which have nothing else in common."""
    one, other = (
        np.repeat(random.normal(size=(N // 8, D)), 8, axis=0) + 0.01 * random.normal(size=(N, D))
        for random in (np.random.default_rng(3), np.random.default_rng(4))
    )
    found = compared(other.astype(np.float32), TIME_S / 8, source=one.astype(np.float32))
    assert found.neighbours_kept < 0.3
    apart = compared(other.astype(np.float32), source=one.astype(np.float32))
    assert apart.neighbours_kept >= 0.7


def test_a_video_too_short_for_neighbours_is_refused() -> None:
    with pytest.raises(ModelError, match=r"needs 30 others at least 1 s away, got 0; give a longer video"):
        compared(POINTS, TIME_S / 1000)


def test_live_frames_that_all_look_the_same_prove_nothing() -> None:
    still = np.full_like(POINTS, 3.0)
    with pytest.raises(ModelError, match="have the same embedding"):
        compared(still, source=still)


def test_an_embedder_that_collapsed_is_like_nothing() -> None:
    found = compared(np.broadcast_to(POINTS.mean(axis=0), POINTS.shape))
    assert found.centred_cosine_median < 0.5
    assert found.neighbours_kept < 0.3
