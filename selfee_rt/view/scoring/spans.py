"""Spans of exposures with a label, both ends inclusive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from selfee_rt.types import UNLABELLED


@dataclass(frozen=True, slots=True)
class Span:
    """Exposures `first` to `last` show `label`."""

    label: str
    first: int
    last: int

    def holds(self, index: int) -> bool:
        """Whether an exposure is in it."""
        return self.first <= index <= self.last


Spans = tuple[Span, ...]
"""In order, without overlap; two that touch have different labels. What is in none is `unlabel`."""


def painted(spans: Spans, first: int, last: int, label: str) -> Spans:
    """Put a label on exposures, whatever they had; `unlabel` takes theirs away.

    Spans that touch and have one label become one, since in a file of labels nothing tells them apart.

    >>> painted((Span("a", 0, 9),), 4, 5, "b")
    (Span(label='a', first=0, last=3), Span(label='b', first=4, last=5), Span(label='a', first=6, last=9))
    >>> painted((Span("a", 0, 3), Span("a", 6, 9)), 4, 5, "a")
    (Span(label='a', first=0, last=9),)
    """
    kept = [part for span in spans for part in _outside(span, first, last)]
    new = [] if label == UNLABELLED else [Span(label, first, last)]
    return _joined(sorted(kept + new, key=lambda span: span.first))


def _outside(span: Span, first: int, last: int) -> Iterable[Span]:
    """What is left of a span outside a range."""
    if span.first < first:
        yield Span(span.label, span.first, min(span.last, first - 1))
    if span.last > last:
        yield Span(span.label, max(span.first, last + 1), span.last)


def _joined(spans: Iterable[Span]) -> Spans:
    joined: list[Span] = []
    for span in spans:
        before = joined[-1] if joined else None
        if before is not None and before.label == span.label and before.last + 1 == span.first:
            joined[-1] = Span(span.label, before.first, span.last)
        else:
            joined.append(span)
    return tuple(joined)


def span_at(spans: Spans, index: int) -> Span | None:
    """The span that an exposure is in.

    >>> span_at((Span("a", 3, 5),), 5), span_at((Span("a", 3, 5),), 6)
    (Span(label='a', first=3, last=5), None)
    """
    return next((span for span in spans if span.holds(index)), None)


def spans_of(labels: Iterable[str]) -> Spans:
    """Spans of the labels of all exposures.

    >>> spans_of(["a", "a", "unlabel", "b"])
    (Span(label='a', first=0, last=1), Span(label='b', first=3, last=3))
    """
    spans, first = [], 0
    for label, same in groupby(labels):
        count = sum(1 for _ in same)
        if label != UNLABELLED:
            spans.append(Span(label, first, first + count - 1))
        first += count
    return tuple(spans)


def labels_of(spans: Spans, exposures: int) -> tuple[str, ...]:
    """Label of each of so many exposures; none of the spans may reach beyond them.

    >>> labels_of((Span("a", 1, 2),), 4)
    ('unlabel', 'a', 'a', 'unlabel')
    """
    labels = [UNLABELLED] * exposures
    for span in spans:
        if span.last >= exposures:
            raise IndexError(f"{span} reaches beyond the last of {exposures} exposures")
        labels[span.first : span.last + 1] = [span.label] * (span.last + 1 - span.first)
    return tuple(labels)


def edges_of(spans: Sequence[Span]) -> list[int]:
    """First exposure of each span and of what follows it, rising, each once.

    >>> edges_of((Span("a", 1, 2), Span("b", 3, 4)))
    [1, 3, 5]
    """
    return sorted({edge for span in spans for edge in (span.first, span.last + 1)})
