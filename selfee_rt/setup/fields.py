"""What is asked about experiment, animal and recording, in the terminal and in the window alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a section, and the words that ask for it."""

    key: str
    asks: str
    example: str = ""


EXPERIMENT = (
    Field("id", "Experiment", "2026-03-pilot"),
    Field("description", "Description", "courtship, first pilot"),
    Field("experimenter", "Experimenter"),
    Field("lab", "Laboratory"),
    Field("institution", "Institution"),
)

SUBJECT = (
    Field("id", "Animal", "fly-017"),
    Field("species", "Species", "Drosophila melanogaster"),
    Field("sex", "Sex: M, F, U (unknown) or O (other)"),
    Field("age", "Age, as P5D for 5 days, P12W for 12 weeks", "P5D"),
    Field("genotype", "Genotype", "w1118"),
)

VIDEO = {
    "h264": "H.264, as good as lossless to the eye",
    "ffv1": "FFV1, lossless; large files",
    "none": "no video; labels, scores and embeddings only",
}
"""How the picture is recorded; the first is what holds if nothing is said."""

SEXES = {"M": "male", "F": "female", "U": "unknown", "O": "other"}
"""As NWB writes them, and in words."""
