"""Makes a reference from recordings: bank, labels, centring mean, projection, and thresholds from controls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.compose.interval import frame_interval
from selfee_rt.config import ArenaConfig, LabelsConfig, ModelConfig, RecordedConfig, SourceConfig, VideoFileConfig
from selfee_rt.embed.model import read_card, sha256_of
from selfee_rt.errors import ConfigError, LabelsError
from selfee_rt.folder.schema import SESSION_FILE
from selfee_rt.observe.reference import Recording, Reference
from selfee_rt.workbench import labels as scoring
from selfee_rt.workbench.embedding import Embedded, Progress, embed_whole
from selfee_rt.workbench.held_out import Scored, score
from selfee_rt.workbench.labels import UNLABELLED, check_early, labels_of, read_scored
from selfee_rt.workbench.parts import PartSettings, with_classifiers
from selfee_rt.workbench.thresholds import ThresholdSettings, control_thresholds
from selfee_rt.workbench.transitions import count_transitions

PROJECTED_DIM = 64
"""Default dimensions of the projection."""

Range = tuple[int, int]
"""Exposures, both ends inclusive."""


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What a reference is made from, and how."""

    videos: tuple[Path, ...]
    labels: tuple[Path | None, ...]
    """One per video; None: all of its exposures are normal behaviour without a name."""
    controls: tuple[Path, ...]
    skip: tuple[Range, ...]
    """Left out of the bank, in every video."""
    out: Path
    model: ModelConfig = field(default_factory=ModelConfig)
    arena: ArenaConfig = field(default_factory=lambda: ArenaConfig(name="arena"))
    project: int | None = None
    """Dimensions to project to; None: 64, or the embedding's own if it has fewer."""
    max_bank: int = 20_000
    thresholds: ThresholdSettings = field(default_factory=ThresholdSettings)
    """Which detectors the controls set a threshold for, and how."""
    parts: PartSettings = field(default_factory=PartSettings)
    """Classifiers to train and calibrate."""
    labels_config: LabelsConfig = field(default_factory=LabelsConfig)
    """What the label files leave open."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Embeddings that may enter the bank."""

    embedding: NDArray[np.float16]
    """(N, D)."""
    label_of: NDArray[np.int64]
    """(N,) position in `labels`; -1 without a label."""
    labels: tuple[str, ...]


def fit(settings: FitSettings, *, progress: Callable[[str], Progress]) -> Reference:
    """Embed everything, make the reference and write it.

    Raises:
        ConfigError: with every problem that shows before the work begins; or recordings that are too short.
        LabelsError: labels do not fit their video.
        SourceError, ModelError, ReferenceFileError: a file cannot be used or written.
    """
    _check(settings)
    scored = [None if path is None else _scored(path, settings.labels_config) for path in settings.labels]
    recordings, labels = [], []
    for path, each in zip(settings.videos, scored, strict=True):
        recording = _embed(path, settings, progress)
        recordings.append(recording)
        labels.append(None if each is None else _labels(each, recording, settings.labels_config))
    _check_several(labels)
    controls = [_embed(path, settings, progress) for path in settings.controls]
    examples = choose_examples(recordings, labels, settings.skip)
    bare = make_reference(examples, recordings[0].model_id, settings.project, settings.max_bank)
    thresholds = control_thresholds(bare, controls, settings.thresholds)
    full = _with_parts(bare, settings, recordings, labels)
    reference = replace(full, thresholds=thresholds, made_from=_made_from(settings, recordings, controls))
    reference.save(settings.out)
    return reference


def _with_parts(
    bare: Reference, settings: FitSettings, recordings: Sequence[Embedded], labels: Sequence[tuple[str, ...] | None]
) -> Reference:
    """Add transitions, and the classifiers that are wanted."""

    def without(training: Sequence[Scored]) -> Reference:
        examples = choose_examples([each.recording for each in training], labels, settings.skip)
        return make_reference(examples, bare.model_id, settings.project, settings.max_bank)

    scored = score(recordings, labels, bare.labels, settings.skip)
    card = read_card(build.model_path(settings.model))
    intervals = [frame_interval(card.interval_ms, each.fps, allow_mismatch=True) for each in recordings]
    longest_bridged_jump = 4 * max(interval.exposures for interval in intervals)
    known = replace(bare, transitions=count_transitions(scored, len(bare.labels)))
    return with_classifiers(known, scored, settings.parts, without, longest_bridged_jump)


