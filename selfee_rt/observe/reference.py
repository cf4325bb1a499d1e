"""The reference: the bank of known behaviour that new embeddings are compared with, in one file."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ReferenceFileError
from selfee_rt.observe.archive import write_whole
from selfee_rt.observe.reference_file import READABLE_VERSIONS, VERSION, read_reference, refused
from selfee_rt.observe.reference_parts import Boosted, Calibration, Transitions, parts_problem
from selfee_rt.observe.threshold import Threshold as Threshold
from selfee_rt.types import read_only

REQUIRED = ("label_of", "embedding", "mean", "projection")
OPTIONAL = ("boosted_text",)


class Recording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One recording that a reference was made from."""

    name: str
    sha256: str | None
    use: Literal["bank", "control"]
    exposures: int
    """Exposures that were embedded."""
    labels_sha256: str | None = None
    skipped: tuple[tuple[int, int], ...] = ()
    """Ranges of exposures that were left out, ends inclusive."""


class _Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    model_id: str
    labels: tuple[str, ...]
    thresholds: dict[str, Threshold]
    made_from: tuple[Recording, ...]
    calibrations: dict[str, Calibration] = {}
    transitions: Transitions | None = None
    boosted: Boosted | None = None
    format: Literal["selfee_rt.reference"] = "selfee_rt.reference"


class LabelledPoints(Protocol):
    """The part of a reference that a classifier is trained on."""

    @property
    def points(self) -> NDArray[np.float32]:
        """(N, d) projected embeddings."""

    @property
    def label_of(self) -> NDArray[np.int64]:
        """(N,) position in `labels`, -1 for rows without a label."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label has rows."""


