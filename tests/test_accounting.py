"""Every exposure has exactly one fate, whoever reports it and in whatever order."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.accounting import Ledger
from selfee_rt.errors import AccountingError
from selfee_rt.types import Loss

HOPS = ("source", "edge", "gap", "channel:embed", "fault")

fates = st.lists(st.sampled_from([*HOPS, "observed", "observed"]), max_size=40)


def ranges(hops, cuts):
    """The losses of a list of fates as ranges, cut at some of the places where one could go on."""
    found: list[Loss] = []
    for index, hop in enumerate(hops):
        if hop == "observed":
            continue
        last = found[-1] if found else None
        if last is not None and last.hop == hop and last.last_index == index - 1 and index not in cuts:
            found[-1] = Loss(hop, last.first_index, index)
        else:
            found.append(Loss(hop, index, index))
    return found


def spread(losses):
    return {index: loss.hop for loss in losses for index in range(loss.first_index, loss.last_index + 1)}


def walk(ledger, hops):
    """Settle and observe as the deciding thread does; returns all that was settled."""
    settled = []
    for index, hop in enumerate(hops):
        if hop == "observed":
            settled += ledger.settle(index)
            ledger.observed(index)
    return [*settled, *ledger.settle(len(hops))]


@given(hops=fates, cuts=st.sets(st.integers(0, 40)), data=st.data())
def test_losses_reported_in_any_order_and_any_pieces_are_settled_in_order_and_joined(hops, cuts, data):
    ledger = Ledger()
    for loss in data.draw(st.permutations(ranges(hops, cuts))):
        ledger.lost(loss)
    assert walk(ledger, hops) == ranges(hops, ())
    assert ledger.next_index == len(hops)


@given(hops=fates, cuts=st.sets(st.integers(0, 40)), data=st.data())
def test_no_exposure_can_be_lost_twice(hops, cuts, data):
    ledger = Ledger()
    losses = ranges(hops, cuts)
    for loss in losses:
        ledger.lost(loss)
    first, last = sorted((data.draw(st.integers(0, 42)), data.draw(st.integers(0, 42))))
    again = Loss("gap", first, last)
    if set(spread([again])) & set(spread(losses)):
        with pytest.raises(AccountingError):
            ledger.lost(again)
        assert spread(walk(ledger, hops)) == spread(losses)
    else:
        ledger.lost(again)


@given(hops=fates, missing=st.integers(0, 39))
def test_an_exposure_without_a_fate_is_an_error_and_settles_nothing(hops, missing):
    ledger = Ledger()
    for loss in ranges(hops, range(41)):
        if loss.first_index != missing:
            ledger.lost(loss)
    lossless = missing >= len(hops) or hops[missing] == "observed"
    if lossless:
        walk(ledger, hops)
    else:
        with pytest.raises(AccountingError, match=f"exposure {missing} has no fate"):
            walk(ledger, hops)
        assert ledger.next_index <= missing
        ledger.lost(Loss("fault", missing, missing))
        ledger.settle_known()
        assert ledger.next_index > missing


@given(hops=fates, known=st.sets(st.integers(0, 39)))
def test_the_end_of_a_failed_session_accounts_for_the_rest_as_fault(hops, known):
    ledger = Ledger()
    reported = [loss for loss in ranges(hops, range(41)) if loss.first_index in known]
    for loss in reported:
        ledger.lost(loss)
    concluded = ledger.conclude(len(hops))
    expected = dict.fromkeys(range(len(hops)), "fault") | spread(reported)
    assert spread(concluded) == expected
    assert sum(loss.count for loss in concluded) == len(hops)
    assert ledger.next_index == len(hops)


@given(hops=fates)
def test_what_is_known_can_be_settled_up_to_the_first_exposure_still_under_way(hops):
    ledger = Ledger()
    for loss in ranges(hops, range(41)):
        ledger.lost(loss)
    under_way = hops.index("observed") if "observed" in hops else len(hops)
    assert spread(ledger.settle_known()) == dict(enumerate(hops[:under_way]))
    assert ledger.next_index == under_way
    assert ledger.settle_known() == ()


def test_a_failed_session_is_accounted_for_only_up_to_where_it_was_asked():
    ledger = Ledger()
    ledger.lost(Loss("gap", 1, 1))
    ledger.lost(Loss("source", 8, 9))
    assert ledger.conclude(5) == (Loss("fault", 0, 0), Loss("gap", 1, 1), Loss("fault", 2, 4))
    assert ledger.next_index == 5


def test_settling_does_not_reach_beyond_what_was_asked():
    ledger = Ledger()
    ledger.lost(Loss("gap", 0, 4))
    with pytest.raises(AccountingError):
        ledger.settle(3)
    assert ledger.settle(5) == (Loss("gap", 0, 4),)
    assert ledger.settle(2) == ()
    assert ledger.next_index == 5


def test_an_exposure_that_was_reported_lost_cannot_be_observed():
    ledger = Ledger()
    ledger.lost(Loss("gap", 0, 1))
    with pytest.raises(AccountingError, match="also reported"):
        ledger.observed(0)


@pytest.mark.parametrize("index", [0, 2, 3])
def test_only_the_next_exposure_can_be_observed(index):
    ledger = Ledger()
    ledger.observed(0)
    with pytest.raises(AccountingError, match=f"exposure {index} was observed, expected 1"):
        ledger.observed(index)


@pytest.mark.parametrize("loss", [Loss("gap", 0, 0), Loss("gap", 5, 4), Loss("gap", -1, -1)])
def test_a_loss_of_the_past_or_of_nothing_is_refused(loss):
    ledger = Ledger()
    ledger.observed(0)
    with pytest.raises(AccountingError):
        ledger.lost(loss)


@settings(max_examples=20, deadline=None)
@given(hops=fates, seed=st.randoms())
def test_several_threads_can_report_at_once(hops, seed):
    ledger = Ledger()
    losses = ranges(hops, range(41))
    seed.shuffle(losses)
    start = threading.Barrier(3)

    def report(part):
        start.wait()
        for loss in part:
            ledger.lost(loss)

    threads = [threading.Thread(target=report, args=(losses[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert walk(ledger, hops) == ranges(hops, ())


def test_a_dropped_exposure_carries_its_channels_name():
    ledger = Ledger()
    ledger.dropped("embed", 0)
    assert ledger.settle(1) == (Loss("channel:embed", 0, 0),)
