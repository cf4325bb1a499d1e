"""How the tensors of a file differ from those that were expected, in words short enough to read."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from torch import Tensor

NAMED = 3
"""So many keys are named; the others are counted."""


class Expected(NamedTuple):
    """What a key should hold."""

    shape: tuple[int, ...]
    fractions: bool
    """Whether it holds fractions, not counts."""


def differences(expected: Mapping[str, Expected], got: Mapping[str, Tensor]) -> str:
    """Say which keys are missing, left over, or hold something else; nothing where all fit."""
    missing = [key for key in expected if key not in got]
    left_over = [key for key in got if key not in expected]
    misfits = [_misfit(key, expected[key], got[key]) for key in expected if key in got]
    parts = (
        ("missing", missing),
        ("left over", left_over),
        ("of another kind", [misfit for misfit in misfits if misfit]),
    )
    return "; ".join(f"{words} {few(which)}" for words, which in parts if which)


def _misfit(key: str, expected: Expected, got: Tensor) -> str:
    if tuple(got.shape) != expected.shape:
        return f"{key} with the shape {tuple(got.shape)} where {expected.shape} was expected"
    if got.is_floating_point() != expected.fractions:
        return f"{key} as {str(got.dtype).removeprefix('torch.')}"
    return ""


def few(names: Iterable[str]) -> str:
    """Name the first three and count the others.

    >>> few(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    named = list(names)
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    return (", ".join(named[:NAMED]) or "nothing") + more
