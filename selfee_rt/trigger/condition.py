"""From a condition that was read to one at work in an arena, whose labels, detectors and templates it must know."""

from collections.abc import Mapping
from typing import assert_never

from selfee_rt.errors import ConfigError
from selfee_rt.trigger.atoms import (
    AlarmAtom,
    BrightnessAtom,
    DetectorAlarmAtom,
    LabelAtom,
    MatchAtom,
    ProbabilityAtom,
    ScoreAtom,
)
from selfee_rt.trigger.bout_atoms import BoutEdgeAtom, BoutLengthAtom
from selfee_rt.trigger.complaints import unknown_name
from selfee_rt.trigger.logic import Joined, Lasting, Measured, Negation, Part
from selfee_rt.trigger.pointing import pointed
from selfee_rt.trigger.sight import Seen
from selfee_rt.trigger.syntax import (
    Alarm,
    And,
    Atom,
    BoutEdge,
    BoutLength,
    Brightness,
    Condition,
    Held,
    LabelIs,
    Match,
    Node,
    Not,
    Or,
    Probability,
    Score,
)
from selfee_rt.trigger.values import Name
from selfee_rt.trigger.watch import Watch

__all__ = ["Seen", "Watch", "compile_condition"]


def compile_condition(
    tree: Condition,
    *,
    labels: tuple[str, ...],
    detectors: tuple[str, ...],
    templates: tuple[str, ...],
    longest_step_ns: int,
) -> Watch:
    """Put a condition to work in one arena; `labels` in the order of the observations' probabilities.

    A step of the time beyond `longest_step_ns` is a gap.

    Raises:
        ConfigError: it names labels, detectors or templates that the arena does not have; every one is listed, each
            with a caret under its column.
    """
    compiler = _Compiler(tree.text, labels, detectors, templates)
    root = compiler.part(tree.root)
    if compiler.problems:
        raise ConfigError(compiler.problems)
    return Watch(root, compiler.measured, longest_step_ns)


class _Compiler:
    """Collects what the parts of a condition can show, and the names that nobody has."""

    def __init__(
        self, text: str, labels: tuple[str, ...], detectors: tuple[str, ...], templates: tuple[str, ...]
    ) -> None:
        self._text = text
        self._known: Mapping[str, tuple[str, ...]] = {"label": labels, "detector": detectors, "template": templates}
        self.measured: dict[str, Measured] = {}
        self.problems: list[str] = []

    def part(self, node: Node) -> Part:
        match node:
            case Not(part):
                return Negation(self.part(part))
            case And(parts):
                return Joined([self.part(part) for part in parts], decisive=False)
            case Or(parts):
                return Joined([self.part(part) for part in parts], decisive=True)
            case Held(part, duration):
                return self._measure(node, Lasting(self.part(part), duration))
            case _:
                return self._measure(node, self._atom(node))

    def _atom(self, node: Atom) -> Measured:
        match node:
            case Probability() | LabelIs() | BoutEdge() | BoutLength():
                return self._of_label(node)
            case Alarm(detector):
                return AlarmAtom() if detector is None else DetectorAlarmAtom(self._name("detector", detector))
            case Score(detector, threshold):
                return ScoreAtom(self._name("detector", detector), threshold)
            case Match(template):
                return MatchAtom(self._name("template", template))
            case Brightness(threshold):
                return BrightnessAtom(threshold)
            case _:
                assert_never(node)

    def _of_label(self, node: Probability | LabelIs | BoutEdge | BoutLength) -> Measured:
        label = self._name("label", node.label)
        match node:
            case Probability(threshold=threshold):
                labels = self._known["label"]
                return ProbabilityAtom(labels.index(label) if label in labels else 0, threshold)
            case LabelIs(negated=negated):
                return LabelAtom(label, negated=negated)
            case BoutEdge(edge=edge):
                return BoutEdgeAtom(label, edge)
            case BoutLength():
                return BoutLengthAtom(node)
            case _:
                assert_never(node)

    def _name(self, what: str, name: Name) -> str:
        known = self._known[what]
        if name.text not in known:
            self.problems.append(pointed(self._text, name.column, unknown_name(name, what, known)))
        return name.text

    def _measure(self, node: Node, part: Measured) -> Measured:
        """Remember it by its own words; the same words twice have the same to show."""
        self.measured[str(node)] = part
        return part
