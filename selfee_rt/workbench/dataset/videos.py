"""Which videos are meant: files, folders, patterns, and lists of them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from selfee_rt.errors import ConfigError

SUFFIXES = frozenset([".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ts", ".webm", ".wmv"])
"""What counts as a video in a folder; a file that is named itself may have any."""
LIST_SUFFIX = ".txt"


def find_videos(given: Sequence[str | Path]) -> tuple[Path, ...]:
    """Find the videos that are meant, in the order given, those of a folder or pattern by name.

    Each of `given` is a video, a folder (its videos, not those of folders in it), a pattern with `*`, `?` or `[`
    (`**` for folders in folders), or a text file with one of these a line, relative to its folder; a line that begins
    with `#` is a comment.

    Raises:
        ConfigError: something does not exist, holds no video or is named twice; every such thing is named.
    """
    problems: list[str] = []
    found = [video for each in given for video in _meant(Path(each), problems)]
    seen: set[Path] = set()
    for video in found:
        if video.resolve() in seen:
            problems.append(f"{video} is named twice; name each video once")
        seen.add(video.resolve())
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def _meant(given: Path, problems: list[str]) -> Iterator[Path]:
    if given.is_dir():
        yield from _some(sorted(filter(_is_video, given.iterdir())), f"the folder {given}", problems)
    elif given.is_file() and given.suffix.lower() == LIST_SUFFIX:
        yield from _listed(given, problems)
    elif given.exists():
        yield given
    elif any(mark in str(given) for mark in "*?["):
        matching = Path(given.anchor).glob(str(given.relative_to(given.anchor)))
        yield from _some(sorted(filter(_is_video, matching)), f"the pattern {given}", problems)
    else:
        problems.append(f"{given} does not exist; expected a video, a folder, a pattern or a list of videos (.txt)")


def _is_video(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


def _some(videos: Sequence[Path], what: str, problems: list[str]) -> Sequence[Path]:
    if not videos:
        problems.append(f"{what} holds no video; expected files that end in {', '.join(sorted(SUFFIXES))}")
    return videos


def _listed(path: Path, problems: list[str]) -> Iterator[Path]:
    """Videos that the lines of a text file mean."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} cannot be read as a list of videos ({error}); expected text, one video a line")
        return
    for number, line in enumerate(lines, start=1):
        entry = line.strip()
        if entry.startswith("#"):
            continue
        if entry.lower().endswith(LIST_SUFFIX):
            problems.append(f"{path}, line {number}: a list within a list, {entry}; name its videos here")
        elif entry:
            yield from _meant(path.parent / entry, problems)
