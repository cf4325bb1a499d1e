"""Query by example offline: cut a template from a recording, and find its likes in others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.clock import NS_PER_S
from selfee_rt.config import ArenaConfig, ModelConfig
from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.spring import Match
from selfee_rt.observe.template import Origin, Template, TemplateSearch
from selfee_rt.workbench.embedding import Progress
from selfee_rt.workbench.fit import PROJECTED_DIM, principal_axes
from selfee_rt.workbench.passages import Passage, Passages, open_passages

SHORTEST_CONTROL = 10
"""A control must be this many times as long as the template: otherwise its lowest cost says next to nothing."""

ROUNDING = 1e-6
"""A cost below this is that of the example itself."""


@dataclass(frozen=True, slots=True)
class TemplateSettings:
    """What a template is cut from, and how."""

    recording: Path
    span: tuple[int, int]
    """First and last exposure, inclusive, as labels and bouts count them."""
    name: str
    out: Path
    controls: tuple[Path, ...] = ()
    """Recordings without the behaviour; the threshold is the lowest cost in any of them."""
    threshold: float | None = None
    """Instead of controls."""
    reference: Path | None = None
    """Whose projection to use: that of the sessions in which it will be searched. None: the recording's own axes."""
    in_arena: str | None = None
    """Which arena of a session; None: its only one."""
    model: ModelConfig = field(default_factory=ModelConfig)
    arena: ArenaConfig = field(default_factory=lambda: ArenaConfig(name="arena"))
    """Of videos."""


@dataclass(frozen=True, slots=True)
class Found:
    """One match, and where it is."""

    recording: Path
    arena: str
    match: Match
    begin_ns: int
    """Media time of the recording's first exposure."""

    @property
    def start_s(self) -> float:
        """Seconds from the recording's first exposure to the match's first."""
        return (self.match.start_media_ns - self.begin_ns) / NS_PER_S

    @property
    def stop_s(self) -> float:
        """Seconds from the recording's first exposure to the match's last."""
        return (self.match.stop_media_ns - self.begin_ns) / NS_PER_S


def cut_template(settings: TemplateSettings, *, progress: Callable[[str], Progress]) -> Template:
    """Cut a template out of a recording, take its threshold from controls, and write it.

    Raises:
        ConfigError: the span or a control does not do, or a setting is wrong.
        TemplateFileError, ReferenceFileError, FolderError, SourceError, ModelError: a file cannot be used or written.
    """
    _check(settings)
    with open_passages(settings.recording, settings.model, settings.arena, progress) as arenas:
        bare = _cut(settings, _choose(arenas, settings.in_arena))
    template = bare
    if settings.threshold is not None:
        template = replace(bare, threshold=settings.threshold, how="given by the person who made the template")
    elif settings.controls:
        lowest = min(_lowest_cost(bare, path, settings, progress) for path in settings.controls)
        names = ", ".join(path.name for path in settings.controls)
        how = f"lowest cost in {len(settings.controls)} control recordings: {names}"
        template = replace(bare, threshold=lowest, how=how)
    template.save(settings.out)
    return template


def find(
    template: Template,
    recordings: Sequence[Path],
    threshold: float | None,
    *,
    model: ModelConfig,
    arena: ArenaConfig,
    progress: Callable[[str], Progress],
) -> Iterator[Found]:
    """Every match in every arena of every recording, by the same search as in a live session.

    Raises:
        TemplateFileError: there is no threshold, or the template was made with another model.
        FolderError, SourceError, ModelError, ConfigError: a recording cannot be used.
    """
    for path in recordings:
        with open_passages(path, model, arena, progress) as arenas:
            for passages in arenas:
                template.check_model(passages.model_id)
                for match in search(template, threshold, passages):
                    yield Found(path, passages.arena, match, passages.begin_ns)


def search(template: Template, threshold: float | None, passages: Passages) -> Iterator[Match]:
    """Every match in one arena of one recording."""
    searching = TemplateSearch(template, passages.arena, threshold)
    for passage in _followed(searching, passages):
        point = template.project(passage.vector)
        match = searching.match(point, passage.label_index, passage.media_ns)
        if match is not None:
            yield match
    last = searching.finish_match()
    if last is not None:
        yield last


def _followed(searching: TemplateSearch, passages: Passages) -> Iterator[Passage]:
    """Every passage; the search begins anew where a session's would (see `decide.Decider`)."""
    longest_bridged_jump = 4 * passages.frame_interval
    last: int | None = None
    for passage in passages.each:
        if last is not None and passage.exposure_index - last > longest_bridged_jump:
            searching.reset(f"exposures {last + 1} to {passage.exposure_index - 1} are missing")
        last = passage.exposure_index
        yield passage


