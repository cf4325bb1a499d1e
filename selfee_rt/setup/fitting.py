"""What does not fit together although every answer is well formed: files, model, reference, arenas, frame rate."""

from collections.abc import Iterator
from pathlib import Path

from selfee_rt import build
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import RecordedConfig, SessionConfig, VideoFileConfig
from selfee_rt.embed.model import shipped_model
from selfee_rt.errors import ConfigError, ModelError, ModelMismatch
from selfee_rt.setup.files import described_model, described_reference
from selfee_rt.setup.regions import fits
from selfee_rt.types import SourceInfo


def misfits(config: SessionConfig, seen: SourceInfo | None) -> Iterator[str]:
    """What `selfee-rt check` would refuse, as far as it can be known without opening the source; a sentence each.

    Args:
        config: the whole, well formed.
        seen: what the source said of itself, if it was opened.
    """
    yield from _source_file(config)
    yield from _network(config, seen)
    if seen is not None:
        yield from _outside(config, seen)
    if config.record.folder is not None and config.record.folder.exists():
        yield f"record: folder: {config.record.folder} exists; a session never overwrites anything, choose another"


def _source_file(config: SessionConfig) -> Iterator[str]:
    match config.source:
        case VideoFileConfig(path=path) if not path.is_file():
            yield f"source: path: there is no file {path}; choose a video"
        case RecordedConfig(folder=folder) if not (folder / "session.json").is_file():
            yield f"source: folder: {folder} is no session folder; choose one that a session has made"


def _network(config: SessionConfig, seen: SourceInfo | None) -> Iterator[str]:
    """Model and reference: whether they can be read, belong together, and suit the frame rate."""
    try:
        model = described_model(config.model.file or shipped_model())
    except ModelError as error:
        yield f"model: file: {error}"
        return
    try:
        build.check_preparations(config.arena, model.card)
        if seen is not None and build.wants_background(model.card) and not list(_outside(config, seen)):
            build.backgrounds(config, model.card, seen)
    except ConfigError as error:
        yield from error.problems
    if seen is not None:
        try:
            frame_interval(model.card.interval_ms, seen.fps, allow_mismatch=config.model.allow_interval_mismatch)
        except ModelMismatch as error:
            yield f"model: {error}"
    reference = build.reference_path(config)
    if reference is not None:
        yield from _reference(reference, model.model_id)


def _reference(path: Path, model_id: str) -> Iterator[str]:
    reference = described_reference(path)
    if reference is None:
        yield f"observe: reference: {path} is no reference file; choose one that `selfee-rt fit` has made"
    elif reference.model_id != model_id:
        yield f"observe: reference: {path} was made with another model; choose that model, or another reference"


def _outside(config: SessionConfig, seen: SourceInfo) -> Iterator[str]:
    for arena in config.arena:
        if arena.region is not None and not fits(arena.region, (seen.height_px, seen.width_px)):
            yield (f"arena {arena.name!r} is not inside the picture of {seen.width_px}x{seen.height_px}; draw it again")
