"""Questions about the source and the arenas in its picture."""

import re
import shutil

import click

from selfee_rt.config import Region
from selfee_rt.errors import SelfeeRTError
from selfee_rt.setup.asking import about, choose, confirm, heading, refuse, text
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.finding import Camera
from selfee_rt.setup.regions import SMALLEST_PX, fits
from selfee_rt.setup.sources import NAMED, Named, look_at

GRID = re.compile(r"(\d{1,2})\s*x\s*(\d{1,2})")
RECTANGLE = re.compile(r"(\d+)[\s,]+(\d+)[\s,]+(\d+)[\s,]+(\d+)")
ARENAS = "Arenas (Enter: the whole picture; 2x3: equal parts, 2 rows of 3; or x,y,width,height of one)"


def ask_source(draft: Draft, cameras: tuple[Camera, ...]) -> None:
    """Choose a source that can be opened, or insist on one that cannot be opened now."""
    heading("Where do the pictures come from?")
    for camera in cameras:
        if not camera.source:
            click.secho(click.wrap_text(str(camera), shutil.get_terminal_size().columns, "      ", "      "), dim=True)
    usable = [camera for camera in cameras if camera.source]
    options = [*(str(camera) for camera in usable), *(named.title for named in NAMED)]
    while True:
        place = choose("Source", options, default=None)
        draft.source = usable[place].source if place < len(usable) else _named(draft, NAMED[place - len(usable)])
        if _opens(draft):
            return


def _named(draft: Draft, named: Named) -> dict[str, str]:
    """Ask for the one thing that a source of this kind must be told."""
    while True:
        said = text(named.asks)
        draft.source = named.source(said)
        problems = about(draft, f"source.{named.key}") if said else [f"{named.asks}: expected an answer"]
        if not problems:
            return draft.source
        for problem in problems:
            refuse(problem)


def _opens(draft: Draft) -> bool:
    """Open and close the source; where it does not open, whether it is kept all the same."""
    click.echo("  opening it …")
    try:
        info = draft.seen = look_at(draft.config().source)
    except SelfeeRTError as error:
        refuse(str(error))
        return confirm("Keep this source, although it does not open now?", default=False)
    click.echo(f"  {info.width_px} x {info.height_px} pixels at {info.fps:.4g} frames/s")
    return True


def ask_arenas(draft: Draft) -> None:
    """Cut the picture into arenas, and name them."""
    heading("Where in the picture are the animals?")
    click.echo("  (in its window, `selfee-rt setup` shows the picture and lets you drag rectangles)")
    while not _divided(draft, text(ARENAS)):
        pass
    if len(draft.arenas) > 1:
        for place in range(len(draft.arenas)):
            _describe(draft, place)


def _divided(draft: Draft, said: str) -> bool:
    """Follow an answer; False where it cannot be used, which is said."""
    grid = GRID.fullmatch(said)
    if not said or grid is not None:
        return grid is None or _split(draft, int(grid[1]), int(grid[2]))
    region = _region(draft, said)
    while region is not None:
        draft.arenas.add(region)
        more = text("The next one (Enter: there is none)")
        region = _region(draft, more) if more else None
    return draft.arenas.divided


def _split(draft: Draft, rows: int, columns: int) -> bool:
    if draft.picture_px is None:
        refuse("the source was not opened, so the size of its picture is not known; give x,y,width,height")
        return False
    if not rows * columns or not draft.arenas.split(rows, columns, draft.picture_px):
        refuse("expected at least one part, and none less than 8 pixels wide or high")
        return False
    return True


def _region(draft: Draft, said: str) -> Region | None:
    """The rectangle that was said; None, and why, where it is none."""
    numbers = RECTANGLE.fullmatch(said)
    if numbers is None:
        refuse(f"got {said!r}, expected Enter, rows x columns such as 2x3, or four numbers such as 0,0,320,480")
        return None
    x, y, width, height = map(int, numbers.groups())
    if min(width, height) < SMALLEST_PX:
        refuse(f"got {width} x {height} pixels, expected at least {SMALLEST_PX} x {SMALLEST_PX}")
        return None
    region = Region(x=x, y=y, width=width, height=height)
    if draft.picture_px is not None and not fits(region, draft.picture_px):
        refuse(f"it reaches out of the picture of {draft.picture_px[1]} x {draft.picture_px[0]} pixels")
        return None
    return region


def _describe(draft: Draft, place: int) -> None:
    """Ask for an arena's name and animal."""
    arena = draft.arenas[place]
    free = arena.name
    while True:
        arena.name = text(f"Name of arena {place + 1}", free)
        problems = about(draft, f"arena {place + 1}") + about(draft, "two arenas")
        if not problems:
            break
        for problem in problems:
            refuse(problem)
    arena.subject = text(f"Animal in {arena.name} (Enter: that of the session)")