def _cut(settings: TemplateSettings, passages: Passages) -> Template:
    everything = list(passages.each)
    embedding = np.stack([passage.vector for passage in _spanned(settings, everything)]).astype(np.float16)
    mean, projection = _projection(settings.reference, passages.model_id, everything)
    first, last = settings.span
    return Template(
        name=settings.name,
        model_id=passages.model_id,
        embedding=embedding,
        mean=mean,
        projection=projection,
        threshold=None,
        how="none was asked for",
        origin=Origin(passages.recording.name, passages.sha256, passages.arena, first, last, passages.fps),
    )


def _spanned(settings: TemplateSettings, everything: Sequence[Passage]) -> list[Passage]:
    """The passages of the span; raises ConfigError if any of its exposures was not observed."""
    first, last = settings.span
    spanned = [passage for passage in everything if first <= passage.label_index <= last]
    indices = [first - 1, *(passage.label_index for passage in spanned), last + 1]
    missing = [f"{before + 1} to {after - 1}" for before, after in pairwise(indices) if after - before > 1]
    if missing:
        seen = f"{everything[0].label_index} to {everything[-1].label_index}" if everything else "none"
        raise ConfigError(
            [
                f"--span {first}:{last}: {settings.recording} has no embedding of the exposures {', '.join(missing)}; "
                f"expected a span without losses within {seen}"
            ]
        )
    return spanned


def _projection(
    path: Path | None, model_id: str, everything: Sequence[Passage]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean (D,) and projection (D, d): those of the reference, or of the recording itself."""
    if path is not None:
        reference = Reference.load(path)
        reference.check_model(model_id)
        return reference.mean, reference.projection
    embedding = np.stack([passage.vector for passage in everything]).astype(np.float16)
    rows, dim = embedding.shape
    return principal_axes(embedding, min(PROJECTED_DIM, dim, rows - 1))


def _choose(arenas: tuple[Passages, ...], name: str | None) -> Passages:
    chosen = [each for each in arenas if name in (None, each.arena)]
    if len(chosen) != 1:
        names = ", ".join(each.arena for each in arenas)
        got = "no --arena" if name is None else f"--arena {name}"
        raise ConfigError([f"{arenas[0].recording}: got {got}, expected one of: {names}; a template has one arena"])
    return chosen[0]


def _lowest_cost(
    template: Template, path: Path, settings: TemplateSettings, progress: Callable[[str], Progress]
) -> float:
    """The lowest cost of any stretch of a control, in any arena."""
    lowest = np.inf
    with open_passages(path, settings.model, settings.arena, progress) as arenas:
        for passages in arenas:
            template.check_model(passages.model_id)
            costs = list(_costs(template, passages))
            _check_control(template, path, costs)
            lowest = min(lowest, *costs)
    return float(lowest)


def _costs(template: Template, passages: Passages) -> Iterator[float]:
    """At each exposure the lowest cost of a stretch that ends there."""
    searching = TemplateSearch(template, passages.arena, 0.0)
    for passage in _followed(searching, passages):
        searching.push(template.project(passage.vector), passage.label_index, passage.media_ns)
        yield searching.cost


def _check_control(template: Template, path: Path, costs: Sequence[float]) -> None:
    needed = SHORTEST_CONTROL * len(template.points)
    if len(costs) < needed:
        raise ConfigError(
            [
                f"--control {path} is too short: got {len(costs)} embeddings, expected at least {needed}, "
                f"{SHORTEST_CONTROL} times the template; use a longer one, or give --threshold"
            ]
        )
    if min(costs) < ROUNDING:
        raise ConfigError(
            [
                f"--control {path} holds the template itself (a stretch costs {min(costs):g}); expected a recording "
                "without the behaviour"
            ]
        )


def _check(settings: TemplateSettings) -> None:
    first, last = settings.span
    problems = []
    if not 0 <= first < last:
        problems.append(f"--span {first}:{last}: expected A:B with 0 <= A < B; a template needs two exposures or more")
    if settings.out.exists():
        problems.append(f"--out {settings.out} exists; nothing is ever overwritten, choose another file")
    if not settings.out.parent.is_dir():
        problems.append(f"--out {settings.out}: there is no folder {settings.out.parent}; make it first")
    if settings.threshold is not None and settings.controls:
        problems.append("--threshold and --control: got both, expected one; either says the threshold")
    problems += [
        f"there is nothing at {path}; give a video or a session folder"
        for path in (settings.recording, *settings.controls)
        if not path.exists()
    ]
    if problems:
        raise ConfigError(problems)
