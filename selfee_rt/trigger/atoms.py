"""The smallest parts of a condition: each looks at one thing, is true, false or not known (None), and shows why."""

from typing import Any

from selfee_rt.trigger.sight import Sight
from selfee_rt.trigger.values import Threshold


class _Remembering:
    """What all of them have: the evidence of the last exposure."""

    evidence: Any = None

    def reset(self) -> None:
        """Forget everything before an interruption."""
        self.evidence = None


class _Compared(_Remembering):
    """A number against a threshold.

    With `until`, a number that satisfies neither comparison changes nothing; before any did, it is not known.
    """

    def __init__(self, threshold: Threshold) -> None:
        self._on, self._until = threshold.on, threshold.until
        self._holds: bool | None = None

    def judge(self, value: float | None) -> bool | None:
        """Whether it holds now."""
        self.evidence = value
        if value is None:
            self._holds = None
        elif self._on.holds(value):
            self._holds = True
        elif self._until is None or self._until.holds(value):
            self._holds = False
        return self._holds

    def reset(self) -> None:
        """Forget everything before an interruption."""
        super().reset()
        self._holds = None


class ProbabilityAtom(_Compared):
    """`winging > 0.8`; position: of the label among those of the session."""

    def __init__(self, position: int, threshold: Threshold) -> None:
        super().__init__(threshold)
        self._position = position

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        probabilities = sight.seen.observation.probabilities
        return self.judge(None if probabilities is None else probabilities[self._position])


class ScoreAtom(_Compared):
    """`score of selfee > 0.3`."""

    def __init__(self, detector: str, threshold: Threshold) -> None:
        super().__init__(threshold)
        self._detector = detector

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        return self.judge(sight.seen.observation.scores.get(self._detector))


class BrightnessAtom(_Compared):
    """`brightness > 128`."""

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        return self.judge(sight.seen.brightness)


class LabelAtom(_Remembering):
    """`label is winging`, `label is not winging`."""

    def __init__(self, label: str, *, negated: bool) -> None:
        self._label = label
        self._negated = negated

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        label = self.evidence = sight.seen.observation.label
        return None if label is None else (label == self._label) != self._negated


class AlarmAtom(_Remembering):
    """`alarm`: of any detector."""

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        alarm: bool | None = sight.seen.observation.alarm
        self.evidence = alarm
        return alarm


class DetectorAlarmAtom(_Remembering):
    """`alarm of selfee`: its score is above its threshold in force."""

    def __init__(self, detector: str) -> None:
        self._detector = detector

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        score = sight.seen.observation.scores.get(self._detector)
        threshold = sight.seen.thresholds.get(self._detector)
        self.evidence = {"score": score, "threshold": threshold}
        return None if score is None or threshold is None else score > threshold


class MatchAtom(_Remembering):
    """`match of wing_flick`; a match that a stimulus lit in part is not known."""

    def __init__(self, template: str) -> None:
        self._wanted = ("template", f"template:{template}")

    def push(self, sight: Sight) -> bool | None:
        """Take one exposure."""
        starts = [each.start_index for each in sight.seen.ended if (each.source, each.label) == self._wanted]
        unlit = any(start >= sight.unlit_since.index for start in starts)
        self.evidence = unlit or (None if starts else False)
        return None if self.evidence is None else unlit
