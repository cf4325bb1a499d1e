"""A bank answers for the point that is asked about, whoever asked before."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.config import AbstainConfig, KnnConfig, SelfeeAnomalyConfig
from selfee_rt.observe.abstain import Abstain
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.bank import Bank
from selfee_rt.observe.classify import Knn
from selfee_rt.observe.reference import unit
from tests.observe.support import make_reference, points


@given(asked=st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_every_answer_is_the_product_with_the_direction_asked_about(asked):
    rows, directions = unit(points(30)), unit(points(5, seed=2))
    bank = Bank(rows)
    for which in asked:
        np.testing.assert_array_equal(bank.similarity(directions[which].copy()), np.dot(rows, directions[which]))


def test_sharing_a_bank_changes_no_answer():
    reference = make_reference()
    config = SelfeeAnomalyConfig(past_s=10, skip_exposures=0, warm_up_exposures=1)
    bank = Bank(reference.bank)
    knn, alone = Knn(reference, KnnConfig(k=10), bank=bank), Knn(reference, KnnConfig(k=10))
    shared, detector = (SelfeeAnomaly(reference, config, 10.0, bank=each) for each in (bank, None))
    abstain = Abstain(AbstainConfig(beyond_distance=0.3), bank)
    for point in points(20):
        np.testing.assert_array_equal(knn.probabilities(point), alone.probabilities(point))
        assert shared.score(point) == detector.score(point)
        assert abstain(point, np.ones(3) / 3) == ((1 - reference.bank @ unit(point)).min() > 0.3)
        shared.observe(point)
        detector.observe(point)


def test_a_bank_that_nobody_asked_yet_knows_no_answer():
    zero = np.zeros(5, np.float32)
    np.testing.assert_array_equal(Bank(unit(points(3))).similarity(zero), np.zeros(3))
