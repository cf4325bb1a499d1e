"""Batches hold nothing twice, come from one recording or from all, and depend on seed and step alone."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset import BatchSampler, live_frames
from tests.workbench.dataset.small import numbered

COUNTS = st.lists(st.integers(5, 40), min_size=1, max_size=4)


def recording(live: int, first: int = 0):
    """A set of that many live frames."""
    made = live_frames(numbered(list(range(first, first + live + 4))), 70)
    assert len(made) == live
    return made


def dark_and_bright() -> list:
    """Recordings whose pictures are below 100, and from 120 on."""
    return [recording(96), recording(96, first=120)]


@given(
    COUNTS,
    st.integers(1, 5),
    st.integers(0, 60),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1, 2, 3, 4]),
)
def test_the_shares_of_all_ranks_are_disjoint_and_make_the_batch(counts, share, step, inner, weighted, ranks) -> None:
    sets, batch = [recording(max(n, share * ranks)) for n in counts], share * ranks
    weights = list(range(1, len(sets) + 1)) if weighted else None
    sampler = BatchSampler(sets, weights, batch, 3, inner_shuffle=inner)
    whole = sampler.numbers(step)
    shares = [sampler.numbers(step, rank, ranks) for rank in range(ranks)]
    assert np.concatenate(shares).tolist() == whole.tolist()
    assert [len(each) for each in shares] == [share] * ranks
    assert len(set(whole.tolist())) == batch
    assert 0 <= whole.min() <= whole.max() < sum(map(len, sets))


@given(COUNTS, st.integers(1, 5), st.integers(0, 3))
def test_an_epoch_takes_no_live_frame_twice_and_leaves_over_less_than_a_batch_of_each(counts, batch, epoch) -> None:
    sampler = BatchSampler([recording(n) for n in counts], None, batch, 1)
    first, steps = np.concatenate(([0], np.cumsum(counts))), sum(n // batch for n in counts)
    drawn = np.concatenate([sampler.numbers(epoch * steps + i) for i in range(steps)])
    assert max(Counter(drawn.tolist()).values()) == 1
    taken = [np.count_nonzero((drawn >= a) & (drawn < b)) for a, b in pairwise(first)]
    assert taken == [n // batch * batch for n in counts]


@given(COUNTS, st.integers(1, 5))
def test_an_epoch_of_mixed_batches_leaves_over_less_than_one_batch(counts, batch) -> None:
    sampler = BatchSampler([recording(n) for n in counts], None, batch, 1, inner_shuffle=False)
    drawn = {int(i) for step in range(sum(counts) // batch) for i in sampler.numbers(step)}
    assert len(drawn) == sum(counts) // batch * batch


@pytest.mark.parametrize("weights", [None, [1, 1]])
def test_a_batch_comes_from_one_recording_unless_mixed(weights) -> None:
    def kinds(inner_shuffle: bool) -> list[tuple[bool, bool]]:
        sampler = BatchSampler(dark_and_bright(), weights, 20, seed=3, inner_shuffle=inner_shuffle)
        middles = [sampler.draw(step)[:, 1, 0, 0] for step in range(8)]
        assert all(len(set(middle.tolist())) == 20 for middle in middles)
        return [(bool((middle < 120).any()), bool((middle >= 120).any())) for middle in middles]

    assert set(kinds(inner_shuffle=True)) == {(True, False), (False, True)}
    assert set(kinds(inner_shuffle=False)) == {(True, True)}


def test_by_default_a_batch_comes_from_one_recording_and_holds_live_frames() -> None:
    images = BatchSampler(dark_and_bright(), None, 20, seed=3).draw(0).astype(int)
    assert (images[:, 1, 0, 0] >= 120).all() or (images[:, 1, 0, 0] < 120).all()
    assert (images[:, 2] - images[:, 0] == 4).all()


def test_recordings_are_drawn_by_weight() -> None:
    sampler = BatchSampler(dark_and_bright(), [9, 1], 2, seed=0)
    share = np.mean([sampler.draw(step)[0, 1, 0, 0] < 120 for step in range(500)])
    assert 0.85 < share < 0.95
    mixed = BatchSampler(dark_and_bright(), [9, 1], 20, seed=0, inner_shuffle=False)
    share = np.mean([sampler_batch[:, 1, 0, 0] < 120 for sampler_batch in map(mixed.draw, range(50))])
    assert 0.85 < share < 0.95


def test_without_weights_recordings_are_drawn_by_their_length() -> None:
    sampler = BatchSampler([recording(90), recording(30, first=120)], None, 10, seed=0)
    dark = [bool(sampler.draw(step)[0, 1, 0, 0] < 120) for step in range(24)]
    assert (sum(dark[:12]), sum(dark[12:])) == (9, 9)


@pytest.mark.parametrize("weights", [None, [1]])
def test_a_draw_depends_on_seed_and_step_only(weights) -> None:
    one, two, other = (BatchSampler([recording(100)], weights, 8, seed) for seed in (5, 5, 6))
    two.draw(0)
    two.draw(400)
    assert (one.draw(7) == two.draw(7)).all()
    assert not (one.draw(7) == other.draw(7)).all()
    assert not (one.draw(7) == one.draw(8)).all()
    assert not (one.draw(7) == one.draw(7 + 12)).all()  # the next epoch


def test_a_share_of_the_batches_can_be_of_raw_frames() -> None:
    def live(share: float) -> list[bool]:
        sampler = BatchSampler([recording(100)], None, 4, seed=0, live_share=share)
        batches = [sampler.draw(step) for step in range(200)]
        kinds = [{bool((image[0] != image[2]).any()) for image in batch} for batch in batches]
        assert all(len(kind) == 1 for kind in kinds)  # as the authors', for a whole batch at once
        return [kind.pop() for kind in kinds]

    assert not any(live(0.0))
    assert all(live(1.0))
    assert 0.6 < np.mean(live(0.7)) < 0.8


def test_every_problem_of_a_sampler_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        BatchSampler([recording(2), recording(2)], [1.0], 96, seed=0, live_share=2.0)
    assert len(caught.value.problems) == 4
    assert "holds 2 live frames, a batch needs 96" in caught.value.problems[0]


def test_mixed_epochs_may_hold_recordings_shorter_than_a_batch() -> None:
    sampler = BatchSampler([recording(3), recording(9)], None, 6, seed=0, inner_shuffle=False)
    assert len(sampler.draw(1)) == 6
    with pytest.raises(ConfigError, match="hold 12 live frames, a batch needs 13"):
        BatchSampler([recording(3), recording(9)], None, 13, seed=0, inner_shuffle=False)


def test_a_batch_that_cannot_be_shared_equally_is_refused() -> None:
    with pytest.raises(ConfigError, match="a batch of 8 cannot be shared equally by 3 processes"):
        BatchSampler([recording(20)], None, 8, seed=0).draw(0, rank=0, ranks=3)


def test_recordings_of_different_sizes_are_refused() -> None:
    other = recording(20)
    other.recording.grey.shape = (24, 6, 4)
    with pytest.raises(ConfigError, match=r"several sizes, \[\(4, 6\), \(6, 4\)\]"):
        BatchSampler([recording(20), other], None, 8, seed=0)
