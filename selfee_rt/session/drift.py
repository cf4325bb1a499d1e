"""Drift as it is logged: like an action, when it begins and when it is over."""

from collections.abc import Iterator, Mapping

from selfee_rt.types import Action, Drift

Drifts = Mapping[str, tuple[Drift, ...]]
"""Per arena, what has drifted."""


def drift_actions(before: Drifts, after: Drifts, index: int, at_ns: int) -> Iterator[Action]:
    """What to log at exposure `index`: the drifts that began with it, and those that are over."""
    old, new = _by_name(before), _by_name(after)
    for key in sorted(new.keys() - old.keys()):
        yield _action(key[0], new[key], index, at_ns, "began")
    for key in sorted(old.keys() - new.keys()):
        yield _action(key[0], old[key], index, at_ns, "over")


def _by_name(drifts: Drifts) -> dict[tuple[str, str], Drift]:
    return {(arena, drift.statistic): drift for arena, state in drifts.items() for drift in state}


def _action(arena: str, drift: Drift, index: int, at_ns: int, result: str) -> Action:
    arguments = {
        "arena": arena,
        "statistic": drift.statistic,
        "since_index": drift.since_index,
        "value": drift.value,
        "expected": drift.expected,
    }
    return Action(at_ns=at_ns, frame_index=index, action="drift", arguments=arguments, result=result)
