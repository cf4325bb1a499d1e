"""The rolling window: every exposure is current once or lost once, and no live frame spans a dropped exposure."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from selfee_rt.accounting import Ledger
from selfee_rt.compose.live_frame import Composer
from selfee_rt.config import ArenaConfig, Region
from selfee_rt.errors import AccountingError, ConfigError, SourceError
from selfee_rt.types import Frame, ImageStats, read_only
from tests.compose.arenas import preparer

WHOLE = (ArenaConfig(name="whole"),)

indices = st.one_of(
    st.sets(st.integers(0, 40)).map(sorted),
    st.lists(st.sampled_from([1, 1, 1, 1, 1, 1, 2, 5]), max_size=60).map(lambda steps: np.cumsum(steps).tolist()),
)


def frame(index, image=None):
    image = np.full((8, 8), index % 256, np.uint8) if image is None else image
    return Frame(index, 100 + index, 1000 + index, 2000 + index, read_only(image))


def composed(interval, on_loss, arenas=WHOLE, size_px=(8, 8), picture_px=(8, 8)):
    preparers = [preparer(arena, size_px, picture_px) for arena in arenas]
    return Composer(preparers, size_px=size_px, interval=interval, on_loss=on_loss)


def run(arrived, interval):
    """Everything a composer says about a stream: [(stream index pushed, loss or live frames)], in order."""
    said = []
    composer = composed(interval, said.append)
    for index in arrived:
        live = composer.push(frame(index))
        if live is not None:
            said.append(live)
    composer.finish()
    losses = [item for item in said if not hasattr(item, "exposure")]
    return said, losses, [item for item in said if hasattr(item, "exposure")]


def reference_fate(index, arrived, last, n):
    """The rule, as it is written down."""
    if index not in arrived:
        return "source"
    if index < n or index > last - n:
        return "edge"
    return "live" if all(index + step in arrived for step in range(-n, n + 1)) else "gap"


@settings(deadline=None, max_examples=400)
@given(arrived=indices, n=st.integers(1, 4))
@example(arrived=[7], n=1)
@example(arrived=[0, 1, 2, 3, 4, 5, 7, 8, 9, 10], n=3)
def test_every_exposure_has_exactly_the_fate_of_the_rule(arrived, n):
    _, losses, live = run(arrived, n)
    fates = [(index, loss.hop) for loss in losses for index in range(loss.first_index, loss.last_index + 1)]
    fates += [(frames.exposure.index, "live") for frames in live]
    last = max(arrived, default=-1)
    assert sorted(fates) == [(index, reference_fate(index, set(arrived), last, n)) for index in range(last + 1)]


@settings(deadline=None, max_examples=200)
@given(arrived=indices, n=st.integers(1, 4))
def test_losses_come_in_order_and_before_the_live_frames_after_them(arrived, n):
    said, _, _ = run(arrived, n)
    position = 0
    for item in said:
        first, last = (item.exposure.index,) * 2 if hasattr(item, "exposure") else (item.first_index, item.last_index)
        assert first == position
        position = last + 1


@settings(deadline=None, max_examples=200)
@given(arrived=indices, n=st.integers(1, 4))
def test_live_frames_are_the_centred_windows(arrived, n):
    for live in run(arrived, n)[2]:
        index = live.exposure.index
        assert live.image.shape == (1, 3, 8, 8)
        assert live.image[0, :, 0, 0].tolist() == [index - n, index, index + n]
        assert live.exposure.newest_index == index + n
        assert (live.exposure.media_ns, live.exposure.captured_ns, live.exposure.received_ns) == (
            100 + index,
            1000 + index,
            2000 + index,
        )
        assert live.exposure.newest_media_ns == 100 + index + n
        assert live.exposure.newest_captured_ns == 1000 + index + n
        assert live.exposure.newest_received_ns == 2000 + index + n
        assert live.composed_ns > 0


@settings(deadline=None, max_examples=200)
@given(arrived=indices, n=st.integers(1, 4))
def test_a_ledger_settles_what_the_composer_says(arrived, n):
    ledger = Ledger()
    composer = composed(n, ledger.lost)
    for index in arrived:
        live = composer.push(frame(index))
        if live is not None:
            ledger.settle(live.exposure.index)
            ledger.observed(live.exposure.index)
    composer.finish()
    ledger.settle(max(arrived, default=-1) + 1)
    assert ledger.next_index == max(arrived, default=-1) + 1


def test_a_long_outage_is_one_loss_of_the_source():
    _, losses, _ = run([0, 1, 2, 10_000_000, 10_000_001], 1)
    assert [(loss.hop, loss.first_index, loss.last_index) for loss in losses] == [
        ("edge", 0, 0),
        ("gap", 2, 2),
        ("source", 3, 9_999_999),
        ("gap", 10_000_000, 10_000_000),
        ("edge", 10_000_001, 10_000_001),
    ]


def test_live_frames_are_frozen_and_not_overwritten_by_later_exposures():
    composer = composed(1, lambda loss: None)
    live = [composer.push(frame(index)) for index in range(20)]
    first = live[2]
    assert first.image[0, :, 3, 3].tolist() == [0, 1, 2]
    for array in (first.image, first.image_stats):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_all_arenas_of_an_exposure_travel_together_with_their_own_brightness():
    arenas = [
        ArenaConfig(name="left", region=Region(x=0, y=0, width=16, height=16)),
        ArenaConfig(name="right", region=Region(x=16, y=0, width=16, height=16), invert=True),
    ]
    composer = composed(1, lambda loss: None, arenas, size_px=(16, 16), picture_px=(16, 32))
    live = None
    for index, (left, right) in enumerate([(10, 20), (30, 40), (50, 60)]):
        image = np.empty((16, 32), np.uint8)
        image[:, :16], image[:, 16:24], image[:, 24:] = left, right - 10, right + 10
        live = composer.push(frame(index, image))
    assert live.image.shape == (2, 3, 16, 16)
    assert live.image[0, :, 5, 5].tolist() == [10, 30, 50]
    assert live.image[1, :, 5, 0].tolist() == [245, 225, 205]
    assert live.image_stats.shape == (2, ImageStats.COUNT)
    np.testing.assert_allclose(live.image_stats[:, [ImageStats.MEAN, ImageStats.DEVIATION]], [[30, 0], [215, 10]])
    np.testing.assert_allclose(live.image_stats[0, ImageStats.CELLS], 30)
    np.testing.assert_allclose(live.image_stats[1, ImageStats.CELLS], ([225] * 4 + [205] * 4) * 8)
    assert live.image_stats.dtype == np.float32


def test_colour_and_grey_pictures_of_one_scene_give_the_same_live_frames():
    grey = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    windows = []
    for image in (grey, np.repeat(grey[..., None], 3, axis=2)):
        composer = composed(1, lambda loss: None)
        windows.append([composer.push(frame(index, image.copy())) for index in range(3)][-1].image.astype(int))
    assert np.abs(windows[0] - windows[1]).max() <= 1


@pytest.mark.parametrize("index", [4, 5])
def test_an_index_that_does_not_rise_is_an_accounting_error(index):
    composer = composed(1, lambda loss: None)
    composer.push(frame(5))
    with pytest.raises(AccountingError, match=f"exposure {index} was pushed after 5"):
        composer.push(frame(index))


def test_nothing_can_be_pushed_into_a_stream_that_has_ended():
    said = []
    composer = composed(1, said.append)
    composer.push(frame(0))
    composer.finish()
    composer.finish()
    assert [(loss.hop, loss.first_index, loss.last_index) for loss in said] == [("edge", 0, 0)]
    with pytest.raises(AccountingError, match="finished"):
        composer.push(frame(1))


def test_a_picture_that_changes_its_size_is_refused_and_the_stream_can_still_be_finished():
    said = []
    composer = composed(1, said.append)
    composer.push(frame(0))
    with pytest.raises(SourceError, match="9x8 px arrived"):
        composer.push(frame(1, np.zeros((8, 9), np.uint8)))
    composer.finish()
    assert sum(loss.count for loss in said) == 2


def test_what_cannot_be_composed_is_refused_at_once():
    with pytest.raises(ValueError, match="at least 1"):
        composed(0, lambda loss: None)
    with pytest.raises(ConfigError, match="far"):
        composed(1, lambda loss: None, [ArenaConfig(name="far", region=Region(x=8, y=0, width=8, height=8))])
