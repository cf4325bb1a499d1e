"""The tables of an evaluation: headings and cells as text, for the terminal and for the report alike."""

from dataclasses import dataclass

from selfee_rt.workbench.evaluate.bouts import Onset
from selfee_rt.workbench.evaluate.results import Evaluation, Variant

WINDOWS = {"newest": "newest", "current": "current", "centred": "centred (offline)"}
STATES = {"off": "without stimulus", "on": "with stimulus", "after": "after a stimulus"}


@dataclass(frozen=True, slots=True)
class Table:
    """One table."""

    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def overview(found: Evaluation) -> Table:
    """One row per variant."""
    return Table(
        "Classifiers and smoothings",
        f"In brackets: 95 % interval over {found.drawn}. A bout counts as found if a bout of its label shares at least "
        f"{found.settings.bout_overlap:.0%} of the exposures that either covers. Onset: how much later than the true "
        "ones the found bouts begin (median; quartiles), the lookahead not included. Label of: which exposure of a "
        "live frame is labelled, the newest or the current (middle) one; centred windows need the future, so they "
        "cannot run live.",
        ("classifier", "smoothing", "label of", "lookahead", "macro F1", "mAP", "bout F1", "onset error (ms)"),
        tuple(_overview_row(found, each) for each in found.variants),
    )


def _overview_row(found: Evaluation, variant: Variant) -> tuple[str, ...]:
    scores = variant.scores
    return (
        variant.classifier,
        variant.smoothing,
        WINDOWS[variant.window],
        f"{variant.lookahead_exposures} ({variant.lookahead_exposures * found.exposure_ms:.0f} ms)",
        str(scores.macro_f1),
        str(scores.mean_average_precision),
        str(scores.bout_f1),
        onset_text(scores.onset),
    )


def per_label(found: Evaluation) -> Table:
    """One row per live variant and label."""
    rows = []
    for variant in found.variants:
        if variant.window == "current":
            for name, each in variant.scores.per_label.items():
                numbers = (str(each.f1), str(each.average_precision), str(each.bout_f1), onset_text(each.onset))
                counts = (f"{each.exposures:,}", str(each.bouts))
                rows.append((f"{variant.classifier}, {variant.smoothing}", name, *counts, *numbers))
    return Table(
        "Each label",
        f"For the current exposure (lookahead {found.interval}, and an HMM's lag). Exposures and bouts: as scored.",
        ("variant", "label", "exposures", "bouts", "F1", "average precision", "bout F1", "onset error (ms)"),
        tuple(rows),
    )


def stimulus(found: Evaluation) -> Table:
    """Macro F1 with and without stimulus apart."""
    states = [state for state in STATES if any(state in each.scores.by_stimulus for each in found.variants)]
    rows = []
    for variant in found.variants:
        known = variant.scores.by_stimulus
        cells = [f"{known[state][1]:.2f} ({known[state][0]:,})" if state in known else "-" for state in states]
        rows.append((variant.classifier, variant.smoothing, WINDOWS[variant.window], *cells))
    session = any(each.stimulus is not None for each in found.recordings)
    return Table(
        "With and without stimulus",
        "Macro F1 over the labels that occur then (exposures). "
        + ("As the sessions' logs say." if session else "Videos and stored embeddings: all without stimulus."),
        ("classifier", "smoothing", "label of", *(STATES[state] for state in states)),
        tuple(rows),
    )


def probabilities(found: Evaluation) -> Table:
    """How good the probabilities are."""
    rows = []
    for each in found.chances:
        for name, of in (("as they are", each.raw), (", ".join(dict.fromkeys(each.methods)), each.calibrated)):
            if of is not None:
                numbers = (of.calibration_error, of.negative_log_likelihood, of.brier)
                rows.append((each.classifier, name, *(f"{number:.3f}" for number in numbers)))
    return Table(
        "Probabilities",
        "Before smoothing, for the current exposure, held out. Lower is better in every column.",
        ("classifier", "calibration", "calibration error", "negative log likelihood", "Brier score"),
        tuple(rows),
    )


def recordings(found: Evaluation) -> Table:
    """What was evaluated."""
    rows = tuple(
        (
            each.name,
            each.kind,
            f"{each.exposures:,}",
            f"{each.fps:g}",
            each.identity or "-",
            each.labels_name,
            each.labels_sha256,
        )
        for each in found.recordings
    )
    columns = ("recording", "kind", "exposures", "frames/s", "sha256 or session", "labels", "sha256 of labels")
    return Table("Recordings", "", columns, rows)


def onset_text(onset: Onset | None) -> str:
    """Median and quartiles."""
    if onset is None:
        return "-"
    return f"{onset.median_ms:+.0f} ({onset.quartile_1_ms:+.0f}; {onset.quartile_3_ms:+.0f}; n={onset.bouts})"
