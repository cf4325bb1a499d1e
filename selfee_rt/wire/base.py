"""What every message carries, and the kinds of number in it."""

from typing import Annotated

from msgspec import Meta, Struct

Ns = Annotated[int, Meta(description="nanoseconds on the host clock")]
MediaNs = Annotated[int, Meta(description="nanoseconds on the stream's own clock")]
Index = Annotated[int, Meta(ge=0, description="exposure, counted from 0, dropped ones included")]
Count = Annotated[int, Meta(ge=0)]


class Message(Struct, frozen=True, kw_only=True, tag_field="schema"):
    """What every message carries, besides `schema`: the struct's tag."""

    session_id: str
    seq: Annotated[int, Meta(ge=0, description="per topic, from 0 without gaps; set by the publisher")] = 0
    index: Annotated[int | None, Meta(description="the exposure it is about; null before the first")] = None
