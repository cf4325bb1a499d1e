"""Query by example: a stretch of a recording, and the search for its likes in a stream."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import TemplateFileError
from selfee_rt.observe.archive import UNREADABLE, read_arrays, write_whole
from selfee_rt.observe.reference import project, unit
from selfee_rt.observe.spring import Match, Spring
from selfee_rt.types import Bout, read_only

VERSION = 1
PARTS = {"embedding": 2, "mean": 1, "projection": 2}
"""The arrays of a template file and their number of dimensions."""


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a template was cut from."""

    recording: str
    sha256: str | None
    arena: str
    first_index: int
    last_index: int
    """Inclusive."""
    fps: float


class _Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    name: str
    model_id: str
    threshold: float | None
    how: str
    origin: Origin
    format: Literal["selfee_rt.template"] = "selfee_rt.template"


@dataclass(frozen=True, eq=False)
class Template:
    """An example to search for: the embeddings of consecutive exposures, and how they are projected.

    Raises:
        TemplateFileError: the parts do not fit together, or a number is not finite.
    """

    name: str
    model_id: str
    """sha256 of the model that made the embeddings."""
    embedding: NDArray[np.float16]
    """(m, D) as the model gave them, one row per exposure."""
    mean: NDArray[np.float32]
    """(D,) subtracted before projecting."""
    projection: NDArray[np.float32]
    """(D, d)."""
    threshold: float | None
    """Stretches that cost less are matches; None: whoever searches must say it."""
    how: str
    """One sentence for people: where the threshold comes from."""
    origin: Origin
    points: NDArray[np.float32] = field(init=False)
    """(m, d): every embedding centred, projected and scaled to length 1."""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem is not None:
            raise TemplateFileError(f"not a usable template: {problem}; make it anew with `selfee-rt template`")
        for array in (self.embedding, self.mean, self.projection):
            read_only(array)
        points = np.stack([self.project(row.astype(np.float32)) for row in self.embedding])
        object.__setattr__(self, "points", read_only(unit(points)))

    def project(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Centre and project one embedding (D,) float32 to a point (d,) float32; bit-equal live and offline."""
        return project(vector, self.mean, self.projection)

    def check_model(self, model_id: str) -> None:
        """Refuse embeddings of another model.

        Raises:
            TemplateFileError: the template was made with another model.
        """
        if model_id != self.model_id:
            raise TemplateFileError(
                f"the template {self.name!r} was made with another model: got model {model_id[:12]}…, expected "
                f"{self.model_id[:12]}…; use that model, or make a template for this one with `selfee-rt template`"
            )

    def check_projection(self, mean: NDArray[np.float32], projection: NDArray[np.float32]) -> None:
        """Refuse points that are projected otherwise: costs and thresholds do not carry over.

        Raises:
            TemplateFileError: the projection is another.
        """
        if not (np.array_equal(mean, self.mean) and np.array_equal(projection, self.projection)):
            raise TemplateFileError(
                f"the template {self.name!r} is projected in another way than this session: got the projection of "
                "its reference or of another template, expected the template's own; make the template anew with "
                "`selfee-rt template --reference` and the session's reference"
            )

    def save(self, path: Path) -> None:
        """Write one .npz, whole or not at all; an existing file is replaced.

        Raises:
            TemplateFileError: it cannot be written.
        """
        metadata = _Metadata(VERSION, self.name, self.model_id, self.threshold, self.how, self.origin)
        content = io.BytesIO()
        np.savez_compressed(
            content,
            metadata=np.frombuffer(msgspec.json.encode(metadata), dtype=np.uint8),
            embedding=self.embedding,
            mean=self.mean,
            projection=self.projection,
        )
        try:
            write_whole(path, content.getvalue())
        except OSError as error:
            raise TemplateFileError(
                f"cannot write the template {path}: {error.strerror}; choose a writable folder with space"
            ) from error

    @classmethod
    def load(cls, path: Path) -> "Template":
        """Read a template file; nothing in it is unpickled.

        Raises:
            TemplateFileError: missing, damaged, of another kind or version, or with numbers that are not finite.
        """
        try:
            arrays = read_arrays(path)
            metadata = msgspec.json.decode(arrays.pop("metadata").tobytes(), type=_Metadata)
        except FileNotFoundError as error:
            raise TemplateFileError(f"there is no template {path}; make one with `selfee-rt template`") from error
        except (*UNREADABLE, msgspec.DecodeError) as error:
            raise _refused(path, f"damaged or not a template ({error})") from error
        if metadata.version != VERSION:
            raise _refused(path, f"it has version {metadata.version}, expected {VERSION}")
        if set(arrays) != set(PARTS):
            raise _refused(path, f"parts missing or unknown: {', '.join(sorted(set(arrays) ^ set(PARTS)))}")
        try:
            return cls(
                name=metadata.name,
                model_id=metadata.model_id,
                threshold=metadata.threshold,
                how=metadata.how,
                origin=metadata.origin,
                **arrays,
            )
        except TemplateFileError as error:
            raise _refused(path, str(error)) from error


class TemplateSearch:
    """Searches one arena for the likes of a template: subsequence dynamic time warping on cosine distances.

    Distances are 1 - cosine of projected embeddings, and a cost is their sum along the path per exposure of the
    template; stretches from half to twice its length that cost less than the threshold match. Work and
    memory per exposure depend on the template's length alone, about 0.02 ms.

    Raises:
        TemplateFileError: neither the template nor the caller says a threshold.
    """

    def __init__(self, template: Template, arena: str, threshold: float | None = None) -> None:
        threshold = template.threshold if threshold is None else threshold
        if threshold is None:
            raise TemplateFileError(
                f"the template {template.name!r} has no threshold; give one, or make it with a --control recording"
            )
        self.name = template.name
        self.label = f"template:{template.name}"
        self._arena = arena
        self._points = template.points
        self._similarity = np.empty(len(template.points), dtype=np.float32)
        self._spring = Spring(len(template.points), threshold)

    @property
    def cost(self) -> float:
        """The lowest cost of a stretch that ends with the newest exposure; infinite before the first."""
        return self._spring.cost

    def match(self, point: NDArray[np.float32], index: int, media_ns: int) -> Match | None:
        """Take the point (d,) float32 of one exposure; return the match that is certain now, if any."""
        np.dot(self._points, unit(point), out=self._similarity)
        distance = np.maximum(1 - self._similarity.astype(np.float64), 0)  # rounding may put a cosine above 1
        return self._spring.push(distance, index, media_ns)

    def push(self, point: NDArray[np.float32], index: int, media_ns: int) -> Bout | None:
        """As `match`, in the form of a bout."""
        return self._bout(self.match(point, index, media_ns))

    def reset(self, why: str) -> None:
        """Begin anew: no match spans a break. What had matched before it is returned by the next `push`."""
        self._spring.reset()

    def finish_match(self) -> Match | None:
        """Return the match that was not certain yet when the stream ended."""
        return self._spring.finish()

    def finish(self) -> Bout | None:
        """As `finish_match`, in the form of a bout."""
        return self._bout(self.finish_match())

    def _bout(self, match: Match | None) -> Bout | None:
        if match is None:
            return None
        ends = (match.start_index, match.stop_index, match.start_media_ns, match.stop_media_ns)
        return Bout(self._arena, self.label, *ends, source="template")


def _refused(path: Path, why: str) -> TemplateFileError:
    return TemplateFileError(
        f"cannot use the template {path}: {why}; expected a file made by `selfee-rt template`, version {VERSION}"
    )


def _problem(template: Template) -> str | None:
    """Say what is wrong with the parts, or None."""
    for name, ndim in PARTS.items():
        array, dtype = getattr(template, name), np.float16 if name == "embedding" else np.float32
        if array.dtype != dtype or array.ndim != ndim:
            return f"{name} is {array.dtype} with shape {array.shape}, expected {dtype.__name__} with {ndim} dimensions"
        if not np.isfinite(array).all():
            return f"{name} holds numbers that are not finite"
    rows, dim = template.embedding.shape
    if rows == 0:
        return "it has no exposure"
    if len(template.mean) != dim or len(template.projection) != dim:
        return (
            f"shapes do not fit: embedding {template.embedding.shape}, mean {template.mean.shape}, "
            f"projection {template.projection.shape}"
        )
    if template.threshold is not None and not 0 < template.threshold < np.inf:
        return f"its threshold is {template.threshold}, expected a positive number or none"
    return None