def _scored(path: Path, config: LabelsConfig) -> scoring.Scored:
    scored = read_scored(path, config)
    check_early(scored, config)
    return scored


def _labels(scored: scoring.Scored, recording: Embedded, config: LabelsConfig) -> tuple[str, ...]:
    return labels_of(scored, config, exposures=recording.exposures, fps=recording.fps)


def _check_several(labels: Sequence[tuple[str, ...] | None]) -> None:
    """Refuse labels among which there is nothing to tell apart.

    Raises:
        LabelsError: every labelled exposure has the same label.
    """
    names = {label for each in labels if each is not None for label in each} - {UNLABELLED}
    if len(names) == 1:
        raise LabelsError(
            f"every labelled exposure is {names.pop()!r}; a classifier needs two labels at least: label what else "
            "there is (labels.unscored names the rest), or leave --labels out for the anomaly score alone"
        )


def choose_examples(
    recordings: Sequence[Embedded], labels: Sequence[tuple[str, ...] | None], skip: Sequence[Range]
) -> Examples:
    """Collect the embeddings of all recordings but those skipped, and those that nobody labelled where others are.

    Raises:
        ConfigError: nothing is left.
    """
    names = tuple(sorted({label for each in labels if each is not None for label in each} - {UNLABELLED}))
    kept, kept_labels = [], []
    for recording, given in zip(recordings, labels, strict=True):
        label_of = np.full(len(recording.frame_index), -1, dtype=np.int64)
        keep = np.ones(len(recording.frame_index), dtype=bool)
        if given is not None:
            own = [given[index] for index in recording.frame_index.tolist()]
            keep = np.array([label != UNLABELLED for label in own])
            label_of[keep] = [names.index(label) for label in own if label != UNLABELLED]
        for first, last in skip:
            keep &= (recording.frame_index < first) | (recording.frame_index > last)
        kept.append(recording.embedding[keep])
        kept_labels.append(label_of[keep])
    return _without_empty_labels(np.concatenate(kept), np.concatenate(kept_labels), names)


def _without_empty_labels(
    embedding: NDArray[np.float16], label_of: NDArray[np.int64], names: tuple[str, ...]
) -> Examples:
    """Refuse a choice that leaves out a label entirely, or everything.

    Raises:
        ConfigError: nothing is left, or nothing of a label.
    """
    if not len(embedding):
        raise ConfigError(["no exposure is left for the bank; skip less, or label more"])
    empty = sorted(set(range(len(names))) - set(label_of.tolist()))
    if empty:
        raise ConfigError(
            [f"no exposure is left of the label {names[position]!r}; skip less, or rename it" for position in empty]
        )
    return Examples(embedding, label_of, names)


def make_reference(examples: Examples, model_id: str, project: int | None, max_bank: int) -> Reference:
    """Centre and project on all examples, then keep at most `max_bank` of them.

    Raises:
        ConfigError: more dimensions are asked for than the embedding has, or than there are examples.
    """
    rows, dim = examples.embedding.shape
    wanted = min(PROJECTED_DIM, dim) if project is None else project
    if wanted > min(dim, rows - 1):
        raise ConfigError(
            [
                f"--project {wanted}: the embedding has {dim} dimensions and the bank {rows} examples, expected at "
                f"most {max(min(dim, rows - 1), 0)}; project to fewer, or use longer recordings"
            ]
        )
    mean, projection = principal_axes(examples.embedding, wanted)
    chosen = thin(examples.label_of, max_bank)
    return Reference(
        model_id=model_id,
        labels=examples.labels,
        label_of=examples.label_of[chosen],
        embedding=examples.embedding[chosen],
        mean=mean,
        projection=projection,
    )


