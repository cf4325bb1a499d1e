"""A moved camera changes many cells of the picture; an animal few, a lamp none, nor does what is too dark to see."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.observe.scene import ExpectedScene

CELLS = 64
MEMORY = 5


def texture(seed=0):
    """Mean grey values of cells that all differ."""
    return np.random.default_rng(seed).permutation(np.linspace(40.0, 120.0, CELLS))


def accustomed(cells, blocks=20):
    scene = ExpectedScene(0.05, MEMORY)
    for _ in range(blocks):
        scene.changed(cells)
        scene.learn()
    return scene


def shown(scene, cells, blocks=MEMORY):
    return [scene.changed(cells) for _ in range(blocks)]


def test_what_is_as_before_has_not_changed_and_the_first_picture_neither():
    assert ExpectedScene(0.05, MEMORY).changed(texture()) == 0
    assert shown(accustomed(texture()), texture()) == [0] * MEMORY


def test_another_view_changes_nearly_everything_once_most_blocks_show_it():
    shares = shown(accustomed(texture()), texture(seed=1))
    assert shares[:2] == [0, 0]
    assert min(shares[2:]) > 0.8


@settings(deadline=None)
@given(changed=st.sets(st.integers(0, CELLS - 1), max_size=CELLS // 2 - 1), by=st.sampled_from([-30, -10, 10, 100]))
def test_the_share_is_that_of_the_cells_that_changed_however_strongly(changed, by):
    cells = texture()
    cells[list(changed)] += by
    assert shown(accustomed(texture()), cells)[-1] == len(changed) / CELLS


@settings(deadline=None)
@given(factor=st.floats(0.3, 2.0))
def test_a_lamp_changes_no_cell(factor):
    assert shown(accustomed(texture()), factor * texture())[-1] == 0


@pytest.mark.parametrize("memory", [1, 2, 3, 4])
def test_what_is_seen_is_the_median_of_the_last_blocks(memory):
    scene, blocks = ExpectedScene(0.05, memory), [texture(seed) for seed in range(7)]
    for _ in range(memory):
        scene.changed(np.median(blocks[-memory:], axis=0))
    scene.learn()
    assert [scene.changed(block) for block in blocks][-1] == 0
    assert scene.changed(texture(seed=9)) > 0


def test_an_animal_that_only_passes_leaves_no_trace():
    scene = accustomed(texture())
    for place in range(CELLS):
        cells = texture()
        cells[place] = 250
        assert scene.changed(cells) == 0


def test_less_than_half_a_grey_value_is_no_change_in_the_dark():
    dark = np.full(CELLS, 2.0)
    cells = dark.copy()
    cells[:10] = 2.4
    assert shown(accustomed(dark), cells)[-1] == 0
    cells[:10] = 2.6
    assert shown(accustomed(dark), cells)[-1] == pytest.approx(10 / CELLS)


def test_black_pictures_are_compared_too():
    black = np.zeros(CELLS)
    assert shown(accustomed(black), black)[-1] == 0
    assert shown(accustomed(black), texture())[-1] == 1


def test_only_what_is_learned_becomes_expected():
    scene = accustomed(texture())
    assert shown(scene, texture(seed=1), 500)[-1] > 0.8
    for _ in range(5000):
        scene.changed(texture(seed=1))
        scene.learn()
    assert scene.changed(texture(seed=1)) == 0
