"""Questions about the empty arena, for a model that subtracts it."""

from selfee_rt.setup.asking import choose, heading, refuse, text
from selfee_rt.setup.backgrounds import CONTRASTS, SECONDS, of_beginning, of_file
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.sources import absolute

WAYS = (
    "a picture, made before by `selfee-rt background VIDEO`",
    "made from the first seconds of the session, which are not observed",
)


def ask_background(draft: Draft) -> None:
    """Ask where the picture is from and what the animal is like, until what was said can be used."""
    heading("What does the empty arena look like? This model subtracts it.")
    while True:
        way = choose("Background", WAYS)
        said = text("First seconds", SECONDS) if way else text("File")
        contrast = list(CONTRASTS)[choose("The animal is", list(CONTRASTS.values()), default=None)]
        draft.arenas.background = of_beginning(said, contrast) if way else of_file(absolute(said), contrast)
        problems = [problem for problem in draft.problems() if "background" in problem]
        if not problems:
            return
        for problem in problems:
            refuse(problem)
