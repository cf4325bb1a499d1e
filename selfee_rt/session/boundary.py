"""What a client changes takes effect between two exposures, and is logged with the exposure from which it holds."""

from collections.abc import Callable, Mapping
from typing import Any

from selfee_rt.clock import now_ns
from selfee_rt.session.commands import Commands
from selfee_rt.session.line import Line
from selfee_rt.types import Action
from selfee_rt.wire import Effect

COMMAND_TIMEOUT_S = 5.0
"""How long a client may wait for the session to come to its command."""


class Boundary:
    """The place between two exposures, where the deciding thread makes changes for others."""

    def __init__(self, commands: Commands, next_index: Callable[[], int], line: Line) -> None:
        self._commands = commands
        self._next_index = next_index
        self._line = line

    def run(self, action: str, arguments: Mapping[str, Any], change: Callable[[], str | None]) -> Effect:
        """Have the deciding thread run `change` and log it; what `change` returns is the logged result, else "done".

        Raises:
            ControlError: it was refused, the session is ending, or did not come to it in time; nothing was changed.
        """

        def apply() -> Effect:
            result = change() or "done"
            effect = Effect(index=self._next_index(), at_ns=now_ns())
            self._line.acted(Action(effect.at_ns, effect.index or 0, action, arguments, result))
            return effect

        effect: Effect = self._commands.run(apply, COMMAND_TIMEOUT_S)
        return effect