def unit(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale points (..., d) to length 1; the zero vector stays zero, so that its similarity to anything is 0."""
    length = np.sqrt(np.sum(points * points, axis=-1, keepdims=True))
    directions: NDArray[np.float32] = np.divide(points, length, out=np.zeros_like(points), where=length > 0)
    return directions


def project(
    vector: NDArray[np.float32], mean: NDArray[np.float32], projection: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Centre one embedding (D,) and project it to (d,).

    Always one embedding at a time: numpy's rounding differs between batch sizes, and live and offline must agree.
    """
    point: NDArray[np.float32] = np.dot(vector - mean, projection)
    return point


def random_projection(dim: int, points_dim: int, seed: int) -> NDArray[np.float32]:
    """Gaussian projection (D, d) for sessions without a reference; lengths are kept on average.

    Source: Johnson and Lindenstrauss 1984, Contemporary Mathematics 26:189; entries from N(0, 1 / d).
    """
    rng = np.random.default_rng(seed)
    return read_only((rng.standard_normal((dim, points_dim)) / np.sqrt(points_dim)).astype(np.float32))


@dataclass(frozen=True, eq=False)
class Reference:
    """Examples of known behaviour, embedded by one model.

    Raises:
        ReferenceFileError: the parts do not fit together, or a number is not finite.
    """

    model_id: str
    """sha256 of the model that made the embeddings."""
    labels: tuple[str, ...]
    label_of: NDArray[np.int64]
    """(N,) position in `labels`; -1: unlabelled, normal behaviour for the anomaly score alone."""
    embedding: NDArray[np.float16]
    """(N, D) as the model gave them."""
    mean: NDArray[np.float32]
    """(D,) subtracted before projecting."""
    projection: NDArray[np.float32]
    """(D, d)."""
    thresholds: dict[str, Threshold] = field(default_factory=dict)
    """Per detector name."""
    made_from: tuple[Recording, ...] = ()
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    """Per kind of classifier."""
    transitions: Transitions | None = None
    boosted: Boosted | None = None
    """What belongs to the LightGBM model."""
    boosted_text: NDArray[np.uint8] | None = None
    """(B,) the LightGBM model in its own text format."""
    points: NDArray[np.float32] = field(init=False)
    """(N, d): every embedding centred and projected."""
    bank: NDArray[np.float32] = field(init=False)
    """(N, d): the same, scaled to length 1."""

    def __post_init__(self) -> None:
        problem = self._problem()
        if problem is not None:
            raise ReferenceFileError(f"not a usable reference: {problem}; make it anew with `selfee-rt fit`")
        for array in (self.label_of, self.embedding, self.mean, self.projection):
            read_only(array)
        points = np.empty((len(self.embedding), self.projection.shape[1]), dtype=np.float32)
        for row, vector in zip(points, self.embedding, strict=True):
            row[:] = self.project(vector.astype(np.float32))
        object.__setattr__(self, "points", read_only(points))
        object.__setattr__(self, "bank", read_only(unit(points)))

    def _problem(self) -> str | None:
        """Say what is wrong with the parts, or None."""
        return (
            _array_problem(self)
            or _shape_problem(self)
            or _label_problem(self)
            or parts_problem(len(self.labels), self.calibrations, self.transitions, self.boosted, self.boosted_text)
        )

    def project(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Centre and project one embedding (D,) float32 to a point (d,) float32; bit-equal live and offline."""
        return project(vector, self.mean, self.projection)

    def check_model(self, model_id: str) -> None:
        """Refuse embeddings of another model.

        Raises:
            ReferenceFileError: the reference was made with another model.
        """
        if model_id != self.model_id:
            raise ReferenceFileError(
                f"the reference was made with another model: got model {model_id[:12]}…, "
                f"expected {self.model_id[:12]}…; run the session with that model, or make a reference "
                "for this one with `selfee-rt fit`"
            )

    def save(self, path: Path) -> None:
        """Write one .npz, whole or not at all; an existing file is replaced.

        Raises:
            ReferenceFileError: it cannot be written.
        """
        metadata = _Metadata(
            VERSION,
            self.model_id,
            self.labels,
            self.thresholds,
            self.made_from,
            self.calibrations,
            self.transitions,
            self.boosted,
        )
        arrays: dict[str, NDArray[Any]] = {
            "metadata": np.frombuffer(msgspec.json.encode(metadata), dtype=np.uint8),
            **{name: getattr(self, name) for name in REQUIRED},
        }
        if self.boosted_text is not None:
            arrays["boosted_text"] = self.boosted_text
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, **arrays)
        try:
            write_whole(path, content.getvalue())
        except OSError as error:
            raise ReferenceFileError(
                f"cannot write the reference {path}: {error.strerror}; choose a writable folder with space"
            ) from error

    @classmethod
    def load(cls, path: Path) -> "Reference":
        """Read a reference file; nothing in it is unpickled.

        Raises:
            ReferenceFileError: missing, damaged, of another kind or version, or with numbers that are not finite.
        """
        arrays = read_reference(path)
        try:
            metadata = msgspec.json.decode(arrays.pop("metadata").tobytes(), type=_Metadata)
        except (KeyError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise refused(path, f"its description is missing or not as expected ({error})") from error
        if metadata.version not in READABLE_VERSIONS:
            raise refused(path, f"it has version {metadata.version}, expected at most {VERSION}")
        missing = set(REQUIRED) ^ set(arrays).difference(OPTIONAL)
        if missing:
            raise refused(path, f"parts missing or unknown: {', '.join(sorted(missing))}")
        try:
            return cls(
                model_id=metadata.model_id,
                labels=metadata.labels,
                thresholds=metadata.thresholds,
                made_from=metadata.made_from,
                calibrations=metadata.calibrations,
                transitions=metadata.transitions,
                boosted=metadata.boosted,
                **arrays,
            )
        except ReferenceFileError as error:
            raise refused(path, str(error)) from error


def _array_problem(reference: Reference) -> str | None:
    for name, dtype, ndim in (
        ("label_of", np.int64, 1),
        ("embedding", np.float16, 2),
        ("mean", np.float32, 1),
        ("projection", np.float32, 2),
    ):
        array = getattr(reference, name)
        if array.dtype != dtype or array.ndim != ndim:
            return f"{name} is {array.dtype} with shape {array.shape}, expected {dtype.__name__} with {ndim} dimensions"
        if not np.isfinite(array).all():
            return f"{name} holds numbers that are not finite"
    return None


def _shape_problem(reference: Reference) -> str | None:
    rows, dim = reference.embedding.shape
    if rows == 0:
        return "it has no examples"
    if len(reference.label_of) != rows or len(reference.mean) != dim or len(reference.projection) != dim:
        return (
            f"shapes do not fit: embedding {reference.embedding.shape}, label_of {reference.label_of.shape}, "
            f"mean {reference.mean.shape}, projection {reference.projection.shape}"
        )
    if not 1 <= reference.projection.shape[1] <= dim:
        return f"projection goes to {reference.projection.shape[1]} dimensions, expected 1 to {dim}"
    return None


def _label_problem(reference: Reference) -> str | None:
    if len(set(reference.labels)) < len(reference.labels):
        return f"a label is there twice: {', '.join(reference.labels)}"
    used = set(np.unique(reference.label_of).tolist()) - {-1}
    expected = set(range(len(reference.labels)))
    if used != expected:
        return f"examples have labels {sorted(used)}, expected every one of {sorted(expected)} and no other"
    return None
