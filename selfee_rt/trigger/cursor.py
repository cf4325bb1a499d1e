"""Walks over the words of a text from left to right, and says where it was disappointed."""

from collections.abc import Collection
from typing import NoReturn

from selfee_rt.trigger.complaints import unexpected
from selfee_rt.trigger.pointing import refusal
from selfee_rt.trigger.tokens import WORDS, Token, tokens
from selfee_rt.trigger.values import Name


class Cursor:
    """Stands at one token of a text; every refusal is a ConfigError that points at a column."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._position = 0

    @property
    def next(self) -> Token:
        """The token that it stands at; at last, for good, the one that is the end."""
        return self._tokens[self._position]

    @property
    def at_name(self) -> bool:
        """Whether that is a name: quoted, or a word that the grammar does not use."""
        return self.next.kind == "name" or (self.next.kind == "word" and self.next.text not in WORDS)

    def at(self, *texts: str) -> bool:
        """Whether that is one of these words or signs."""
        return self.next.kind in ("word", "sign") and self.next.text in texts

    def take(self) -> Token:
        """Return it and move on."""
        token = self.next
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def accept(self, text: str) -> bool:
        """Move on if it is this word or sign; whether it was."""
        found = self.at(text)
        if found:
            self.take()
        return found

    def expect(self, text: str) -> None:
        """Move on if it is this word or sign, and refuse anything else."""
        if not self.accept(text):
            self.fail(text, [text])

    def name(self, of_what: str) -> Name:
        """Read the name of something."""
        if not self.at_name:
            self.fail(f"the name of {of_what}")
        token = self.take()
        return Name(token.text, token.column)

    def fail(self, expected: str, words: Collection[str] = ()) -> NoReturn:
        """Refuse the next token; `words` are those that it may be a misspelling of."""
        self.refuse(self.next, unexpected(self.next, expected, words))

    def refuse(self, at: Token, said: str) -> NoReturn:
        """Refuse the text, pointing at one of its tokens."""
        raise refusal(self._text, at.column, said)
