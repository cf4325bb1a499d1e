"""A histogram in round numbers of milliseconds, as lines of text and as a drawing (SVG)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MOST_BINS = 24
BAR_CHARACTERS = 50
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 260, 46, 40, 12
"""Of the drawing, in pixels: the whole, and the margins for its axes."""
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in bins of equal width; bin i begins at `start_ms + i * width_ms`."""

    start_ms: float
    width_ms: float
    counts: tuple[int, ...]

    @property
    def edges_ms(self) -> tuple[float, ...]:
        """Where the bins begin, and where the last one ends."""
        return tuple(self.start_ms + number * self.width_ms for number in range(len(self.counts) + 1))


def histogram(values_ms: Sequence[float]) -> Histogram | None:
    """All the values in at most `MOST_BINS` bins, whose width is 1, 2 or 5 times a power of ten; None: no values.

    >>> histogram([1.0, 2.5, 2.6, 30.0])
    Histogram(start_ms=0.0, width_ms=2.0, counts=(1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
    """
    if not values_ms:
        return None
    low, high = min(values_ms), max(values_ms)
    width = _round_width((high - low) / (MOST_BINS - 1))
    first = math.floor(low / width)
    numbers = [math.floor(value / width) - first for value in values_ms]
    counts = [0] * (max(numbers) + 1)
    for number in numbers:
        counts[number] += 1
    return Histogram(first * width, width, tuple(counts))


def _round_width(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten, from 0.01 ms on, that is not below `least`."""
    exponent = math.floor(math.log10(max(least, 0.01)))
    for step in (1, 2, 5, 10):
        width = step * 10**exponent if exponent >= 0 else step / 10**-exponent
        if width >= least and width >= 0.01:
            return float(width)
    return float(10 ** (exponent + 1))


def text_lines(drawn: Histogram) -> list[str]:
    r"""One line per bin: where it begins, a bar, how many.

    >>> print("\n".join(text_lines(Histogram(2.0, 1.0, (1, 4)))))
       2 ms ████████████▌ 1
       3 ms ██████████████████████████████████████████████████ 4
    """
    most = max(drawn.counts)
    labels = [f"{edge:.6g}" for edge in drawn.edges_ms[:-1]]
    room = max(4, *(len(label) for label in labels))
    return [
        f"{label:>{room}} ms {_bar(count / most)}{' ' if count else ''}{count}"
        for label, count in zip(labels, drawn.counts, strict=True)
    ]


def _bar(part: float) -> str:
    """A bar of eighths of a character; what is not nothing shows at least one."""
    eighths = max(round(part * BAR_CHARACTERS * 8), 1 if part else 0)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


def svg(drawn: Histogram, title: str, marks: Sequence[tuple[str, float]] = ()) -> str:
    """A drawing that needs nothing outside itself; `marks` are named places on the axis, in milliseconds."""
    span = len(drawn.counts) * drawn.width_ms
    across = (WIDTH - LEFT - 10) / span

    def x(value_ms: float) -> float:
        return LEFT + (value_ms - drawn.start_ms) * across

    up = (HEIGHT - BOTTOM - TOP) / max(drawn.counts)
    floor = HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">',
        f"<title>{escape(title)}</title>",
    ]
    for edge, count in zip(drawn.edges_ms, drawn.counts, strict=False):
        shape = f'x="{x(edge):.1f}" y="{floor - count * up:.1f}" width="{drawn.width_ms * across:.1f}"'
        parts.append(f'<rect {shape} height="{count * up:.1f}" fill="#0072b2" stroke="#fff" stroke-width="0.5"/>')
    parts += [_label(LEFT - 6, TOP + 8, f"{max(drawn.counts)}", "end"), _label(LEFT - 6, floor, "0", "end")]
    for edge in drawn.edges_ms[:: max(1, math.ceil(len(drawn.counts) / MOST_TICKS))]:
        parts.append(_label(x(edge), floor + 15, f"{edge:.6g}", "middle"))
    for row, (name, value) in enumerate(marks):
        parts.append(f'<path d="M{x(value):.1f} {TOP}V{floor}" stroke="#d55e00" stroke-dasharray="4 3"/>')
        parts.append(_label(x(value) + 4, TOP + 10 + 14 * row, name, "start"))
    parts.append(_label((WIDTH + LEFT) / 2, HEIGHT - 6, "milliseconds", "middle"))
    return "\n".join([*parts, "</svg>"])


def _label(x: float, y: float, text: str, anchor: str) -> str:
    font = 'font-family="system-ui, sans-serif" font-size="12"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {font} text-anchor="{anchor}">{escape(text)}</text>'
