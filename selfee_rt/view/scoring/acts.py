"""What a person can do while scoring: every key is one of these."""

from bisect import bisect_left, bisect_right

from selfee_rt.clock import now_ns
from selfee_rt.types import UNLABELLED
from selfee_rt.view.scoring.desk import Desk
from selfee_rt.view.scoring.player import Player
from selfee_rt.view.scoring.score import wrong_name
from selfee_rt.view.scoring.spans import Span, edges_of
from selfee_rt.view.scoring.timeline import Timeline

NOTHING_READ = "nothing can be scored before the first exposure has been read"


class Acts:
    """A selected span stays selected until somebody goes on: plays, steps, or goes elsewhere."""

    def __init__(self, desk: Desk, timeline: Timeline) -> None:
        self.desk, self.timeline = desk, timeline
        self.player = Player(timeline)
        self.selected: Span | None = None

    # --- labels -------------------------------------------------------------------------------------------------------

    def number(self, number: int) -> None:
        """The key of a label, from 0: relabels the selected span, else begins or ends its state here."""
        names = self.desk.score.names
        if number >= len(names):
            self.desk.say(f"there is no label with this key; there are {len(names)}, N adds one", failed=True)
            return
        self.label(names[number])

    def label(self, name: str) -> None:
        """As the key of a label; `unlabel` takes labels away."""
        if self.selected is not None:
            self._relabel(self.selected, name)
        elif self.player.index is None:
            self.desk.say(NOTHING_READ, failed=True)
        else:
            self.desk.did(self.desk.score.press(name, self.player.index))

    def _relabel(self, span: Span, name: str) -> None:
        self.desk.did(self.desk.score.relabel(span, name), "relabel")
        if name == UNLABELLED:
            self.selected = None
        else:
            self._select_at(span.first)

    def delete(self) -> None:
        """Take the selected span away."""
        if self.selected is None:
            self.desk.say("select a span first: click it in the strip")
            return
        span, self.selected = self.selected, None
        self.desk.did(self.desk.score.delete(span), "delete")

    def move(self, span: Span, first: int, last: int) -> None:
        """Give a span other ends."""
        self.desk.did(self.desk.score.move(span, first, last), "move")
        self._select_at(first)

    def choose(self, span: Span | None) -> None:
        """Select a span, or none; playing stops."""
        self.selected = span
        if span is not None:
            self.player.playing = False
            self.desk.say(
                f"{span.label} {span.first:,} … {span.last:,} selected: a label's key relabels it, Del deletes it, "
                "its ends can be dragged"
            )

    def escape(self) -> None:
        """Let go of the selected span, else of the state that has begun."""
        if self.selected is not None:
            self.selected = None
            self.desk.say("")
        elif self.desk.score.running is not None:
            self.desk.did(self.desk.score.drop())

    def add_name(self, name: str) -> str | None:
        """A further label; or why there cannot be one of this name."""
        problem = wrong_name(name, self.desk.score.names)
        if problem is None:
            self.desk.did(self.desk.score.add_name(name))
        return problem

    def undo(self) -> None:
        """Take the last change back."""
        self.selected = None
        self.desk.did(self.desk.score.undo(), "undo")

    def redo(self) -> None:
        """Make the change that was taken back again."""
        self.selected = None
        self.desk.did(self.desk.score.redo(), "redo")

    def save(self) -> None:
        """Save every arena's labels."""
        self.desk.save(self.timeline)

    def next_arena(self) -> None:
        """Score the next arena."""
        self.selected = None
        score = self.desk.score
        score.arena = (score.arena + 1) % len(self.desk.arenas)

    def _select_at(self, index: int) -> None:
        self.selected = next((span for span in self.desk.score.spans if span.holds(index)), None)

    # --- looking ------------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """Play or stop."""
        self.selected = None
        self.player.play(now_ns())

    def step(self, exposures: int) -> None:
        """So many exposures with a picture later or earlier."""
        self.selected = None
        self.player.step(exposures)

    def jump(self, seconds: float) -> None:
        """So much later or earlier."""
        self.selected = None
        self.player.jump(seconds)

    def ends(self, *, last: bool) -> None:
        """To the first exposure, or the last that has been read."""
        self.selected = None
        self.player.go(self.timeline.count - 1 if last else 0)

    def go(self, index: int) -> None:
        """To an exposure."""
        self.player.go_to_index(index)

    def go_to(self, text: str) -> str | None:
        """To the exposure of this number; or why one cannot."""
        digits = text.replace(",", "").replace(" ", "")
        last = self.timeline.exposures - 1
        if not (digits.isascii() and digits.isdigit()) or int(digits) > last:
            return f"expected the number of an exposure, 0 to {last:,}" + ("" if self.timeline.complete else " so far")
        self.selected = None
        self.player.go_to_index(int(digits))
        return None

    def edge(self, step: int) -> None:
        """To where the next span, or the gap after it, begins; backwards where `step` is negative."""
        index, edges = self.player.index, edges_of(self.desk.score.spans)
        if index is None:
            return
        place = bisect_right(edges, index) if step > 0 else bisect_left(edges, index) - 1
        if 0 <= place < len(edges):
            self.selected = None
            self.player.go_to_index(edges[place])
        else:
            self.desk.say("there is no further span")
