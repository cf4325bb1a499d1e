"""What each key does while scoring: one table, which the help shows as it is."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent

from selfee_rt.types import UNLABELLED
from selfee_rt.view.keys import Binding, Do
from selfee_rt.view.scoring.acts import Acts

JUMP_S = 1.0
FAR_S = 10.0
STRIDE = 10
KEY, MOD = Qt.Key, Qt.KeyboardModifier
REPEATED = (KEY.Key_Left, KEY.Key_Right, KEY.Key_PageUp, KEY.Key_PageDown, KEY.Key_I, KEY.Key_O)
"""What a key that is held goes on doing."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What keys ask of the window itself."""

    new_label: Do
    go_to: Do
    zoom: Callable[[float], None]
    help: Do
    full_screen: Do
    escape: Do


class Keys:
    """Carries out key presses."""

    def __init__(self, acts: Acts, commands: Commands) -> None:
        self.bindings = (*_scoring(acts, commands), *_looking(acts, commands), *_window(commands))
        self._table = {key: act for binding in self.bindings for key, act in binding.keys}

    def press(self, event: QKeyEvent) -> bool:
        """A key went down; whether it means something here."""
        key, mods = event.key(), event.modifiers() & ~(MOD.KeypadModifier | MOD.GroupSwitchModifier)
        act = self._table.get(combined(key, mods))
        if act is None and mods == MOD.ShiftModifier:
            act = self._table.get(combined(key))  # needed to type it on some keyboards
        if act is None:
            return False
        if not event.isAutoRepeat() or key in REPEATED:
            act()
        return True


def combined(key: int, modifiers: Qt.KeyboardModifier = MOD.NoModifier) -> int:
    """A key and its modifiers as one number."""
    return QKeyCombination(modifiers, Qt.Key(key)).toCombined()


def _scoring(acts: Acts, commands: Commands) -> tuple[Binding, ...]:
    digits = [int(KEY.Key_0) + (n + 1) % 10 for n in range(10)]
    numbers = (
        *((combined(key), _numbered(acts, n)) for n, key in enumerate(digits)),
        *((combined(key, MOD.AltModifier), _numbered(acts, n + 10)) for n, key in enumerate(digits)),
    )
    control = MOD.ControlModifier
    return (
        Binding("score", "1 … 9, 0", "a label begins; again, or another: it ends (Alt: labels 11 … 20)", numbers),
        Binding("score", "U", f"the same for {UNLABELLED}: takes labels away", (
            (combined(KEY.Key_U), lambda: acts.label(UNLABELLED)),
        )),
        Binding("score", "N", "a new label, for the next key", ((combined(KEY.Key_N), commands.new_label),)),
        Binding("score", "Ctrl+Z  Ctrl+Y", "undo, redo", (
            (combined(KEY.Key_Z, control), acts.undo),
            (combined(KEY.Key_Y, control), acts.redo),
            (combined(KEY.Key_Z, control | MOD.ShiftModifier), acts.redo),
        )),
        Binding("score", "Ctrl+S", "save the labels file", ((combined(KEY.Key_S, control), acts.save),)),
        Binding("score", "Tab", "the next arena", ((combined(KEY.Key_Tab), acts.next_arena),)),
        Binding("score", "Esc", "let go of the selected span, then of what has begun", (
            (combined(KEY.Key_Escape), commands.escape),
        )),
        Binding("a span", "mouse", "click selects it; then drag its ends, or", ()),
        Binding("a span", "1 … 9, 0", "give the selected one another label", ()),
        Binding("a span", "Del", "delete the selected one", (
            (combined(KEY.Key_Delete), acts.delete),
            (combined(KEY.Key_Backspace), acts.delete),
        )),
    )  # fmt: skip


def _looking(acts: Acts, commands: Commands) -> tuple[Binding, ...]:
    shift, control = MOD.ShiftModifier, MOD.ControlModifier
    return (
        Binding("look", "Space", "play, stop", ((combined(KEY.Key_Space), acts.play),)),
        Binding("look", "↑  ↓", "play faster, slower", (
            (combined(KEY.Key_Up), lambda: acts.player.change_speed(1)),
            (combined(KEY.Key_Down), lambda: acts.player.change_speed(-1)),
        )),
        Binding("look", "←  →", f"one exposure (Shift: {STRIDE}; Ctrl: {JUMP_S:g} s)", (
            (combined(KEY.Key_Left), lambda: acts.step(-1)),
            (combined(KEY.Key_Right), lambda: acts.step(1)),
            (combined(KEY.Key_Left, shift), lambda: acts.step(-STRIDE)),
            (combined(KEY.Key_Right, shift), lambda: acts.step(STRIDE)),
            (combined(KEY.Key_Left, control), lambda: acts.jump(-JUMP_S)),
            (combined(KEY.Key_Right, control), lambda: acts.jump(JUMP_S)),
        )),
        Binding("look", "PgUp  PgDn", f"{FAR_S:g} s earlier, later", (
            (combined(KEY.Key_PageUp), lambda: acts.jump(-FAR_S)),
            (combined(KEY.Key_PageDown), lambda: acts.jump(FAR_S)),
        )),
        Binding("look", "Home  End", "the first exposure, the last", (
            (combined(KEY.Key_Home), lambda: acts.ends(last=False)),
            (combined(KEY.Key_End), lambda: acts.ends(last=True)),
        )),
        Binding("look", ",  .", "the beginning or end of a span before, after", (
            (combined(KEY.Key_Comma), lambda: acts.edge(-1)),
            (combined(KEY.Key_Period), lambda: acts.edge(1)),
        )),
        Binding("look", "G", "go to an exposure by its number", ((combined(KEY.Key_G), commands.go_to),)),
        Binding("look", "I  O, wheel", "show less, more time in the strip", (
            (combined(KEY.Key_I), lambda: commands.zoom(0.8)),
            (combined(KEY.Key_O), lambda: commands.zoom(1.25)),
        )),
    )  # fmt: skip


def _window(commands: Commands) -> tuple[Binding, ...]:
    return (
        Binding("window", "F11", "full screen", ((combined(KEY.Key_F11), commands.full_screen),)),
        Binding("window", "?", "this help", (
            (combined(KEY.Key_Question), commands.help),
            (combined(KEY.Key_F1), commands.help),
        )),
    )  # fmt: skip


def _numbered(acts: Acts, number: int) -> Do:
    return lambda: acts.number(number)
