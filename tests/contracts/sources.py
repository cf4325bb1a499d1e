"""Every source that the contract suite runs over; adding one is a line in `SOURCES`.

A factory gets a folder for its files and an `ExitStack` for what must end after the test, and returns a source that is
not open yet. It should give at least ten frames; a finite one not many more than a hundred.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import SyntheticConfig
from selfee_rt.protocols import Source

Factory = Callable[[Path, ExitStack], Source]


def synthetic(**settings) -> Factory:
    """The synthetic arena, small."""
    config = SyntheticConfig(width_px=128, height_px=96, fps=100, **settings)
    return lambda folder, stack: SyntheticArena(config)


SOURCES: dict[str, Factory] = {
    "synthetic, max": synthetic(speed="max", seconds=0.3),
    "synthetic, paced": synthetic(seconds=1.0),
    "synthetic, drops": synthetic(speed="max", seconds=0.3, drop=((0, 2), (5, 5), (28, 40))),
    "synthetic, endless": synthetic(speed="max"),
}
