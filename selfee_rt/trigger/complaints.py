"""What is said of a condition that cannot be read: got, expected, and what to do about it."""

from collections.abc import Collection
from difflib import get_close_matches

from selfee_rt.trigger.syntax import Node
from selfee_rt.trigger.tokens import WORDS, Token, spelt
from selfee_rt.trigger.values import Comparison, Name

MOMENTARY = (
    "got for after something that happens at an instant and cannot last (starts, ends, ended after, match); expected "
    "and, or or the end; leave for out, or put it after the condition that lasts"
)

A_CONDITION = (
    "a condition, such as winging > 0.8, label is winging, bout of winging starts, alarm, score of selfee > 0.3, "
    "match of wing_flick or brightness > 128"
)

_REMEDIES = {
    "=": "write >, >=, < or <=, or label is …",
    "!": "write not",
    "&": "write and",
    "|": "write or",
    "%": "write 0.8 for 80 %",
    ",": "write decimals with a point",
    "≥": "write >=",
    "≤": "write <=",
}


def unexpected(got: Token, expected: str, words: Collection[str]) -> str:
    """A token at which something else was expected; `words` are those that it may be a misspelling of."""
    remedy = _remedy(got, words)
    return f"got {_shown(got)}, expected {expected}" + (f"; {remedy}" if remedy else "")


def after_condition(*, inside: bool) -> str:
    """What may follow a condition, inside parentheses or not."""
    return "and, or, for or " + (")" if inside else "the end")


def after_label(label: Name) -> str:
    """What may follow the name of a label."""
    return f"a comparison such as {label} > 0.8 (or write label is {label}; a name of several words is quoted)"


def either_way(part: Node) -> str:
    """`not … for …`, of which nobody can say what it means."""
    inner = str(part)
    return (
        f"got for after not, which can be read in two ways; write (not {inner}) for … or not ({inner} for …), "
        "as it is meant"
    )


def of_hysteresis(on: Comparison, until: Comparison) -> str | None:
    """What is wrong with a pair of comparisons, or None: no number may satisfy both."""
    opposite = "<" if on.upward else ">"
    beyond = until.number - on.number if on.upward else on.number - until.number
    both = beyond > 0 or (beyond == 0 and "=" in on.sign and "=" in until.sign)
    if until.upward != on.upward and not both:
        return None
    return f"got {on} until {until}, expected until {opposite} and a number that cannot be {on} as well"


def unknown_name(name: Name, what: str, known: Collection[str]) -> str:
    """A name that this arena does not have."""
    if not known:
        return f"got the {what} {name}, but there is no {what} in this arena; name something else, or add one"
    close = get_close_matches(name.text, known, 1)
    meant = f"; did you mean {spelt(close[0])}?" if close else ""
    return f"got the {what} {name}, expected one of: {', '.join(map(spelt, sorted(known)))}{meant}"


def _shown(token: Token) -> str:
    if token.kind == "end":
        return "the end"
    return repr(token.text if len(token.text) <= 40 else token.text[:40] + "…")


def _remedy(got: Token, words: Collection[str]) -> str:
    match got.kind:
        case "unclosed":
            return "close the quote on the same line, around at least one character"
        case "unquoted":
            lower = got.text.lower()
            return f"write {lower}" if lower in WORDS else f"a name such as this is quoted: {spelt(got.text)}"
        case "unknown":
            return _REMEDIES.get(got.text, "")
        case "word":
            close = [] if got.text in words else get_close_matches(got.text, words, 1)
            return f"did you mean {close[0]}?" if close else _quoted_word(got.text)
        case _:
            return ""


def _quoted_word(word: str) -> str:
    return f"a name that is a word of the grammar is quoted: '{word}'" if word in WORDS else ""
