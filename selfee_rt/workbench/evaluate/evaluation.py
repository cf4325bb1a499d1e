"""Evaluates classifiers and smoothings on recordings that they were not taught on."""

from collections.abc import Callable, Iterator

import numpy as np

from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.evaluate.bootstrap import LEAST_UNITS
from selfee_rt.workbench.evaluate.holdout import check_labels, folds
from selfee_rt.workbench.evaluate.reading import read
from selfee_rt.workbench.evaluate.recordings import Labelled
from selfee_rt.workbench.evaluate.results import Evaluation, Variant
from selfee_rt.workbench.evaluate.run import Run
from selfee_rt.workbench.evaluate.scores import Scoring
from selfee_rt.workbench.evaluate.settings import Settings, check
from selfee_rt.workbench.evaluate.training import longest_bridged


def evaluate(settings: Settings, *, progress: Callable[[str], Progress]) -> Evaluation:
    """Read the recordings, hold each part out in turn, and compare what is said with the labels.

    Raises:
        ConfigError: settings or labels with which nothing can be measured; with every problem.
        SelfeeRTError: a recording or label file cannot be read; further as `reading.read`.
    """
    check(settings)
    recordings, labels = read(settings.inputs, progress)
    parts = folds(recordings, settings.blocks, settings.gap_exposures)
    check_labels(recordings, labels, parts)
    scoring = Scoring(
        labels=labels,
        exposure_ms=1000 / recordings[0].fps,
        bridged=longest_bridged(recordings[0].interval),
        by_video=len(recordings) >= LEAST_UNITS,
        block_exposures=settings.bootstrap_block_exposures,
        overlap=settings.bout_overlap,
        draws=settings.resamples,
        seed=settings.seed,
    )
    run = Run(settings, recordings, parts, scoring, progress("evaluate"))
    newest = run.variants("newest")
    current = run.variants("current")
    bare = Evaluation(
        settings=settings,
        recordings=recordings,
        labels=labels,
        folds=parts,
        pieces=run.pieces("current"),
        drawn=_drawn(scoring),
        variants=(*newest, *current),
        chances=tuple(run.chances),
        lags=tuple(run.lags),
        notes=(),
    )
    return Evaluation(**{**vars(bare), "notes": tuple(_notes(bare))})


def _drawn(scoring: Scoring) -> str:
    if scoring.by_video:
        return "whole recordings"
    return f"blocks of {scoring.block_exposures} exposures ({scoring.block_exposures * scoring.exposure_ms / 1000:g} s)"


def _notes(found: Evaluation) -> Iterator[str]:
    """What a reader must know."""
    yield from _about_labels(found)
    if len(found.recordings) < LEAST_UNITS:
        yield (
            f"Intervals are over {found.drawn} of {len(found.recordings)} recording(s): they are those of this "
            "measurement, not of other animals."
        )
    for why in dict.fromkeys(variant.scores.macro_f1.why for variant in found.variants):
        if why is not None:
            yield f"No interval: {why}."
    yield from _about_unknown(found.variants)
    if found.settings.calibrate != "none":
        yield (
            "Calibration is chosen for what probabilities promise, not for F1; isotonic curves bring in how frequent "
            "labels are, so that a rare one is said less often."
        )


def _about_labels(found: Evaluation) -> Iterator[str]:
    for recording in found.recordings:
        scored = np.count_nonzero(recording.label_of >= 0)
        embedded = np.count_nonzero(recording.labels_at(recording.frame_index) >= 0)
        if scored > embedded:
            yield (
                f"{recording.name}: {scored - embedded} of {scored} labelled exposures have no live frame "
                "(edges, gaps) and are left out."
            )
        unscored = np.count_nonzero(recording.label_of < 0)
        if unscored:
            yield f"{recording.name}: {unscored} exposures that nobody scored are neither taught nor scored."
        if found.settings.inputs.pad_edges:
            yield _about_edges(recording)


def _about_edges(recording: Labelled) -> str:
    if recording.kind == "video":
        return (
            f"{recording.name}: the first and last {recording.interval} exposures are padded as in the paper; "
            "a session says nothing about them."
        )
    return f"{recording.name}: edges cannot be padded without the video, so its first and last exposures are left out."


def _about_unknown(variants: tuple[Variant, ...]) -> Iterator[str]:
    """One sentence per classifier, with the most that any of its variants left unsaid."""
    for classifier in dict.fromkeys(variant.classifier for variant in variants):
        scores = max((each.scores for each in variants if each.classifier == classifier), key=lambda each: each.unknown)
        if scores.unknown:
            yield (
                f"{classifier}: nothing was said about {scores.unknown} of {scores.exposures} exposures (a window that "
                "is not full yet, at the start or after a break); they count as missed."
            )
