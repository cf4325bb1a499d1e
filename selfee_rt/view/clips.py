"""Pictures of moments that this window did not see, asked of the session."""

import binascii

import msgspec

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view.asking import Asked
from selfee_rt.view.decode import Preview
from selfee_rt.view.model import Model
from selfee_rt.view.pictures import Pictures
from selfee_rt.view.source import ASKING, Source
from selfee_rt.wire import Clip, ClipPicture, PreviewHeader

SECONDS = 8.0
PICTURES = 40
REMEMBERED = 1000
"""Seconds that were asked for."""


class Clips:
    """Finds the picture of a moment among those seen, else asks for the seconds around it, once."""

    def __init__(self, link: Source) -> None:
        self._link = link
        self._pictures: Pictures | None = None
        self._refused: dict[int, str] = {}
        self._asked: tuple[int, Asked] | None = None

    def at(self, model: Model, arena: str, media_ns: int) -> tuple[Preview | None, str]:
        """The picture of a moment; or none, and why there is none, as a sentence."""
        if self._pictures is not self._link.pictures:
            self._pictures, self._asked, self._refused = self._link.pictures, None, {}
        self._take(model)
        found = self._pictures.at(media_ns)
        if found is not None:
            return found, ""
        second = media_ns // NS_PER_S
        if second in self._refused:
            return None, self._refused[second]
        if self._asked is None:
            self._ask(model, arena, media_ns, second)
        return None, ASKING

    def _ask(self, model: Model, arena: str, media_ns: int, second: int) -> None:
        index = model.index_at(arena, media_ns)
        if index is None:
            self._refuse(second, "nothing was observed then")
            return
        arguments = {"index": index, "seconds": SECONDS, "pictures": PICTURES}
        self._asked = second, self._link.ask("clip", arguments, "pictures")

    def _take(self, model: Model) -> None:
        """Take the answer, if it has come."""
        if self._asked is None or self._asked[1].answer is None:
            return
        (second, asked), self._asked = self._asked, None
        answer = asked.answer
        assert answer is not None
        if not answer.ok:
            self._refuse(second, answer.error)
            return
        try:
            for picture in msgspec.convert(answer.result, Clip).pictures:
                self._link.pictures.fetch(_preview(picture, model.session.session_id))
        except (msgspec.ValidationError, binascii.Error) as error:
            self._refuse(second, f"what the session answered are no pictures: {error}")
            return
        self._refuse(second, "there is no picture of this instant")

    def _refuse(self, second: int, why: str) -> None:
        """Remember that nothing more is to be had of one second."""
        self._refused[second] = why
        if len(self._refused) > REMEMBERED:
            del self._refused[next(iter(self._refused))]


def _preview(picture: ClipPicture, session_id: str) -> Preview:
    header = PreviewHeader(
        session_id=session_id,
        seq=0,
        index=picture.index,
        media_ns=picture.media_ns,
        captured_ns=picture.captured_ns,
        received_ns=picture.captured_ns,
        colour=False,
        width_px=picture.width_px,
        height_px=picture.height_px,
        scale=picture.scale,
        quality=4,
    )
    return Preview(header, picture.jpeg, now_ns())
