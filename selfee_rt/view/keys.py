"""What each key does: one table, which the help shows as it is."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.view.acts import Acts
from selfee_rt.view.hold import Hold

TWICE_S = 1.0
"""Esc twice within this long disarms everything."""

NO_TIME = 0
"""What Qt says where it does not know when a key was pressed."""
SETTLED_TICKS = 2
"""A key that came up, and did not go down again within so many ticks, was let go of."""

Do = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Binding:
    """One line of the help."""

    group: str
    shown: str
    """The key, for people."""
    does: str
    keys: tuple[tuple[int, Do], ...]
    """Each key, and what happens when it is pressed; none: something that is done otherwise."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What keys ask of the window itself."""

    score: Do
    note: Do
    help: Do
    full_screen: Do
    arrange: Do
    close: Callable[[], bool]
    """Close what lies over the panels; whether there was something."""


class Keys:
    """Carries out key presses."""

    def __init__(self, acts: Acts, hold: Hold, commands: Commands) -> None:
        self._acts, self._hold, self._commands = acts, hold, commands
        self._escaped_ns: int | None = None
        self._holding: int | None = None
        self._let_go: tuple[int, int] | None = None
        self._ticks_since = 0
        self.bindings = self._make_bindings()
        self._table = {key: act for binding in self.bindings for key, act in binding.keys}

    def press(self, key: int, at_ms: int) -> bool:
        """A key went down at `at_ms` of the window system's clock; whether it means something here.

        Some systems repeat a held key without saying so: it comes up and goes down at the same instant.
        """
        act = self._table.get(key)
        if act is None:
            return False
        repeated, self._let_go = at_ms != NO_TIME and self._let_go == (key, at_ms), None
        if not repeated:
            self._hold.release()
            self._holding = key
            act()
        return True

    def release(self, key: int, at_ms: int) -> None:
        """A key came up; the next ticks tell whether it really did."""
        self._let_go, self._ticks_since = (key, at_ms), 0

    def tick(self) -> None:
        """Let go of what is held if its key came up, or let it happen if it was held to the end."""
        if self._let_go is not None:
            self._ticks_since += 1
            if self._ticks_since < SETTLED_TICKS:
                return
            if self._let_go[0] == self._holding:
                self._hold.release()
            self._let_go = None
        self._hold.tick()

    def _make_bindings(self) -> tuple[Binding, ...]:
        acts, commands, key = self._acts, self._commands, Qt.Key
        digits = tuple((int(key.Key_0) + n % 10, _labelled(acts, n)) for n in range(1, 11))
        return (
            Binding("label", "1 … 9, 0", "teach: the last seconds were this label", digits),
            Binding("label", "+  -", "more or fewer seconds", (
                (key.Key_Plus, lambda: acts.change_length(1)),
                (key.Key_Equal, lambda: acts.change_length(1)),
                (key.Key_Minus, lambda: acts.change_length(-1)),
            )),
            Binding("label", "Backspace", "take the last label back", ((key.Key_Backspace, acts.undo),)),
            Binding("label", "Space", "mark this moment, with a note", ((key.Key_Space, commands.note),)),
            Binding("record", "R", "record video; hold to stop recording", ((key.Key_R, self._record),)),
            Binding("stimuli", "A", "hold: arm the chosen rule", ((key.Key_A, lambda: self._hold_rule("arm")),)),
            Binding("stimuli", "T", "hold: test the chosen rule's device", (
                (key.Key_T, lambda: self._hold_rule("test")),
            )),
            Binding("stimuli", "D", "disarm the chosen rule, at once", ((key.Key_D, self._disarm),)),
            Binding("stimuli", "Esc Esc", "PANIC: disarm everything, at once", ((key.Key_Escape, self._escape),)),
            Binding("look", "Tab", "the next arena", ((key.Key_Tab, lambda: acts.choose_next("arena")),)),
            Binding("look", "S", "the next anomaly detector", ((key.Key_S, lambda: acts.choose_next("detector")),)),
            Binding("look", "↑  ↓", "the rule before, the next rule", (
                (key.Key_Up, lambda: acts.choose_next("rule", -1)),
                (key.Key_Down, lambda: acts.choose_next("rule")),
            )),
            Binding("look", "mouse", "drag the threshold; point at a bout", ()),
            Binding("look back", "←  →", "earlier, later; so does dragging a plot", (
                (key.Key_Left, lambda: acts.sight.scroll_spans(-0.25)),
                (key.Key_Right, lambda: acts.sight.scroll_spans(0.25)),
            )),
            Binding("look back", "PgUp  PgDn", "much earlier, much later", (
                (key.Key_PageUp, lambda: acts.sight.scroll_spans(-1)),
                (key.Key_PageDown, lambda: acts.sight.scroll_spans(1)),
            )),
            Binding("look back", "I  O", "show less, show more time; so does the wheel", (
                (key.Key_I, lambda: acts.sight.zoom(-1)),
                (key.Key_O, lambda: acts.sight.zoom(1)),
            )),
            Binding("look back", "E", "score behaviour in a session that is over", ((key.Key_E, commands.score),)),
            Binding("look back", "Home", "the oldest that is held", ((key.Key_Home, acts.sight.oldest),)),
            Binding("look back", "P", "let it go on as it happened, or stop it", ((key.Key_P, acts.sight.play),)),
            Binding("look back", "L, End", "back to LIVE", (
                (key.Key_L, acts.sight.live),
                (key.Key_End, acts.sight.live),
            )),
            Binding("window", "F11", "full screen", ((key.Key_F11, commands.full_screen),)),
            Binding("window", "F9", "arrange the panels as they were at first", ((key.Key_F9, commands.arrange),)),
            Binding("window", "?", "this help", ((key.Key_Question, commands.help), (key.Key_F1, commands.help))),
            Binding("window", "Ctrl +  -  0", "everything larger, smaller, as fits the screen", ()),
            Binding("window", "Ctrl Tab", "the next session, where there are several", ()),
            Binding("window", "mouse", "drag a panel by its title; right-click a title for the list", ()),
        )  # fmt: skip

    def _record(self) -> None:
        """Recording starts at once; it stops when the key is held, since what is not recorded is lost."""
        if self._acts.recording:
            self._hold.begin("stop recording video", lambda: self._acts.record(False))
        else:
            self._acts.record(True)

    def _hold_rule(self, what: str) -> None:
        """Arm or test the rule that is chosen now, if the key is held."""
        rule = self._acts.rule
        if rule is not None:
            act = self._acts.arm if what == "arm" else self._acts.fire
            self._hold.begin(f"{what} {rule}", lambda: act(rule))

    def _disarm(self) -> None:
        if self._acts.rule is not None:
            self._acts.disarm(self._acts.rule)

    def _escape(self) -> None:
        """Close what lies over the panels; the second time in a row, disarm everything."""
        self._commands.close()
        now = now_ns()
        if self._escaped_ns is not None and now - self._escaped_ns < TWICE_S * NS_PER_S:
            self._escaped_ns = None
            self._acts.disarm_all()
        else:
            self._escaped_ns = now


def _labelled(acts: Acts, number: int) -> Do:
    return lambda: acts.label(number)
