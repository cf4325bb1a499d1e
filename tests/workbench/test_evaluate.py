"""The blocked evaluation agrees with its definitions, written out a second time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig
from selfee_rt.workbench.evaluate import (
    Blocked,
    average_precision,
    centred,
    f1,
    folds,
    held_out_probabilities,
    macro,
    projected,
    projected_pixels,
    with_intervals,
)

SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=40).filter(
    lambda scored: any(truth for truth, _ in scored)
)


@given(scored=SCORED)
def test_average_precision_sums_precision_over_every_threshold_times_the_recall_it_adds(scored):
    truth = np.array([positive for positive, _ in scored])
    score = np.array([value / 8 for _, value in scored])
    expected, recall_before = 0.0, 0.0
    for threshold in sorted(set(score), reverse=True):
        taken = [positive for positive, value in zip(truth, score, strict=True) if value >= threshold]
        recall = sum(taken) / sum(truth)
        expected += (recall - recall_before) * sum(taken) / len(taken)
        recall_before = recall
    assert average_precision(truth, score) == pytest.approx(expected)


@given(
    pairs=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1).filter(lambda pairs: any(t for t, _ in pairs))
)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(pairs):
    truth, predicted = np.array(pairs).T
    hits = sum(t and p for t, p in pairs)
    if not hits:
        assert f1(truth, predicted) == 0
        return
    precision, recall = hits / predicted.sum(), hits / truth.sum()
    assert f1(truth, predicted) == pytest.approx(2 * precision * recall / (precision + recall))


def test_a_perfect_answer_scores_one_and_a_constant_one_its_share():
    label_of = np.array([0, 0, 1, 2])
    assert macro(label_of, np.eye(3)[label_of]) == (1.0, 1.0)
    _, mean_precision = macro(label_of, np.full((4, 3), 1 / 3))
    assert mean_precision == pytest.approx((2 / 4 + 1 / 4 + 1 / 4) / 3)


@given(
    exposures=st.integers(12, 400),
    blocks=st.integers(2, 6),
    guard=st.integers(0, 10),
    missing=st.sets(st.integers(0, 399)),
)
def test_every_example_is_held_out_once_and_training_keeps_its_distance(exposures, blocks, guard, missing):
    index = np.array([position for position in range(exposures) if position not in missing] or [0])
    held_out_times = np.zeros(len(index), int)
    for train, held_out in folds(index, exposures, Blocked(blocks=blocks, guard_exposures=guard)):
        held_out_times += held_out
        if held_out.any():
            block = index[held_out]
            assert not np.any(train & (index >= block.min() - guard) & (index <= block.max() + guard))
            assert np.all(np.diff(np.flatnonzero(held_out)) == 1)
    assert (held_out_times == 1).all()


def test_the_blocks_of_the_protocol_are_six_and_the_guard_is_exactly_25_exposures():
    index = np.arange(3000)
    masks = list(folds(index, 3000, Blocked()))
    assert [(index[held].min(), index[held].max()) for _, held in masks] == [(s, s + 499) for s in range(0, 3000, 500)]
    train = masks[2][0]
    np.testing.assert_array_equal(index[~train], np.arange(1000 - 25, 1500 + 25))


def clouds(count=120, dim=6, seed=0):
    """Rows in a cloud per label, in turns of ten exposures, far from the origin."""
    rng = np.random.default_rng(seed)
    label_of = np.arange(count) // 10 % 3
    rows = 30 + rng.standard_normal((3, dim))[label_of] * 2 + rng.standard_normal((count, dim)) * 0.7
    return rows.astype(np.float16), label_of


def by_definition(rows, index, label_of, exposures, k, tau, blocks, guard):
    """The protocol in plain numpy, one example at a time, in float64."""
    rows = rows.astype(np.float64)
    edges = [round(exposures * block / blocks) for block in range(blocks + 1)]
    out = np.zeros((len(rows), 3))
    for position, frame in enumerate(index):
        block = next(b for b in range(blocks) if edges[b] <= frame < edges[b + 1])
        train = [i for i, f in enumerate(index) if f < edges[block] - guard or f >= edges[block + 1] + guard]
        bank = rows[train] - rows[train].mean(axis=0)
        bank /= np.linalg.norm(bank, axis=1, keepdims=True)
        query = rows[position] - rows[train].mean(axis=0)
        similarity = bank @ (query / np.linalg.norm(query))
        for neighbour in np.argsort(-similarity)[:k]:
            label = label_of[train[neighbour]]
            out[position, label] += np.exp(similarity[neighbour] / tau) / np.sum(label_of[train] == label)
    return out / out.sum(axis=1, keepdims=True)


def test_held_out_probabilities_are_those_of_the_protocol():
    rows, label_of = clouds()
    index = np.delete(np.arange(125), [0, 1, 60, 123, 124])
    protocol = Blocked(blocks=5, guard_exposures=4, knn=KnnConfig(k=7, tau=0.1))
    got = held_out_probabilities(centred(rows), index, label_of, ("a", "b", "c"), exposures=125, protocol=protocol)
    np.testing.assert_allclose(got, by_definition(rows, index, label_of, 125, 7, 0.1, 5, 4), atol=2e-3)


def test_no_held_out_example_influences_its_own_answer():
    rows, label_of = clouds()
    index, protocol = np.arange(120), Blocked(blocks=4, guard_exposures=3, knn=KnnConfig(k=40, tau=1.0))
    for prepare in (centred, lambda each: projected(each, 3)):
        before = held_out_probabilities(
            prepare(rows), index, label_of, ("a", "b", "c"), exposures=120, protocol=protocol
        )
        other_rows, other_labels = rows.copy(), label_of.copy()
        other_rows[33:60] += 5  # the second block and its guard, but not rows 30 to 32
        other_labels[30:60] = 0
        after = held_out_probabilities(
            prepare(other_rows), index, other_labels, ("a", "b", "c"), exposures=120, protocol=protocol
        )
        assert (before[30:33] < 0.99).all(), "an answer that is certain could hide a difference"
        np.testing.assert_array_equal(before[30:33], after[30:33])


def test_a_label_that_training_lacks_is_given_no_probability():
    rows, label_of = clouds()
    only_first = np.where(np.arange(120) < 30, label_of, label_of % 2)
    probabilities = held_out_probabilities(
        centred(rows),
        np.arange(120),
        only_first,
        ("a", "b", "c"),
        exposures=120,
        protocol=Blocked(blocks=4, guard_exposures=0, knn=KnnConfig(k=5)),
    )
    assert (probabilities[:30, 2] == 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_pixels_by_inner_products_have_the_coordinates_of_principal_axes():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (30, 9000), dtype=np.uint8)
    rows[:15, :4000] //= 4
    train = np.arange(30) % 5 != 0
    got, expected = projected_pixels(rows, 4)(train), projected(rows[:, ::9].astype(np.float32), 4)(train)
    assert got.shape == expected.shape == (30, 4)
    whole = rows.astype(np.float64) - rows[train].mean(axis=0)
    _, _, axes = np.linalg.svd(whole[train], full_matrices=False)
    np.testing.assert_allclose(np.abs(got), np.abs(whole @ axes[:4].T), rtol=1e-3, atol=0.5)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 100))
def test_an_interval_holds_its_value_repeats_and_widens_with_dependence(seed):
    rng = np.random.default_rng(seed)
    label_of = np.repeat(rng.permuted([0, 1, 2] * 4), 25)
    probabilities = rng.dirichlet(np.ones(3), 300) + 0.4 * np.eye(3)[label_of]
    first = with_intervals(label_of, probabilities, block=25, resamples=100)
    assert first == with_intervals(label_of, probabilities, block=25, resamples=100)
    for interval, value in zip(first, macro(label_of, probabilities), strict=True):
        assert interval.value == value
        assert interval.low <= value <= interval.high
        assert str(interval) == f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def test_a_bootstrap_of_one_block_as_long_as_the_recording_only_turns_it_round():
    rng = np.random.default_rng(0)
    label_of = rng.integers(0, 3, 60)
    probabilities = rng.dirichlet(np.ones(3), 60)
    for interval in with_intervals(label_of, probabilities, block=60, resamples=20):
        assert interval.low == pytest.approx(interval.value)
        assert interval.high == pytest.approx(interval.value)


def test_longer_blocks_widen_the_interval_of_dependent_examples():
    rng = np.random.default_rng(0)
    label_of = np.repeat(rng.permuted([0, 1, 2] * 8), 20)
    right = np.repeat(rng.random(24) < 0.6, 20)
    probabilities = np.eye(3)[np.where(right, label_of, (label_of + 1) % 3)]
    single, runs = (with_intervals(label_of, probabilities, block=block, resamples=300)[0] for block in (1, 40))
    assert runs.high - runs.low > 2 * (single.high - single.low)
