"""A camera's own count of its exposures."""

from selfee_rt.errors import SourceLost

GIGE_IDS = 65535
"""GigE Vision 1 counts 1 … 65535 and begins again with 1; 0 is never used."""
NO_ID = 2**64 - 1
"""What pylon gives where there is no block ID."""


class BlockCounter:
    """Turns the block IDs of successive frames into an index that begins with 0 and counts what is missing.

    >>> counter = BlockCounter("camera", wraps=True)
    >>> [counter.index(block_id) for block_id in (65533, 65535, 1, 4)]
    [0, 2, 3, 6]
    """

    def __init__(self, name: str, *, wraps: bool) -> None:
        self._name = name
        self._wraps = wraps
        self._last_id: int | None = None
        self._index = 0

    def index(self, block_id: int) -> int:
        """Return the index of the frame with this ID.

        Raises:
            SourceLost: the camera gives no ID, or its count went back: it was restarted by something else.
        """
        if block_id == NO_ID:
            raise SourceLost(f"{self._name} does not number its frames, so its losses cannot be counted")
        if self._last_id is not None:
            self._index += self._step(self._last_id, block_id)
        self._last_id = block_id
        return self._index

    def _step(self, earlier: int, later: int) -> int:
        step = later - earlier
        if step < 0 and self._wraps and earlier <= GIGE_IDS:
            step += GIGE_IDS
        if step <= 0:
            raise SourceLost(
                f"{self._name} counted frame {later} after frame {earlier}: it was restarted; start a new session"
            )
        return step
