"""The answer to `history`: encoded piece by piece, so that no other thread waits for it."""

from typing import Any

import msgspec

from selfee_rt import wire
from selfee_rt.session.past import Past
from selfee_rt.session.progress import Progress
from selfee_rt.wire import make as messages

MOST_BYTES = 4 * 2**20
"""Observations in one answer; a client asks for more with `before_index`."""


def history(
    progress: Progress,
    session_id: str,
    *,
    arena: str | None,
    observations: int,
    bouts: int,
    before_index: int | None,
    every: int,
) -> dict[str, Any]:
    """The last observations and bouts before an exposure, oldest first, as `wire.History` describes them."""
    past = progress.past
    ended = [
        bout
        for bout in tuple(progress.bouts)
        if arena in (None, bout.arena) and (before_index is None or bout.stop_index < before_index)
    ]
    newest_first = [] if past is None else _exposures(past, session_id, arena, observations, before_index, every)
    return {
        "observations": [each for exposure in reversed(newest_first) for each in exposure],
        "bouts": [_raw(messages.bout(each, session_id)) for each in ended[-bouts:]] if bouts else [],
        "oldest_index": None if past is None else past.oldest_index,
    }


def _exposures(
    past: Past, session_id: str, arena: str | None, most: int, before_index: int | None, every: int
) -> list[list[msgspec.Raw]]:
    """Encoded observations, one list per exposure, newest first, as many as fit into an answer."""
    found: list[list[msgspec.Raw]] = []
    room = MOST_BYTES
    for number in past.chosen(before_index, every, most):
        seen = past.at(number)
        if seen is None:
            break
        exposure = [_raw(messages.observation(each, session_id)) for each in seen if arena in (None, each.arena)]
        room -= sum(map(len, map(bytes, exposure)))
        if room < 0:
            break
        found.append(exposure)
    return found


def _raw(message: msgspec.Struct) -> msgspec.Raw:
    return msgspec.Raw(wire.encode(message))
