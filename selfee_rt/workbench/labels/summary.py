"""What labels hold, in a few lines."""

from collections import Counter
from collections.abc import Iterator

from selfee_rt.workbench.labels.scored import UNLABELLED, runs


def summary(labels: tuple[str, ...]) -> Iterator[str]:
    r"""Exposures and bouts of each label, the most frequent first.

    >>> print("\n".join(summary(("a", "a", "b", "a", "unlabel"))))
    5 exposures
      a: 3 exposures, 2 bouts
      b: 1 exposure, 1 bout
      unlabel (left out): 1 exposure, 1 bout
    """
    exposures = Counter(labels)
    bouts = Counter(label for label, _, _ in runs(labels))
    yield _count(len(labels), "exposure")
    for label, count in sorted(exposures.items(), key=lambda item: (item[0] == UNLABELLED, -item[1], item[0])):
        name = f"{label} (left out)" if label == UNLABELLED else label
        yield f"  {name}: {_count(count, 'exposure')}, {_count(bouts[label], 'bout')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
