"""What was set, taught and armed during a session, done again at the exposures at which it took effect."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfee_rt.build.continued import TEACHING
from selfee_rt.decide import ArenaObserver, Decider, Decision
from selfee_rt.errors import FolderError
from selfee_rt.observe.recent import Recent
from selfee_rt.observe.teaching import Teachings, taught
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.types import Action

ARMING = ("arm", "disarm", "disarm_all", "device_lost", "fire")


class Changes:
    """Applies a session's logged actions to a decider; the rest of the log changes nothing that is said.

    Only what a later label refers to is remembered.
    """

    def __init__(
        self,
        decider: Decider,
        arenas: Sequence[ArenaObserver],
        teachings: Teachings | None,
        rules: RuleSet | None,
        actions: Iterable[Action],
    ) -> None:
        self._decider = decider
        self._rules = rules
        self._untaught = {each.arena: each.classifier for each in arenas if each.classifier is not None}
        self._waiting = deque(each for each in actions if each.action in ("set_threshold", *TEACHING, *ARMING))
        self._recent = Recent(tuple(each.arena for each in arenas), capacity=None)
        self._teachings = teachings
        if teachings is not None and teachings.held:
            self._decider.teach(taught(self._untaught, teachings))

    def apply(self, index: int) -> None:
        """Do what took effect before exposure `index` was decided.

        Raises:
            FolderError: something was taught that the session cannot have been taught.
        """
        while self._waiting and self._waiting[0].frame_index <= index:
            change = self._waiting.popleft()
            if change.action == "set_threshold":
                self._decider.set_threshold(change.arguments["detector"], change.arguments["threshold"])
            elif change.action in ARMING:
                self._arm(change.action, change.arguments)
            else:
                self._teach(change.action, change.arguments)

    def observed(self, decision: Decision) -> None:
        """Remember an exposure for the labels that are still to come."""
        needed = [change.arguments["first_index"] for change in self._waiting if change.action == "label"]
        if needed:
            self._recent.push(decision.embeddings, decision.observations)
            self._recent.forget_before(min(needed))

    def _arm(self, action: str, arguments: Mapping[str, Any]) -> None:
        rules = self._rules
        if rules is None:
            raise FolderError(f"the log has {action!r}, but the session had no rules; it is not as recorded")
        match action:
            case "arm":
                rules.arm(tuple(arguments["rules"]))
            case "fire":
                rules.test_fire(arguments["rule"])
            case _:
                rules.disarm(tuple(arguments["rules"]))

    def _teach(self, action: str, arguments: Mapping[str, Any]) -> None:
        teachings = self._teachings
        if teachings is None:
            raise FolderError(f"the log has {action!r}, but the session had nothing to teach; it is not as recorded")
        if action == "label":
            arena = arguments["arena"]
            stretch = self._recent.stretch(arena, arguments["first_index"], arguments["last_index"])
            self._teachings = teachings.with_label(arena, arguments["label"], stretch)
        else:
            self._teachings = teachings.without(teachings.find(arguments["teaching_id"]))
        self._decider.teach(taught(self._untaught, self._teachings))
