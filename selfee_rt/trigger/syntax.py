"""What a condition is once it has been read: frozen values, each written as the grammar reads it by `str`.

Where a name stood in the text does not count when two conditions are compared.
"""

from dataclasses import dataclass, field
from typing import Literal

from selfee_rt.trigger.values import Duration, Name, Sign, Threshold


@dataclass(frozen=True, slots=True)
class Probability:
    """`winging > 0.8`."""

    label: Name
    threshold: Threshold

    def __str__(self) -> str:
        return f"{self.label} {self.threshold}"


@dataclass(frozen=True, slots=True)
class LabelIs:
    """`label is winging`, `label is not winging`."""

    label: Name
    negated: bool = False

    def __str__(self) -> str:
        return f"label is {'not ' if self.negated else ''}{self.label}"


@dataclass(frozen=True, slots=True)
class BoutEdge:
    """`bout of winging starts`, `bout of winging ends`."""

    label: Name
    edge: Literal["starts", "ends"]

    def __str__(self) -> str:
        return f"bout of {self.label} {self.edge}"


@dataclass(frozen=True, slots=True)
class BoutLength:
    """`bout of winging lasts > 2 s`, `bout of winging ended after > 2 s`."""

    label: Name
    verb: Literal["lasts", "ended after"]
    sign: Sign
    duration: Duration

    def __str__(self) -> str:
        return f"bout of {self.label} {self.verb} {self.sign} {self.duration}"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`alarm`, `alarm of selfee`."""

    detector: Name | None = None

    def __str__(self) -> str:
        return "alarm" if self.detector is None else f"alarm of {self.detector}"


@dataclass(frozen=True, slots=True)
class Score:
    """`score of selfee > 0.3`."""

    detector: Name
    threshold: Threshold

    def __str__(self) -> str:
        return f"score of {self.detector} {self.threshold}"


@dataclass(frozen=True, slots=True)
class Match:
    """`match of wing_flick`."""

    template: Name

    def __str__(self) -> str:
        return f"match of {self.template}"


@dataclass(frozen=True, slots=True)
class Brightness:
    """`brightness > 128`."""

    threshold: Threshold

    def __str__(self) -> str:
        return f"brightness {self.threshold}"


@dataclass(frozen=True, slots=True)
class Not:
    """`not alarm`."""

    part: "Node"

    def __str__(self) -> str:
        return f"not {_grouped(self.part, Or, And, Held)}"


@dataclass(frozen=True, slots=True)
class And:
    """`alarm and label is winging`; at least two parts."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " and ".join(_grouped(part, Or, And) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """`alarm or label is winging`; at least two parts."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " or ".join(_grouped(part, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Held:
    """`alarm for 200 ms`."""

    part: "Node"
    duration: Duration

    def __str__(self) -> str:
        return f"{_grouped(self.part, Or, And, Not, Held)} for {self.duration}"


Atom = Probability | LabelIs | BoutEdge | BoutLength | Alarm | Score | Match | Brightness

Node = Atom | Not | And | Or | Held


@dataclass(frozen=True, slots=True)
class Condition:
    """A whole condition, and the text that it was read from."""

    root: Node
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return str(self.root)


def momentary(node: Node) -> bool:
    """Whether it can hold for one exposure only, because it needs something that happens at an instant."""
    match node:
        case BoutEdge() | Match() | BoutLength(verb="ended after"):
            return True
        case And(parts):
            return any(momentary(part) for part in parts)
        case Or(parts):
            return all(momentary(part) for part in parts)
        case _:
            return False


def _grouped(node: Node, *kinds: type) -> str:
    """In parentheses where it is of one of these kinds."""
    return f"({node})" if isinstance(node, kinds) else str(node)


def looks_at_picture(node: Node) -> bool:
    """Whether a part of a condition needs the picture itself, of which a session keeps no more than the video."""
    match node:
        case Brightness():
            return True
        case Not(part) | Held(part, _):
            return looks_at_picture(part)
        case And(parts) | Or(parts):
            return any(looks_at_picture(part) for part in parts)
        case _:
            return False
