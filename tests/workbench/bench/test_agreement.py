"""Agreement is of what tells live frames apart, not of what they all have in common."""

import numpy as np
import pytest

from selfee_rt.workbench.bench.agreement import agreement


@pytest.fixture
def embeddings():
    """Like those of one chamber: far from zero, and nearly alike."""
    return (100 + np.random.default_rng(0).normal(size=(40, 16))).astype(np.float32)


def test_embeddings_agree_with_themselves(embeddings):
    found = agreement(embeddings, embeddings)
    assert found.live_frames == 40
    assert found.centred_cosine_min == pytest.approx(1)
    assert found.nearest_neighbour == 1


def test_damage_that_a_plain_cosine_hides_is_seen(embeddings):
    other = (100 + np.random.default_rng(1).normal(size=(40, 16))).astype(np.float32)
    plain = (embeddings * other).sum(1) / np.linalg.norm(embeddings, axis=1) / np.linalg.norm(other, axis=1)
    assert plain.min() > 0.999
    found = agreement(embeddings, other)
    assert found.centred_cosine_median < 0.3
    assert found.nearest_neighbour < 0.3


def test_a_shift_of_all_embeddings_is_no_agreement(embeddings):
    assert agreement(embeddings, embeddings + 10).centred_cosine_min < 0.9


def test_one_wrong_embedding_is_seen_in_the_least_cosine_alone(embeddings):
    wrong = embeddings.copy()
    wrong[7] = 200 - embeddings[7]
    found = agreement(embeddings, wrong)
    assert found.centred_cosine_min < -0.9
    assert found.centred_cosine_median == pytest.approx(1)
    assert 0.8 < found.nearest_neighbour < 1


def test_embeddings_that_are_all_the_same_agree_with_nothing(embeddings):
    assert agreement(embeddings, np.full_like(embeddings, embeddings.mean(axis=0))).centred_cosine_median < 0.1


@pytest.mark.parametrize("shape", [(40, 8), (39, 16)])
def test_other_shapes_are_not_compared(embeddings, shape):
    assert agreement(embeddings, np.zeros(shape, np.float32)) is None


def test_two_live_frames_are_too_few(embeddings):
    assert agreement(embeddings[:2], embeddings[:2]) is None
