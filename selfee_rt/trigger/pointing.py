"""An error that points at a place in a text."""

from selfee_rt.errors import ConfigError


def pointed(text: str, column: int, said: str) -> str:
    """What is said about the character at `column` (from 0; the length of the text: its end), and a caret below it.

    Columns are written from 1; a text of several lines shows the one that is meant.

    >>> print(pointed("winging > 2", 10, "got '2', expected a probability"))
    column 11: got '2', expected a probability
        winging > 2
                  ^
    """
    start = text.rfind("\n", 0, column) + 1
    stop = text.find("\n", column)
    line = text[start:] if stop < 0 else text[start:stop]
    shown = "".join(each if each.isprintable() else " " for each in line).rstrip()
    number = text.count("\n", 0, start) + 1
    where = f"line {number}, column" if "\n" in text else "column"
    return f"{where} {column - start + 1}: {said}\n    {shown}\n    {' ' * (column - start)}^"


def refusal(text: str, column: int, said: str) -> ConfigError:
    """The same, to be raised."""
    return ConfigError([pointed(text, column, said)])
