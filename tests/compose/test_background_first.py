"""While backgrounds are made nothing is composed; each exposure of that time, and of the rest, has exactly one fate."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfee_rt.accounting import Ledger
from selfee_rt.compose.arena import ArenaPreparer
from selfee_rt.compose.background import BackgroundMaker
from selfee_rt.compose.background_first import Awaiting, BackgroundFirst
from selfee_rt.compose.cutout import Cutout
from selfee_rt.compose.live_frame import Composer
from selfee_rt.compose.mouse import SelfeeMouse
from selfee_rt.config import ArenaConfig
from selfee_rt.errors import AccountingError, SourceError
from selfee_rt.types import Frame, read_only

PX = (8, 8)
indices = st.one_of(
    st.sets(st.integers(0, 40)).map(sorted),
    st.lists(st.sampled_from([1, 1, 1, 1, 1, 1, 2, 5]), max_size=60).map(lambda steps: np.cumsum(steps).tolist()),
)


def frame(index, image=None):
    image = np.full(PX, index % 256, np.uint8) if image is None else image
    return Frame(index, 100 + index, 1000 + index, 2000 + index, read_only(image))


def begun(needed, interval, on_loss, kept=None):
    """A composer of as many arenas as there are numbers of exposures needed, in windows of one exposure."""
    kept = {} if kept is None else kept
    cutouts = [Cutout(ArenaConfig(name=f"arena{at}"), PX) for at in range(len(needed))]
    mice = [SelfeeMouse(from_px=PX, to_px=PX, contrast="dark") for _ in needed]
    preparers = [ArenaPreparer(cutout, mouse) for cutout, mouse in zip(cutouts, mice, strict=True)]
    composer = Composer(preparers, size_px=PX, interval=interval, on_loss=on_loss)
    awaiting = [
        Awaiting(cutout, mouse, BackgroundMaker(PX, window_exposures=1), n)
        for cutout, mouse, n in zip(cutouts, mice, needed, strict=True)
    ]
    return BackgroundFirst(composer, awaiting, on_loss=on_loss, on_background=kept.__setitem__)


def rule(index, arrived, needed, last, n):
    """The rule, as it is written down."""
    if index not in arrived:
        return "source"
    making = sorted(arrived)[:needed]
    if index in making:
        return "background"
    first = making[-1] + 1
    if index < first + n or index > last - n:
        return "edge"
    return "live" if all(index + step in arrived for step in range(-n, n + 1)) else "gap"


@settings(deadline=None, max_examples=300)
@given(arrived=indices, needed=st.integers(1, 12), n=st.integers(1, 3))
@example(arrived=[0, 1, 2, 5, 6, 7, 8, 9, 10, 11], needed=3, n=2)
@example(arrived=[3, 4], needed=5, n=1)
def test_every_exposure_has_exactly_the_fate_of_the_rule(arrived, needed, n):
    fates, composer = {}, None

    def lost(loss):
        for index in range(loss.first_index, loss.last_index + 1):
            assert index not in fates
            fates[index] = loss.hop

    composer = begun([needed], n, lost)
    for index in arrived:
        live = composer.push(frame(index))
        if live is not None:
            assert live.exposure.index not in fates
            fates[live.exposure.index] = "live"
    composer.finish()
    last = max(arrived, default=-1)
    assert fates == {index: rule(index, set(arrived), needed, last, n) for index in range(last + 1)}
    assert list(fates) == sorted(fates), "fates are told in the order of the exposures"


def test_a_ledger_takes_every_fate():
    ledger = Ledger()
    composer = begun([4], 1, ledger.lost)
    for index in (0, 1, 4, 5, 6, 7, 8):
        composer.push(frame(index))
    composer.finish()
    assert [(loss.hop, loss.first_index, loss.last_index) for loss in ledger.settle(7)] == [
        ("background", 0, 1),
        ("source", 2, 3),
        ("background", 4, 5),
        ("edge", 6, 6),
    ]


def test_each_arena_uses_as_many_exposures_as_it_needs_and_all_begin_together():
    kept = {}
    composer = begun([3, 5], 1, lambda loss: None, kept)
    for index, value in enumerate((10, 20, 30, 200, 210)):
        assert not kept
        assert composer.push(frame(index, np.full(PX, value, np.uint8))) is None
    assert {name: int(picture[0, 0]) for name, picture in kept.items()} == {"arena0": 20, "arena1": 30}


def test_a_stream_that_ends_too_early_leaves_no_background():
    kept, losses = {}, []
    composer = begun([10], 1, losses.append, kept)
    for index in range(9):
        composer.push(frame(index))
    composer.finish()
    assert kept == {}
    assert {loss.hop for loss in losses} == {"background"}
    assert sum(loss.count for loss in losses) == 9
    with pytest.raises(AccountingError, match="finished"):
        composer.push(frame(9))


def test_an_index_that_does_not_rise_is_refused():
    composer = begun([5], 1, lambda loss: None)
    composer.push(frame(3))
    with pytest.raises(AccountingError, match="3 was pushed after 3"):
        composer.push(frame(3))


def test_a_picture_of_another_size_is_refused_while_the_background_is_made():
    composer = begun([5], 1, lambda loss: None)
    with pytest.raises(SourceError, match="9x9 px arrived, expected 8x8"):
        composer.push(frame(0, np.zeros((9, 9), np.uint8)))
