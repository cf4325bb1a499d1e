"""Questions about model and reference."""

from selfee_rt.setup.ask_background import ask_background
from selfee_rt.setup.asking import about, choose, confirm, heading, refuse, text
from selfee_rt.setup.backgrounds import wants_background
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.finding import Found
from selfee_rt.setup.sources import absolute

SHIPPED = "the model that ships with selfee-rt"
ANOTHER = "another file"
NO_MORE = "none: no labels, no anomaly score"
SHIPPED_REFERENCE = "the one that ships, for the synthetic arena"


def ask_network(draft: Draft, found: Found) -> None:
    """Choose the model, then a reference that was made with it."""
    heading("Which model looks at the pictures?")
    models = [str(model.path) for model in found.models]
    titles = [f"{model.path.name}  ({model.title})" for model in found.models]
    _ask_file(draft, "model.file", "Model", [SHIPPED, *titles], ["", *models])
    _ask_interval(draft)
    heading("What does it compare with? A reference is made by `selfee-rt fit` from labelled recordings.")
    references = [str(reference.path) for reference in found.references]
    labels = [f"{each.path.name}  ({', '.join(each.labels) or 'no labels'})" for each in found.references]
    _ask_file(draft, "observe.reference", "Reference", [nothing_said(draft), *labels], ["", *references])
    if wants_background(draft):
        ask_background(draft)
        return
    invert = "Invert the grey values? (for dark animals and a model trained on bright ones, or the other way round)"
    draft.arenas.inverted = confirm(invert, default=False)


def nothing_said(draft: Draft) -> str:
    """What it means to name no reference."""
    shipped = draft.source.get("kind") == "synthetic" and draft.get("model.file") is None
    return SHIPPED_REFERENCE if shipped else NO_MORE


def _ask_file(draft: Draft, key: str, question: str, titles: list[str], paths: list[str]) -> None:
    """Choose one of the files that were found, or name another."""
    while True:
        place = choose(question, [*titles, ANOTHER])
        said = paths[place] if place < len(paths) else text("File")
        draft.put(key, str(absolute(said)) if said else None)
        problems = about(draft, key)
        if not problems:
            return
        draft.put(key, None)
        for problem in problems:
            refuse(problem)


def _ask_interval(draft: Draft) -> None:
    """Where the camera's frame rate does not suit the model, whether it is to be used all the same."""
    for problem in about(draft, "model"):
        refuse(problem)
        if confirm("Use it all the same? (model.allow_interval_mismatch)", default=False):
            draft.put("model.allow_interval_mismatch", True)
