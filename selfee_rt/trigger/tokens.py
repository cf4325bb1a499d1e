"""The words of a condition: how text is cut into them, and how names and numbers are spelt."""

import re
from dataclasses import dataclass
from typing import Literal

WORDS = frozenset(
    (
        *("label", "is", "bout", "of", "starts", "ends", "ended", "after", "lasts"),
        *("alarm", "score", "match", "brightness"),
        *("not", "and", "or", "for", "until", "ms", "s", "min"),
    )
)
"""The words of the grammar: a label or a name that is one of them is quoted."""

Kind = Literal["word", "name", "number", "sign", "unquoted", "unclosed", "unknown", "end"]
"""word: of the grammar, or a name that needs no quotes; name: a quoted one; sign: a comparison or a parenthesis;
unquoted: a name that needs quotes; unclosed: its quotes do not end; unknown: anything else."""

_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<name>'[^'\n]+' | "[^"\n]+")
      | (?P<unclosed>['"][^\n]*)
      | (?P<number>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)
      | (?P<word>[^\W\d][\w-]*)
      | (?P<sign>[<>]=?|[()])
      | (?P<unknown>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, name, number or sign, and where it stands."""

    kind: Kind
    text: str
    """As written, a name without its quotes."""
    column: int
    """Of its first character, from 0."""


def tokens(text: str) -> tuple[Token, ...]:
    """Cut any text; what does not belong is a token too, of a kind that says so. The last one is the end.

    >>> [(token.kind, token.text) for token in tokens("winging>.8 AND")]
    [('word', 'winging'), ('sign', '>'), ('number', '.8'), ('unquoted', 'AND'), ('end', '')]
    """
    found = [_token(match) for match in _TOKEN.finditer(text) if match.lastgroup != "space"]
    return (*found, Token("end", "", len(text.rstrip())))


def spelt(name: str) -> str:
    """Write a name as the grammar reads it: quoted only where it must be.

    >>> spelt("winging"), spelt("wing extension"), spelt("match")
    ('winging', "'wing extension'", "'match'")
    """
    if _PLAIN.fullmatch(name) and name not in WORDS:
        return name
    return f'"{name}"' if "'" in name else f"'{name}'"


def written(number: float) -> str:
    """Write a number so that it is read as the same one.

    >>> written(0.8), written(200.0)
    ('0.8', '200')
    """
    return repr(float(number)).removesuffix(".0")


def _token(match: re.Match[str]) -> Token:
    text, column = match.group(), match.start()
    match match.lastgroup:
        case "name":
            return Token("name", text[1:-1], column)
        case "word":
            return Token("word" if _PLAIN.fullmatch(text) else "unquoted", text, column)
        case "number" | "sign" | "unclosed" as kind:
            return Token(kind, text, column)
        case _:
            return Token("unknown", text, column)
