"""What is analysed: session folders, files that `selfee-rt embed` made, and videos, each recording with its group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.analyses.stored import from_hdf5, from_session
from selfee_rt.workbench.embedding import Embedded, Progress, embed_whole

HDF5 = (".h5", ".hdf5")

PART = "::"
"""Between a file or folder and the one recording or arena that is meant in it."""


@dataclass(frozen=True, slots=True)
class HowToEmbed:
    """The model and the arena for inputs that are videos."""

    model: ModelConfig = field(default_factory=ModelConfig)
    arena: ArenaConfig = field(default_factory=lambda: ArenaConfig(name="arena"))


@dataclass(frozen=True, eq=False)
class Inputs:
    """All recordings, those without a group first, then group by group."""

    recordings: tuple[Embedded, ...]
    """Names are unique."""
    groups: dict[str, list[int]]
    """Positions in `recordings` of each group, in the order in which groups were named."""

    def group_of(self, position: int) -> str:
        """The group of a recording; empty if it has none."""
        return next((name for name, members in self.groups.items() if position in members), "")


def read_inputs(
    plain: Sequence[str],
    groups: Sequence[tuple[str, Sequence[str]]],
    embed: HowToEmbed,
    *,
    progress: Callable[[str], Progress],
) -> Inputs:
    """Read or embed everything; `PATH::NAME` means one recording of a file, or one arena of a session.

    An input that is also in a group is read once.

    Raises:
        ConfigError: with every problem that shows before the work begins, or recordings that are given twice.
        FolderError, SourceError, ModelError: an input cannot be read.
        MissingExtra: h5py is needed and not installed.
    """
    _check(plain, groups)
    grouped = {spec for _, members in groups for spec in members}
    found = [("", each) for spec in plain if spec not in grouped for each in read(spec, embed, progress=progress)]
    for group, members in groups:
        found += [(group, each) for spec in members for each in read(spec, embed, progress=progress)]
    recordings = _named_apart([each for _, each in found])
    places: dict[str, list[int]] = {group: [] for group, _ in groups}
    for position, (group, _) in enumerate(found):
        if group:
            places[group].append(position)
    return Inputs(recordings, places)


def read(spec: str, embed: HowToEmbed, *, progress: Callable[[str], Progress]) -> list[Embedded]:
    """Every recording of one input; errors as `read_inputs`."""
    path, part = _parted(spec)
    if path.is_dir():
        return from_session(path, part)
    if path.suffix.lower() in HDF5:
        return from_hdf5(path, part)
    if part is not None:
        raise ConfigError([f"{spec}: a video holds one recording; leave {PART}{part} out"])
    source = VideoFileConfig(path=path, speed="max")
    return [replace(embed_whole(source, embed.model, embed.arena, progress=progress(path.name)), name=path.name)]


def _parted(spec: str) -> tuple[Path, str | None]:
    text, mark, part = spec.partition(PART)
    return Path(text), part if mark else None


def _check(plain: Sequence[str], groups: Sequence[tuple[str, Sequence[str]]]) -> None:
    specs = [*plain, *(spec for _, members in groups for spec in members)]
    problems = [f"there is no file or folder {_parted(spec)[0]}" for spec in specs if not _parted(spec)[0].exists()]
    problems += [f"{spec} is given twice" for spec in sorted({spec for spec in plain if plain.count(spec) > 1})]
    group_of: dict[str, str] = {}
    for group, members in groups:
        for spec in members:
            known = group_of.setdefault(spec, group)
            if known != group:
                problems.append(f"{spec} is in the groups {known!r} and {group!r}; a recording is in one group")
            elif list(members).count(spec) > 1:
                problems.append(f"{spec} is twice in the group {group!r}; give it once")
    if not specs:
        problems.append("nothing to analyse; give session folders, HDF5 files of `selfee-rt embed`, or videos")
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))


def _named_apart(recordings: Sequence[Embedded]) -> tuple[Embedded, ...]:
    """Refuse recordings that are there twice; number those that merely share a name.

    Raises:
        ConfigError: two have the same name and the same embeddings.
    """
    seen: dict[str, list[Embedded]] = {}
    named = []
    for each in recordings:
        alike = seen.setdefault(each.name, [])
        if any(same_recording(each, other) for other in alike):
            raise ConfigError([f"the recording {each.name} is there twice; give it once, in one group"])
        alike.append(each)
        named.append(each if len(alike) == 1 else replace(each, name=f"{each.name} ({len(alike)})"))
    return tuple(named)


def same_recording(first: Embedded, second: Embedded) -> bool:
    """Whether two hold the very same embeddings."""
    return first.embedding.shape == second.embedding.shape and bool((first.embedding == second.embedding).all())
