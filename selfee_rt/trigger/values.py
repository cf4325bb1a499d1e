"""Names, comparisons and durations of a condition, each written as the grammar reads it by `str`."""

from dataclasses import dataclass, field
from typing import Literal

from selfee_rt.trigger.tokens import spelt, written

Sign = Literal[">", ">=", "<", "<="]

Unit = Literal["ms", "s", "min"]

NS_OF: dict[Unit, int] = {"ms": 10**6, "s": 10**9, "min": 60 * 10**9}


@dataclass(frozen=True, slots=True)
class Name:
    """Of a label, a detector or a template."""

    text: str
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return spelt(self.text)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with a number."""

    sign: Sign
    number: float

    def __str__(self) -> str:
        return f"{self.sign} {written(self.number)}"

    def holds(self, value: float) -> bool:
        """Whether it is true of a value."""
        match self.sign:
            case ">":
                return value > self.number
            case ">=":
                return value >= self.number
            case "<":
                return value < self.number
            case "<=":
                return value <= self.number

    @property
    def upward(self) -> bool:
        """True for > and >=."""
        return self.sign.startswith(">")


@dataclass(frozen=True, slots=True)
class Threshold:
    """Begins to hold with `on`; ends to hold with `until`, or as soon as `on` is not true."""

    on: Comparison
    until: Comparison | None = None

    def __str__(self) -> str:
        return str(self.on) if self.until is None else f"{self.on} until {self.until}"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, in the unit in which it was written."""

    number: float
    unit: Unit

    def __str__(self) -> str:
        return f"{written(self.number)} {self.unit}"

    @property
    def ns(self) -> int:
        """In nanoseconds."""
        return round(self.number * NS_OF[self.unit])
