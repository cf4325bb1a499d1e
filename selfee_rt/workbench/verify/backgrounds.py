"""The pictures that were subtracted are there, so that the same live frames can be composed again."""

from collections.abc import Iterator

from selfee_rt.compose.background_file import read_background
from selfee_rt.errors import ConfigError
from selfee_rt.folder import SessionFolder
from selfee_rt.folder.schema import BACKGROUND_FILE
from selfee_rt.workbench.verify.report import Check


def check_backgrounds(folder: SessionFolder) -> Iterator[Check]:
    """Each arena with a background in which anything was observed has its picture in the folder."""
    for arena in folder.record.config.get("arena", ()):
        if arena.get("background") is not None:
            yield _background(folder, arena["name"])


def _background(folder: SessionFolder, arena: str) -> Check:
    name, path = f"background, arena {arena}", folder.path / BACKGROUND_FILE.format(arena=arena)
    if not path.exists():
        unused = not len(folder.integers("observations", "frame_index", arena=arena))
        return Check(name, unused, f"{path.name} is missing; {'nothing was observed' if unused else 'it was used'}")
    try:
        height, width = read_background(path).shape
    except ConfigError as error:
        return Check(name, False, str(error))
    return Check(name, True, f"{path.name}, {width}x{height} px")
