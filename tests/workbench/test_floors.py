"""Every figure has its own floor, and the message has them all."""

from dataclasses import replace

import pytest

from selfee_rt.errors import ModelError
from selfee_rt.workbench.floors import Floors
from selfee_rt.workbench.knn_f1 import FoundF1
from selfee_rt.workbench.likeness import Likeness

GOOD = Likeness(
    live_frames=256,
    centred_cosine_median=0.99,
    centred_cosine_p5=0.95,
    centred_cosine_min=0.5,
    neighbours_kept=0.9,
    neighbours_by_chance=0.04,
)


def test_figures_above_their_floors_are_accepted() -> None:
    Floors().check(GOOD, "a.mp4")
    Floors().check_f1(FoundF1("a.mp4", source=0.6, smaller=0.58))
    Floors().check_f1(FoundF1("a.mp4", source=0.6, smaller=0.7))


@pytest.mark.parametrize("figure", ["centred_cosine_median", "centred_cosine_p5", "neighbours_kept"])
@pytest.mark.parametrize("value", [0.1, float("nan")])
def test_one_figure_below_its_floor_is_refused_and_named(figure: str, value: float) -> None:
    with pytest.raises(ModelError, match=r"on 256 live frames of a\.mp4: .*Nothing was written") as caught:
        Floors().check(replace(GOOD, **{figure: value}), "a.mp4")
    said = str(caught.value)
    assert said.count("(missed)") == 1
    assert said.count("expected") == 3
    assert f"expected {getattr(Floors(), figure):g} (missed)" in said


@pytest.mark.parametrize("smaller", [0.56, float("nan")])
def test_a_fall_of_f1_beyond_its_floor_is_refused(smaller: float) -> None:
    with pytest.raises(ModelError, match=r"a\.mp4 .* expected at most 0.03 less than its source's 0.600"):
        Floors().check_f1(FoundF1("a.mp4", source=0.6, smaller=smaller))
