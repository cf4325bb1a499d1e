"""What a person can do; every act is a request that the session answers, or a refusal with its reason."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from selfee_rt.view.asking import Asked
from selfee_rt.view.sight import Sight
from selfee_rt.view.source import Source
from selfee_rt.wire import RuleStatus

LENGTHS_S = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)
"""How much of the past a label can be given to."""
FIRST_LENGTH_S = 2.0
KEPT = 20


class Acts:
    """What is chosen (arena, rule, detector, length), and what was asked last.

    What is chosen is always something that the session has: None where it has none.
    """

    def __init__(self, link: Source) -> None:
        self.length_s = FIRST_LENGTH_S
        self.asked: deque[Asked] = deque(maxlen=KEPT)
        """Newest last."""
        self.sight = Sight(self._extent)
        """Which time is looked at."""
        self._link = link
        self._chosen: dict[str, str] = {}

    # --- choosing ----------------------------------------------------------------------------------------------------

    @property
    def arena(self) -> str | None:
        """The arena that panels show and labels go to."""
        return self._choice("arena")

    @property
    def detector(self) -> str | None:
        """The detector whose score is shown."""
        return self._choice("detector")

    @property
    def rule(self) -> str | None:
        """The rule that can be armed and tested."""
        return self._choice("rule")

    def choose(self, what: str, name: str) -> None:
        """Choose an arena, a detector or a rule by name."""
        self._chosen[what] = name

    def choose_next(self, what: str, step: int = 1) -> None:
        """Choose the next one, or the one before."""
        names = self._names(what)
        if names:
            self._chosen[what] = names[(names.index(self._choice(what) or names[0]) + step) % len(names)]

    def change_length(self, step: int) -> None:
        """Choose the next longer or shorter length of what a label is given to."""
        place = LENGTHS_S.index(self.length_s) + step
        self.length_s = LENGTHS_S[min(max(place, 0), len(LENGTHS_S) - 1)]

    def _choice(self, what: str) -> str | None:
        names = self._names(what)
        chosen = self._chosen.get(what)
        return chosen if chosen in names else next(iter(names), None)

    def _extent(self) -> tuple[int, int] | None:
        model, arena = self._link.model, self.arena
        return None if model is None or arena is None else model.extent(arena)

    def _names(self, what: str) -> tuple[str, ...]:
        model = self._link.model
        if model is None:
            return ()
        session = model.session
        match what:
            case "arena":
                return model.arenas
            case "detector":
                return tuple(each.name for each in session.detectors)
            case _:
                rules = () if session.stimulation is None else session.stimulation.rules
                return tuple(each.name for each in rules)

    # --- acting ------------------------------------------------------------------------------------------------------

    def label(self, number: int) -> Asked:
        """Say that the animal in the chosen arena did the label of this number, from 1, for the last seconds."""
        model, arena = self._link.model, self.arena
        labels = () if model is None else model.session.labels
        if arena is None or not 1 <= number <= len(labels):
            return self.refuse(f"label {number}", f"the session has {len(labels)} labels")
        name = labels[number - 1]
        if not self.sight.is_live:
            return self.refuse(f"label {name}", "a label goes to the newest seconds, and these are others; L: live")
        arguments = {"arena": arena, "label": name, "last_s": self.length_s}
        return self._ask("label", arguments, f"{name}, last {self.length_s:g} s of {arena}")

    def undo(self) -> Asked:
        """Take back the newest label that was taught."""
        return self._ask("undo", {}, "undo the last label")

    def moment(self) -> int | None:
        """The newest exposure, to mark it: None where nothing has been observed."""
        model, arena = self._link.model, self.arena
        latest = None if model is None or arena is None else model.latest(arena)
        return None if latest is None else latest.newest_index

    def mark(self, text: str, index: int | None) -> Asked:
        """Write a remark about exposure `index` to the log."""
        at = "" if index is None else f" (exposure {index})"
        return self._ask("mark", {"text": f"{text or 'mark'}{at}"}, f"mark {text}".rstrip())

    def record(self, on: bool) -> Asked:
        """Start or stop recording video."""
        return self._ask("start_recording" if on else "stop_recording", {}, f"recording {'on' if on else 'off'}")

    def set_threshold(self, detector: str, threshold: float) -> Asked:
        """Change the alarm threshold of one detector."""
        arguments = {"detector": detector, "threshold": threshold}
        return self._ask("set_threshold", arguments, f"threshold of {detector} {threshold:+.4g}")

    def arm(self, rule: str) -> Asked:
        """Let a rule fire."""
        return self._ask("arm", {"rules": [rule]}, f"arm {rule}")

    def disarm(self, rule: str) -> Asked:
        """Let a rule fire no more."""
        return self._ask("disarm", {"rules": [rule]}, f"disarm {rule}")

    def disarm_all(self) -> Asked:
        """Let nothing fire any more."""
        return self._ask("disarm_all", {}, "DISARM EVERYTHING")

    def fire(self, rule: str) -> Asked:
        """Test the device of an armed rule with one stimulus."""
        return self._ask("fire", {"rule": rule}, f"test {rule}")

    # --- looking -----------------------------------------------------------------------------------------------------

    @property
    def recording(self) -> bool | None:
        """Whether video is being recorded; None: not known."""
        model = self._link.model
        return None if model is None or model.status is None else model.status.recording

    @property
    def rules(self) -> Mapping[str, RuleStatus]:
        """How each rule is doing."""
        model = self._link.model
        return {} if model is None or model.status is None else model.status.stimulation

    def _ask(self, verb: str, arguments: Mapping[str, Any], says: str) -> Asked:
        asked = self._link.ask(verb, arguments, says)
        self.asked.append(asked)
        return asked

    def refuse(self, says: str, why: str) -> Asked:
        """Say that something was not done, and why."""
        asked = Asked("", {}, says)
        asked.fail(why)
        self.asked.append(asked)
        return asked
