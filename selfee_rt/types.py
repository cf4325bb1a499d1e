"""What travels between threads: frozen values, arrays read-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

TimeQuality = Literal["device", "arrival", "due"]
"""How `captured_ns` is known: by the camera's own clock, by arrival at the host, or because a paced frame was due."""

Stimulus = Literal["off", "on", "after"]

Preprocessing = Literal["grey_resize", "selfee_mouse"]
"""How a model wants its pictures prepared: the authors' way for flies (grey and resized), or for mice."""

EnginePrecision = Literal["fp32", "tf32", "fp16"]
"""What an engine computes in: float32, float32 with tensor cores' 10-bit mantissa in products, or float16."""

BoutSource = Literal["predicted", "user", "template"]

UNLABELLED = "unlabel"
"""The label of exposures that nobody scored."""

ArrayT = TypeVar("ArrayT", bound=np.generic)


def read_only(array: NDArray[ArrayT]) -> NDArray[ArrayT]:
    """Mark an array as not writeable and return it; the caller keeps no writeable view of it."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source says of itself once it is open."""

    name: str
    """For people: a path, an address, a camera's model and serial number."""
    width_px: int
    height_px: int
    colour: bool
    """True: images are (H, W, 3) RGB; False: (H, W) grey."""
    fps: float
    """Measured where it can be (file timestamps, the first frames of a stream), else as the device states it."""
    frames: int | None
    """Promised number of frames, None where there is no end."""
    time_quality: TimeQuality
    paced: bool
    """True: frames come at the speed of a camera. False: as fast as they are read."""
    can_wait: bool
    """True only where a slow reader delays the source instead of losing frames (a file read at `max`)."""
    notes: tuple[str, ...] = ()
    """What was decided automatically (range, timestamps, rotation), one sentence each."""
    content_sha256: str | None = None
    """Of a file that is replayed: sha256 of its bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One exposure of a camera, as it arrived."""

    index: int
    """Exposures since 0, dropped ones counted; a jump means that the ones between were dropped."""
    media_ns: int
    """The stream's own time, raw: the camera's clock or the file's timestamp."""
    captured_ns: int
    """On the host clock; see `SourceInfo.time_quality`."""
    received_ns: int
    """Host clock when the program had the frame."""
    image: NDArray[np.uint8]
    """(H, W) grey or (H, W, 3) RGB uint8, full range 0..255, read-only."""
    index_inferred: bool = False
    """True where a jump of `index` was concluded from timestamps, not counted by the camera."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """The exposure that a live frame is about, and the newest one that it needed."""

    index: int
    """The current (middle) exposure."""
    media_ns: int
    captured_ns: int
    received_ns: int
    newest_index: int
    """The future exposure: `index` + frame interval."""
    newest_media_ns: int
    newest_captured_ns: int
    """Latency added by the software counts from here; the lookahead before it is reported apart."""
    newest_received_ns: int

    @property
    def stamps(self) -> tuple[int, int, int, int, int, int, int]:
        """All but `index`, in the order of the fields: `Exposure(index, *stamps)` is the exposure again."""
        return (
            self.media_ns,
            self.captured_ns,
            self.received_ns,
            self.newest_index,
            self.newest_media_ns,
            self.newest_captured_ns,
            self.newest_received_ns,
        )


class ImageStats:
    """Where the statistics of one arena's grey picture lie in an array (..., S) float32."""

    MEAN = 0
    """Of the grey values, 0..255."""
    DEVIATION = 1
    """Standard deviation of the grey values."""
    SHARPNESS = 2
    """Root mean square of the second differences along every other row over that of the first; 0 where either is.

    Blur lowers it, a factor or an offset of the grey values does not change it, nor how much of the picture the
    animals fill. White noise has 1.73, a sharp line 1.73, a smooth slope nearly 0. Source: Hjorth 1970,
    Electroencephalography and Clinical Neurophysiology 29:306 (mobility, here of the first differences).
    """
    CELLS_DOWN = CELLS_ACROSS = 8
    CELLS = slice(3, 3 + CELLS_DOWN * CELLS_ACROSS)
    """Mean grey values of that many cells, row by row: a thumbnail."""
    COUNT = CELLS.stop
    """S."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrames:
    """The live frames of all arenas for one exposure; never spans a dropped exposure."""

    exposure: Exposure
    image: NDArray[np.uint8]
    """(A, 3, H, W) uint8, 0..255; channels past, current, future."""
    image_stats: NDArray[np.float32]
    """(A, S): of the current exposure, per arena, as `ImageStats` lays them out."""
    composed_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """The embeddings of all arenas for one exposure."""

    exposure: Exposure
    vector: NDArray[np.float32]
    """(A, D) float32 already rounded to float16, so that what is scored is what is stored."""
    model_id: str
    """sha256 of the model file; embeddings are never compared across it."""
    composed_ns: int
    embedded_ns: int
    image_stats: NDArray[np.float32] | None
    """(A, S): as in the live frames; None where only the embeddings were stored."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What is said about one arena at one exposure. None always means: not known yet."""

    arena: str
    exposure: Exposure
    label_index: int
    """The exposure that the label describes (smoothing and `align` move it)."""
    label: str | None
    probabilities: tuple[float, ...] | None
    """One per label of the session, in the session's order; sums to 1."""
    scores: Mapping[str, float | None]
    """Anomaly score per detector; higher is stranger."""
    alarm: bool | None
    """True where any detector's score exceeds its threshold; None while no detector with a threshold knows."""
    stimulus: Stimulus
    revision: int
    """Counts what was taught or changed during the session before this observation."""
    composed_ns: int
    embedded_ns: int
    observed_ns: int
    decided_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What is thought of one exposure while it is on its way to becoming an observation."""

    label: str | None
    probabilities: NDArray[np.float64] | None
    """(C,) one per label, sum 1; None while nothing is known."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What is said about an exposure once more of its future is known; the observation itself is never rewritten."""

    arena: str
    label_index: int
    """The exposure that is judged again."""
    media_ns: int
    """Its time."""
    label: str | None
    probabilities: tuple[float, ...] | None
    newest_index: int
    """The newest exposure that was needed."""
    revision: int
    """What had been taught or changed before, as in `Observation`."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Points whose labels a person gave."""

    points: NDArray[np.float32]
    """(N, d) projected embeddings, in the order in which they were given."""
    label_of: NDArray[np.int64]
    """(N,) position in the classifier's labels."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A slow statistic of picture or embedding that is no longer what it was: lamp, focus or camera."""

    statistic: str
    since_index: int
    """The exposure at which it was noticed."""
    value: float
    expected: float


@dataclass(frozen=True, slots=True)
class Bout:
    """An uninterrupted run of one label; both ends inclusive."""

    arena: str
    label: str
    start_index: int
    stop_index: int
    start_media_ns: int
    stop_media_ns: int
    source: BoutSource = "predicted"


@dataclass(frozen=True, slots=True)
class Loss:
    """A range of exposures that will not be observed, in any arena; both ends inclusive."""

    hop: str
    """source, background, edge, gap, channel:<name> or fault."""
    first_index: int
    last_index: int

    @property
    def count(self) -> int:
        """Number of exposures in the range."""
        return self.last_index - self.first_index + 1


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person or a client did during the session, and the exposure from which it holds."""

    at_ns: int
    frame_index: int
    action: str
    arguments: Mapping[str, Any]
    result: str


@dataclass(frozen=True, slots=True)
class StageStatus:
    """How one stage of the line is doing; published once a second."""

    name: str
    n_in: int
    n_out: int
    n_lost: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    error: str | None = None
