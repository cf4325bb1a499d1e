"""The k-NN agrees with its definition, written out a second time."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.classify import Knn, largest
from selfee_rt.observe.reference import Reference, random_projection, unit
from selfee_rt.types import Examples
from tests.observe.support import MODEL, make_reference, points


def by_definition(reference, point, k, tau, balance):
    """Weighted votes in float64, one neighbour at a time."""
    bank = [
        (row / np.linalg.norm(row), label)
        for row, label in zip(reference.bank.astype(np.float64), reference.label_of, strict=True)
        if label >= 0
    ]
    query = point.astype(np.float64) / np.linalg.norm(point.astype(np.float64))
    nearest = sorted(bank, key=lambda example: -(example[0] @ query))[:k]
    votes = dict.fromkeys(range(len(reference.labels)), 0.0)
    for row, label in nearest:
        votes[label] += np.exp(row @ query / tau)
    if balance:
        for label in votes:
            votes[label] /= sum(1 for _, other in bank if other == label)
    return np.array([votes[label] for label in sorted(votes)]) / sum(votes.values())


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 54), tau=st.sampled_from([0.05, 0.07, 1.0]), balance=st.booleans())
def test_probabilities_are_those_of_the_definition(seed, k, tau, balance):
    reference = make_reference(seed=seed)
    knn = Knn(reference, KnnConfig(k=k, tau=tau, balance=balance))
    point = points(1, seed=seed + 1)[0]
    np.testing.assert_allclose(knn.probabilities(point), by_definition(reference, point, k, tau, balance), atol=1e-4)


def test_examples_without_a_label_do_not_vote():
    reference = make_reference()
    labelled = int((reference.label_of >= 0).sum())
    assert labelled < len(reference.label_of)
    Knn(reference, KnnConfig(k=labelled))
    with pytest.raises(ConfigError, match=f"k is {labelled + 1}, but the reference has {labelled} labelled examples"):
        Knn(reference, KnnConfig(k=labelled + 1))


def test_a_reference_without_labels_cannot_classify():
    full = make_reference()
    normal = Reference(MODEL, (), np.full(60, -1), full.embedding, full.mean, full.projection)
    with pytest.raises(ConfigError, match="the reference has 0 labelled examples; lower k, or make a reference"):
        Knn(normal, KnnConfig(k=1))


def tied_reference(labels_of_copies):
    """Rows of one direction only: every similarity is exactly the same."""
    count = len(labels_of_copies)
    return Reference(
        MODEL,
        ("a", "b"),
        np.array(labels_of_copies),
        np.ones((count, 4), np.float16),
        np.zeros(4, np.float32),
        random_projection(4, 2, 0),
    )


@given(labels=st.lists(st.integers(0, 1), min_size=4, max_size=30).filter(lambda labels: len(set(labels)) == 2))
def test_of_equally_similar_examples_the_earlier_count(labels):
    knn = Knn(tied_reference(labels), KnnConfig(k=3, balance=False))
    probabilities = knn.probabilities(np.array([1, 2], np.float32))
    np.testing.assert_allclose(probabilities[1], sum(labels[:3]) / 3, atol=1e-12)


def test_ties_only_fill_the_places_that_closer_examples_leave():
    embedding = np.array([[0, 1], [0, 1], [1, 0], [0, 1]], np.float16)
    reference = Reference(
        MODEL, ("a", "b"), np.array([0, 1, 1, 1]), embedding, np.zeros(2, np.float32), np.eye(2, dtype=np.float32)
    )
    knn = Knn(reference, KnnConfig(k=2, tau=1.0, balance=False))
    near, far = np.exp(1.0), np.exp(0.0)
    np.testing.assert_allclose(
        knn.probabilities(np.array([1, 0], np.float32)), [far / (near + far), near / (near + far)]
    )


def test_a_tiny_temperature_does_not_overflow():
    knn = Knn(make_reference(), KnnConfig(k=10, tau=1e-5))
    probabilities = knn.probabilities(points(1)[0])
    assert np.isfinite(probabilities).all()
    assert probabilities.max() == pytest.approx(1)


def test_the_length_of_a_point_does_not_matter():
    knn = Knn(make_reference(), KnnConfig(k=10))
    point = points(1)[0]
    np.testing.assert_allclose(knn.probabilities(point), knn.probabilities(point * 64))


def test_a_point_without_a_direction_is_answered_by_the_counts():
    reference = make_reference()
    labelled = int((reference.label_of >= 0).sum())
    probabilities = Knn(reference, KnnConfig(k=labelled)).probabilities(np.zeros(5, np.float32))
    np.testing.assert_allclose(probabilities, np.full(3, 1 / 3))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000), k=st.integers(1, 40), taught=st.integers(1, 30), balance=st.booleans())
def test_taught_examples_vote_as_if_they_had_been_in_the_reference(seed, k, taught, balance):
    rng = np.random.default_rng(seed)
    reference = make_reference(seed=seed)
    given = Examples(points(taught, seed=seed + 1), rng.integers(0, 3, taught))
    config = KnnConfig(k=k, balance=balance)
    whole = WholeBank(
        np.concatenate((reference.bank, unit(given.points))),
        np.concatenate((reference.label_of, given.label_of)),
        reference.labels,
    )
    point = points(1, seed=seed + 2)[0]
    expected = by_definition(whole, point, k, config.tau, balance)
    np.testing.assert_allclose(Knn(reference, config).taught(given).probabilities(point), expected, atol=1e-4)


@given(values=st.lists(st.integers(-5, 5), min_size=1, max_size=60), columns=st.integers(1, 12), data=st.data())
def test_the_largest_are_those_of_a_stable_sort(values, columns, data):
    count = data.draw(st.integers(1, len(values)))
    expected = sorted(sorted(range(len(values)), key=lambda at: -values[at])[:count])
    assert largest(np.array(values, np.float32), count, columns).tolist() == expected


def test_a_shared_bank_is_compared_once_per_point():
    reference = make_reference()
    bank = CountingBank(reference.bank)
    first, second = (Knn(reference, KnnConfig(k=10), bank=bank) for _ in range(2))
    alone = Knn(reference, KnnConfig(k=10))
    for point in points(5):
        for knn in (first, second, first):
            np.testing.assert_array_equal(knn.probabilities(point), alone.probabilities(point))
    assert bank.products == 5


@dataclass
class WholeBank:
    """A reference and what was taught, in one."""

    bank: np.ndarray
    label_of: np.ndarray
    labels: tuple


class CountingBank(Bank):
    """Counts how often a product was needed: the answered direction changed."""

    products = 0

    def similarity(self, direction):
        before = self._answered
        answer = super().similarity(direction)
        self.products += self._answered != before
        return answer
