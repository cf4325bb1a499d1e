"""What plots show, so that nothing is drawn twice."""

from dataclasses import dataclass

from selfee_rt.clock import NS_PER_S
from selfee_rt.view.model import Model
from selfee_rt.view.panels.plot import POINTS
from selfee_rt.view.sight import FIRST_SPAN_S, Sight


@dataclass(frozen=True, slots=True)
class Shown:
    """A time of one arena; times in media_ns."""

    model: int
    arena: str
    left_ns: int
    at_ns: int
    """What is looked at; live the right edge."""
    right_ns: int
    is_live: bool
    n_prepended: int
    """How often something older had come: the same time is then to be drawn again."""
    jumped_ns: int | None
    """Where the camera's clock jumped back; None: nowhere."""

    @property
    def jumped_s(self) -> float | None:
        """The same, in seconds from the right edge; None: nowhere in what is shown."""
        if self.jumped_ns is None or not self.left_ns <= self.jumped_ns <= self.right_ns:
            return None
        return (self.jumped_ns - self.right_ns) / NS_PER_S


def shown_time(model: Model, arena: str, sight: Sight) -> Shown | None:
    """What is to be shown of an arena; None: nothing has been observed in it.

    Live, longer spans move in whole columns: nobody sees less, and they need not be drawn at every exposure.
    """
    extent = model.extent(arena)
    if extent is None:
        return None
    newest_ns = extent[1]
    if sight.is_live and sight.span_s > FIRST_SPAN_S:
        column_ns = round(sight.span_s * NS_PER_S / POINTS)
        newest_ns -= newest_ns % column_ns
    left_ns, right_ns = sight.edges(extent[0], newest_ns)
    at_ns = right_ns if sight.at_ns is None else sight.at_ns
    return Shown(id(model), arena, left_ns, at_ns, right_ns, sight.is_live, model.n_prepended, model.jumped_ns)