def principal_axes(
    embedding: NDArray[np.float16] | NDArray[np.float32], dim: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (D,) and first `dim` principal axes (D, dim) of embeddings (N, D), computed in float64.

    Of the two directions of an axis, the one whose largest component is positive.
    """
    rows = embedding.astype(np.float64)
    mean = rows.mean(axis=0)
    rows -= mean
    _, vectors = np.linalg.eigh(rows.T @ rows)  # ascending
    axes = vectors[:, ::-1][:, :dim]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(dim)] < 0, -1.0, 1.0)
    return mean.astype(np.float32), np.ascontiguousarray(axes, dtype=np.float32)


def thin(label_of: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Rows to keep, rising, at most `most`: rare labels whole, the others cut to one size, evenly over time.

    Raises:
        ConfigError: `most` is less than the number of labels.
    """
    groups = sorted((np.flatnonzero(label_of == label) for label in np.unique(label_of)), key=len)
    if most < len(groups):
        raise ConfigError([f"--max-bank {most} is less than the number of labels, {len(groups)}; give more"])
    kept, left = [], most
    for position, group in enumerate(groups):
        share = min(len(group), left // (len(groups) - position))
        kept.append(group[np.arange(share) * len(group) // share])
        left -= share
    return np.sort(np.concatenate(kept))


def _check(settings: FitSettings) -> None:
    problems = []
    if settings.out.exists():
        problems.append(f"--out {settings.out} exists; nothing is ever overwritten, choose another file")
    if not settings.out.parent.is_dir():
        problems.append(f"--out {settings.out}: there is no folder {settings.out.parent}; make it first")
    if len(settings.labels) != len(settings.videos):
        problems.append(
            f"got {len(settings.labels)} label files for {len(settings.videos)} videos; give --labels once per video, "
            "in the same order, '-' for a video without labels"
        )
    problems += [f"--skip {a}:{b}: expected A:B with 0 <= A <= B" for a, b in settings.skip if not 0 <= a <= b]
    if settings.thresholds.false_alarms_per_hour is not None and not settings.controls:
        problems.append("--false-alarms-per-hour needs control recordings to count in; give --control")
    problems += _unlabelled(settings)
    problems += _shared(settings)
    if problems:
        raise ConfigError(problems)


def _unlabelled(settings: FitSettings) -> list[str]:
    """Say what needs labels where there are none."""
    if any(path is not None for path in settings.labels):
        return []
    wanted = ["--calibrate"] if settings.parts.calibrate is not None else []
    wanted += ["--classifier lightgbm"] if "lightgbm" in settings.parts.classifiers else []
    return [f"{each} needs labelled exposures, and there are none; give --labels" for each in wanted]


def _shared(settings: FitSettings) -> list[str]:
    """Name each recording that is given twice: a control that is in the bank has no distance to it."""
    seen: dict[str, Path] = {}
    problems = []
    for path in (*settings.videos, *settings.controls):
        if not (path.is_file() or is_session(path)):
            problems.append(f"there is no file {path}; give an existing video, or a session folder")
            continue
        known = seen.setdefault(sha256_of(path / SESSION_FILE if is_session(path) else path), path)
        if known is not path:
            problems.append(f"{path} is the same recording as {known}; a recording is either bank or control, once")
    return problems


def _embed(path: Path, settings: FitSettings, progress: Callable[[str], Progress]) -> Embedded:
    return embed_whole(recording_of(path), settings.model, settings.arena, progress=progress(path.name))


def recording_of(path: Path) -> SourceConfig:
    """A video file, or the pictures of a session folder with the session's own exposures."""
    if is_session(path):
        return RecordedConfig(folder=path, speed="max")
    return VideoFileConfig(path=path, speed="max")


def is_session(path: Path) -> bool:
    """Whether a path is a session folder."""
    return (path / SESSION_FILE).is_file()


def _made_from(
    settings: FitSettings, recordings: Sequence[Embedded], controls: Sequence[Embedded]
) -> tuple[Recording, ...]:
    bank = [
        Recording(
            name=path.name,
            sha256=recording.sha256,
            use="bank",
            exposures=recording.exposures,
            labels_sha256=None if labels is None else sha256_of(labels),
            skipped=settings.skip,
        )
        for path, labels, recording in zip(settings.videos, settings.labels, recordings, strict=True)
    ]
    return *bank, *(
        Recording(name=path.name, sha256=control.sha256, use="control", exposures=control.exposures)
        for path, control in zip(settings.controls, controls, strict=True)
    )
