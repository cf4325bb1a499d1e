"""Colours of labels: one each, the same everywhere."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt.errors import MissingExtra
from selfee_rt.palette import COLOURS, GREY
from selfee_rt.workbench.figures import need_matplotlib, new_figure, numbered, styles
from tests.support import need_module

NAMES = st.lists(st.text(min_size=1, max_size=8).filter(lambda name: name != "unlabel"), unique=True, max_size=40)


@given(NAMES, st.randoms())
def test_no_two_labels_look_alike_and_their_order_does_not_matter(names, random):
    found = styles(names)
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    mixed = list(names)
    random.shuffle(mixed)
    assert styles(mixed) == found


@given(NAMES)
def test_the_colours_of_a_few_labels_are_all_different(names):
    few = names[: len(COLOURS)]
    assert len({style.colour for style in styles(few).values()}) == len(few)


def test_the_labels_of_courting_flies_keep_their_colours_when_there_is_one_more():
    few, more = styles(["chasing", "nothing", "winging"]), styles(["chasing", "copulation", "nothing", "winging"])
    assert {name: more[name] for name in few} == few


def test_what_nobody_labelled_is_grey():
    assert {style.colour for style in styles(["unlabel", ""]).values()} == {GREY}
    assert GREY not in COLOURS


@pytest.mark.parametrize("count", [1, 10, 11, 100])
def test_numbered_things_have_different_colours(count):
    need_module("matplotlib")
    assert len(set(numbered(count))) == count


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_drawing_is_the_same_file(tmp_path, kind):
    need_module("matplotlib")
    for name in ("a", "b"):
        with new_figure(tmp_path / f"{name}.{kind}", 2, 2) as figure:
            figure.add_subplot().plot([0, 1], [1, 0], label="a")
    assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_a_drawing_that_fails_leaves_no_file(tmp_path):
    need_module("matplotlib")
    with pytest.raises(ZeroDivisionError), new_figure(tmp_path / "a.png", 2, 2):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"selfee-rt\[analysis\]"):
        need_matplotlib()
