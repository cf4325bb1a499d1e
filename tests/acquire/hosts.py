"""A host clock that tests move by hand."""


class Host:
    """A clock and a sleep that advances it."""

    def __init__(self, start_ns: int = 5_000_000_000) -> None:
        self.ns = start_ns
        self.slept: list[float] = []

    def now(self) -> int:
        return self.ns

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.ns += round(seconds * 1e9)

    def busy(self, seconds: float) -> None:
        """The reader does something else."""
        self.ns += round(seconds * 1e9)
