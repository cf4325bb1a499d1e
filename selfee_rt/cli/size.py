"""A picture's size on the command line: HEIGHTxWIDTH."""

import re

import click


class Size(click.ParamType[tuple[int, int]]):
    """Takes `256x192` to (256, 192), height before width, each within its limits.

    >>> Size().convert("256x192", None, None)
    (256, 192)
    """

    name = "HEIGHTxWIDTH"

    def __init__(self, smallest_px: int = 32, largest_px: int = 1024) -> None:
        self.limits = smallest_px, largest_px

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers; anything else is a usage error."""
        if isinstance(value, tuple):
            return value
        read = re.fullmatch(r"(\d{1,5})x(\d{1,5})", value.strip())
        height, width = map(int, read.groups()) if read else (0, 0)
        low, high = self.limits
        if not (low <= height <= high and low <= width <= high):
            self.fail(f"got {value!r}, expected HEIGHTxWIDTH with both from {low} to {high}, as in 256x192", param, ctx)
        return height, width
