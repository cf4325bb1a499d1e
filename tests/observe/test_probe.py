"""The probe is the multinomial logistic regression that another library finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import ProbeConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.probe import Probe, train
from selfee_rt.observe.reference import Reference
from selfee_rt.types import Examples
from tests.observe.support import MODEL, make_reference, points
from tests.support import need_module


def loss_of(rows, label_of, weight_of, l2, weight, offset):
    """The loss by its definition, one example at a time."""
    total = 0.0
    for row, label, each in zip(rows, label_of, weight_of, strict=True):
        logits = row @ weight + offset
        total -= each * np.log(np.exp(logits[label]) / np.exp(logits).sum()) / len(rows)
    return total + l2 / 2 * np.square(weight).sum()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), l2=st.sampled_from([0.01, 0.1, 1.0]), labels=st.integers(2, 4))
def test_no_other_weights_near_it_have_a_smaller_loss(seed, l2, labels):
    rng = np.random.default_rng(seed)
    rows, label_of = rng.standard_normal((25, 3)), np.arange(25) % labels
    weight_of = rng.uniform(0.5, 2, 25)
    found = train(rows, label_of, weight_of, l2)
    least = loss_of(rows, label_of, weight_of, l2, found.weight, found.offset)
    for _ in range(20):
        weight = found.weight + 1e-2 * rng.standard_normal(found.weight.shape)
        offset = found.offset + 1e-2 * rng.standard_normal(labels)
        assert loss_of(rows, label_of, weight_of, l2, weight, offset) > least - 1e-9


@pytest.mark.parametrize("balance", [True, False])
def test_it_says_what_scikit_learn_says(balance):
    linear_model = need_module("sklearn.linear_model")
    reference = make_reference(rows=200)
    known = reference.label_of >= 0
    rows, label_of = reference.points[known].astype(np.float64), reference.label_of[known]
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    other = linear_model.LogisticRegression(
        C=1 / (0.05 * len(rows)), class_weight="balanced" if balance else None, tol=1e-8, max_iter=5000
    ).fit(standard, label_of)
    probe = Probe(reference, ProbeConfig(l2=0.05, balance=balance))
    for point in points(20):
        expected = other.predict_proba((point[None] - rows.mean(axis=0)) / rows.std(axis=0))[0]
        np.testing.assert_allclose(probe.probabilities(point), expected, atol=1e-3)


def test_taught_examples_count_as_if_they_had_been_in_the_reference():
    reference = make_reference()
    first = np.arange(40)
    part = Reference(
        MODEL,
        reference.labels,
        reference.label_of[first],
        reference.embedding[first],
        reference.mean,
        reference.projection,
    )
    later = np.flatnonzero((np.arange(60) >= 40) & (reference.label_of >= 0))
    taught = Probe(part, ProbeConfig()).taught(Examples(reference.points[later], reference.label_of[later]))
    whole = Probe(reference, ProbeConfig())
    for point in points(5):
        np.testing.assert_allclose(taught.probabilities(point), whole.probabilities(point), atol=1e-9)


def test_a_dimension_that_never_varies_does_no_harm():
    reference = make_reference()
    flat = reference.projection.copy()
    flat[:, 2] = 0
    still = Reference(MODEL, reference.labels, reference.label_of, reference.embedding, reference.mean, flat)
    assert np.isfinite(Probe(still, ProbeConfig()).probabilities(points(1)[0])).all()


def test_a_rare_label_is_not_outvoted_where_labels_are_balanced():
    rng = np.random.default_rng(0)
    label_of = np.array([0] * 190 + [1] * 10)
    embedding = (rng.standard_normal((200, 4)) + label_of[:, None]).astype(np.float16)
    reference = Reference(
        MODEL, ("often", "rare"), label_of, embedding, np.zeros(4, np.float32), np.eye(4, dtype=np.float32)
    )
    between = np.full(4, 0.5, np.float32)
    balanced, plain = (Probe(reference, ProbeConfig(balance=each)).probabilities(between)[1] for each in (True, False))
    assert plain < 0.2 < 0.35 < balanced


def test_one_label_is_nothing_to_tell_apart():
    with pytest.raises(ConfigError, match="the reference has 1 labels, a probe tells apart at least 2"):
        Probe(make_reference(labels=("only",)), ProbeConfig())


def test_training_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr("selfee_rt.observe.probe.MOST_ITERATIONS", 1)
    with pytest.raises(ConfigError, match=r"the probe did not converge within 1 steps .*; raise l2, which is 0\.1"):
        Probe(make_reference(), ProbeConfig())
