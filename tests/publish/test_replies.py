"""What is remembered of replies is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfee_rt import wire
from selfee_rt.errors import ControlError
from selfee_rt.publish.replies import Replies


def request(number: int, text: str = "x") -> wire.Request:
    return wire.Request(request_id=str(number), token="t", verb="mark", arguments={"text": text})


@given(sizes=st.lists(st.integers(0, 12), max_size=40), most=st.integers(1, 5), most_bytes=st.integers(0, 20))
def test_only_the_latest_replies_are_kept_within_both_bounds(sizes: list[int], most: int, most_bytes: int) -> None:
    replies = Replies(most, most_bytes)
    for number, size in enumerate(sizes):
        replies.keep(request(number), b"x" * size)
        kept = [n for n in range(number + 1) if replies.recall(request(n)) is not None]
        assert kept == list(range(number + 1 - len(kept), number + 1)), "the latest, without gaps"
        assert 1 <= len(kept) == len(replies) <= most
        assert len(kept) == 1 or sum(sizes[n] for n in kept) <= most_bytes
        n_more = len(kept) + 1
        fits = n_more <= min(most, number + 1) and sum(sizes[number + 1 - n_more : number + 1]) <= most_bytes
        assert not fits, "nothing is forgotten without need"


def test_the_same_id_with_other_content_is_not_the_same_request() -> None:
    replies = Replies()
    assert replies.keep(request(1), b"first") == b"first"
    assert replies.recall(request(1)) == b"first"
    with pytest.raises(ControlError, match="used for another request"):
        replies.recall(request(1, "y"))
    assert replies.recall(request(2)) is None
