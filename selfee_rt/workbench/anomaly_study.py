"""One anomaly evaluation from files to report: embed, score, compare, write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfee_rt.config import ArenaConfig, DetectorConfig, ModelConfig, SelfeeAnomalyConfig, VideoFileConfig
from selfee_rt.errors import ConfigError, LabelsError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.anomaly_evaluation import Evaluated, Scored, evaluate_anomaly, score_all
from selfee_rt.workbench.anomaly_recordings import Watched, read_events, synthetic_config, watch_synthetic
from selfee_rt.workbench.anomaly_report import write_report
from selfee_rt.workbench.embedding import Progress, embed_whole
from selfee_rt.workbench.offline_anomaly import LONGEST_EXPOSURES, Departure, departure, offline_scores

OFFLINE = "paper, offline"
"""Name of the paper's score in the report; it looks into the future, so it is a yardstick and no detector."""


@dataclass(frozen=True, slots=True)
class AnomalyStudy:
    """What is evaluated on what."""

    videos: tuple[Path, ...]
    events: tuple[Path, ...]
    """One per video."""
    seeds: tuple[int, ...]
    """Of synthetic recordings."""
    seconds: float
    fps: float
    """Of each synthetic recording."""
    reference: Path
    detectors: tuple[DetectorConfig, ...]
    out: Path
    model: ModelConfig
    arena: ArenaConfig


def study(settings: AnomalyStudy, *, progress: Callable[[str], Progress]) -> tuple[list[Evaluated], tuple[Path, Path]]:
    """Evaluate and write the report; return the results and the files.

    Raises:
        ConfigError: settings do not fit together, or recordings are too short.
        LabelsError: an event file is malformed, or names exposures that its video does not have.
        SourceError, ModelError, ReferenceFileError, MissingExtra, FolderError: a file or library cannot be used.
    """
    _check(settings)
    reference = Reference.load(settings.reference)
    watched = [*_videos(settings, progress), *_synthetic(settings, progress)]
    reference.check_model(watched[0].recording.model_id)
    scored = score_all(reference, watched, settings.detectors)
    departures: list[Departure] = []
    selfee = next((each for each in settings.detectors if isinstance(each, SelfeeAnomalyConfig)), None)
    if selfee is not None and all(len(each.recording.embedding) <= LONGEST_EXPOSURES for each in watched):
        scores = tuple(offline_scores(reference, each.recording) for each in watched)
        scored.append(Scored(OFFLINE, None, scores))
        departures = [departure(reference, each.recording, selfee) for each in watched]
    results = [evaluate_anomaly(watched, each) for each in scored]
    return results, write_report(settings.out, watched, scored, results, departures)


def _videos(settings: AnomalyStudy, progress: Callable[[str], Progress]) -> Sequence[Watched]:
    watched = []
    for video, path in zip(settings.videos, settings.events, strict=True):
        events = read_events(path)
        source = VideoFileConfig(path=video, speed="max")
        recording = embed_whole(source, settings.model, settings.arena, progress=progress(video.name))
        beyond = [event for event in events if event.stop_index >= recording.exposures]
        if beyond:
            raise LabelsError(
                f"{path}: the event {beyond[0].what!r} ends with exposure {beyond[0].stop_index}, but the recording "
                f"with {recording.exposures - 1}; give the events of this recording"
            )
        watched.append(Watched(recording, events))
    return watched


def _synthetic(settings: AnomalyStudy, progress: Callable[[str], Progress]) -> Sequence[Watched]:
    return [
        watch_synthetic(
            synthetic_config(seed, settings.seconds, settings.fps), settings.model, progress=progress(f"seed {seed}")
        )
        for seed in settings.seeds
    ]


def _check(settings: AnomalyStudy) -> None:
    problems = []
    if not settings.videos and not settings.seeds:
        problems.append("there is nothing to evaluate; give a VIDEO with --events, or --synthetic SEED")
    if len(settings.events) != len(settings.videos):
        problems.append(
            f"got {len(settings.events)} event files for {len(settings.videos)} videos; give --events once per video"
        )
    problems += [
        f"{path} exists; nothing is ever overwritten, choose another --out"
        for path in (settings.out, settings.out.with_suffix(".csv"))
        if path.exists()
    ]
    if settings.out.suffix == ".csv":
        problems.append(f"--out {settings.out}: expected a report that ends in .html; the .csv comes beside it")
    if problems:
        raise ConfigError(problems)
