"""The empty arena of a draft: whether the chosen model subtracts one, and what the TOML file says of it."""

from pathlib import Path
from typing import Any

from selfee_rt import build
from selfee_rt.embed.model import shipped_model
from selfee_rt.errors import ModelError
from selfee_rt.setup.draft import Draft
from selfee_rt.setup.files import described_model

CONTRASTS = {"dark": "darker than its ground", "bright": "brighter than its ground"}
"""What an animal may be, and in words."""
SECONDS = "10"
"""What is offered for the length of a beginning."""


def wants_background(draft: Draft) -> bool:
    """Whether the chosen model subtracts the empty arena; False where it cannot be read, which is said elsewhere."""
    chosen = draft.get("model.file")
    try:
        model = described_model(draft.folder / chosen if chosen else shipped_model())
    except ModelError:
        return False
    return build.wants_background(model.card)


def of_file(path: Path | str, contrast: str) -> dict[str, Any]:
    """A picture that was made before."""
    return {"kind": "file", "file": str(path), "contrast": contrast}


def of_beginning(seconds: str, contrast: str) -> dict[str, Any]:
    """Made from a session's first seconds; what is no number is kept as it was written, to be refused.

    >>> of_beginning("5", "dark")
    {'kind': 'first_seconds', 'seconds': 5.0, 'contrast': 'dark'}
    """
    try:
        length: float | str = float(seconds)
    except ValueError:
        length = seconds
    return {"kind": "first_seconds", "seconds": length, "contrast": contrast}
