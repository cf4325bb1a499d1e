"""What every analysis says of its inputs and of the comparisons it made."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from selfee_rt import __version__
from selfee_rt.workbench.analyses.compare import Difference, least_p
from selfee_rt.workbench.analyses.inputs import Inputs

COMPARISON_COLUMNS = ("group_a", "group_b", "n_a", "n_b", "u", "p", "q")


def comparison_rows(compared: Sequence[Difference], names: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows of a table: the quantity by its name, then `COMPARISON_COLUMNS`."""
    for each in compared:
        yield names[each.quantity], *each.groups, *each.counts, each.u, each.p, each.q


def described(inputs: Inputs) -> dict[str, Any]:
    """The recordings and the model that embedded them."""
    return {
        "selfee_rt": __version__,
        "model_id": inputs.recordings[0].model_id,
        "recordings": [
            {
                "name": each.name,
                "group": inputs.group_of(position) or None,
                "sha256": each.sha256,
                "fps": each.fps,
                "exposures": each.exposures,
                "embeddings": len(each.frame_index),
            }
            for position, each in enumerate(inputs.recordings)
        ],
    }


def power(inputs: Inputs) -> dict[str, Any]:
    """The least p that each two groups can give, however different they are."""
    sizes = {name: len(members) for name, members in inputs.groups.items()}
    pairs = {f"{a} / {b}": least_p(sizes[a], sizes[b]) for a, b in combinations(sizes, 2)}
    return {"least_possible_p": pairs} if pairs else {}


def warnings(inputs: Inputs, alpha: float = 0.05) -> list[str]:
    """Sentences about groups that are too small for any difference to show."""
    return [
        f"{pair}: with so few recordings no p below {least:.2g} is possible, however different they are"
        for pair, least in power(inputs).get("least_possible_p", {}).items()
        if least > alpha
    ]
