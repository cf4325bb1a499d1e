"""The order of shams is balanced, random, and can be taken up anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.trigger.shams import Shams

blocks = st.integers(1, 12).flatmap(lambda block: st.tuples(st.just(block), st.integers(0, block)))
seeds = st.integers(0, 2**64)


@given(blocks, seeds, st.integers(0, 50))
def test_each_block_has_exactly_its_part_of_shams(block_and_shams, seed, number):
    block, shams = block_and_shams
    order = Shams(shams / block, block=block, seed=seed)
    assert sum(order.withheld(number * block + place) for place in range(block)) == shams


@given(blocks, seeds, st.lists(st.integers(0, 100), max_size=20))
def test_equal_seeds_give_equal_orders_in_whatever_order_they_are_asked(block_and_shams, seed, positions):
    block, shams = block_and_shams
    straight, asked = (Shams(shams / block, block=block, seed=seed) for _ in range(2))
    whole = [straight.withheld(position) for position in range(101)]
    assert [asked.withheld(position) for position in positions] == [whole[position] for position in positions]


def test_seeds_and_blocks_differ():
    orders = {tuple(Shams(0.5, block=8, seed=seed).withheld(at) for at in range(8)) for seed in range(20)}
    assert len(orders) > 10
    one = Shams(0.5, block=8, seed=0)
    assert len({tuple(one.withheld(8 * block + at) for at in range(8)) for block in range(20)}) > 10


@pytest.mark.parametrize("place", range(4))
def test_a_sham_is_as_likely_at_every_place_of_a_block(place):
    shams = sum(Shams(0.25, block=4, seed=seed).withheld(place) for seed in range(2000))
    assert 400 < shams < 600  # 500 expected, five standard deviations of 19 to either side


def test_the_order_of_a_seed_never_changes_since_records_are_unblinded_by_it():
    order = Shams(0.5, block=4, seed=2**40 + 1)
    assert "".join("SR"[not order.withheld(position)] for position in range(16)) == "SRRSSSRRSRSRRSRS"
