"""A small picture of how long inferences take, drawn with characters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

TO_P50, TO_P95, TO_P99, LIMIT = "█", "▓", "░", "│"
LEAST_CELLS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the picture, in milliseconds, rising."""

    name: str
    p50_ms: float
    p95_ms: float
    p99_ms: float


def plot(bars: Sequence[Bar], limit_ms: float, width: int) -> list[str]:
    r"""One line per bar and an axis; `limit_ms` is marked across all, `width` is that of a line in characters.

    >>> print("\n".join(plot([Bar("cpu", 10, 12, 14), Bar("cuda", 2, 2, 2)], 10.0, 40)))
    cpu  ██████████████████████│▓▓▓▓░░░░
    cuda █████                 │
         0                  10.0     14.0 ms
    """
    room = max(len(bar.name) for bar in bars)
    cells = max(LEAST_CELLS, width - room - 4)
    most_ms = max(limit_ms, *(bar.p99_ms for bar in bars))
    scale = (cells - 1) / most_ms
    limit = round(limit_ms * scale)
    lines = [f"{bar.name:<{room}} {_line(bar, scale, limit, cells)}".rstrip() for bar in bars]
    return [*lines, f"{'':<{room}} {_axis(limit, limit_ms, cells, most_ms)}"]


def _line(bar: Bar, scale: float, limit: int, cells: int) -> str:
    """The bar, with the limit drawn over it."""
    ends = [math.ceil(each * scale) for each in (bar.p50_ms, bar.p95_ms, bar.p99_ms)]
    drawn = TO_P50 * ends[0] + TO_P95 * (ends[1] - ends[0]) + TO_P99 * (ends[2] - ends[1])
    line = list(drawn.ljust(cells))
    line[limit] = LIMIT
    return "".join(line)


def _axis(limit: int, limit_ms: float, cells: int, most_ms: float) -> str:
    """0, the limit where it is, and the end where there is room for it."""
    text = f"{limit_ms:.1f}"
    start = max(2, min(limit - len(text) + 1, cells - len(text)))
    axis = f"0{'':<{start - 1}}{text}"
    end = f"{most_ms:.1f}"
    return f"{axis}{end:>{cells - len(axis)}} ms" if cells - len(axis) > len(end) else f"{axis} ms"
