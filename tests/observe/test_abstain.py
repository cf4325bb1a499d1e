"""When no label is given: at the limits, on either side of them, and by either of the two reasons."""

import numpy as np
import pytest

from selfee_rt.config import AbstainConfig
from selfee_rt.observe.abstain import Abstain
from selfee_rt.observe.bank import Bank

EAST, NORTH = np.array([2, 0], np.float32), np.array([0, 3], np.float32)
BANK = Bank(np.array([[1, 0]], np.float32))


@pytest.mark.parametrize(
    ("limits", "point", "confidence", "expected"),
    [
        ({"below_confidence": 0.6}, EAST, 0.59, True),
        ({"below_confidence": 0.6}, EAST, 0.6, False),
        ({"below_confidence": 0.6}, NORTH, 0.6, False),
        ({"beyond_distance": 0.9}, EAST, 0.1, False),
        ({"beyond_distance": 0.9}, NORTH, 1.0, True),
        ({"beyond_distance": 1.0}, NORTH, 1.0, False),
        ({"below_confidence": 0.6, "beyond_distance": 0.9}, EAST, 0.5, True),
        ({"below_confidence": 0.6, "beyond_distance": 0.9}, NORTH, 0.9, True),
        ({"below_confidence": 0.6, "beyond_distance": 0.9}, EAST, 0.9, False),
    ],
)
def test_a_label_is_withheld_for_either_reason(limits, point, confidence, expected):
    assert Abstain(AbstainConfig(**limits), BANK)(point, np.array([confidence, 0.0])) is expected


def test_an_abstention_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="set below_confidence, beyond_distance or both"):
        AbstainConfig()
