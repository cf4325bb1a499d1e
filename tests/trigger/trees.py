"""Random conditions, as the grammar can write them."""

from hypothesis import strategies as st

from selfee_rt.trigger.syntax import (
    Alarm,
    And,
    BoutEdge,
    BoutLength,
    Brightness,
    Condition,
    Held,
    LabelIs,
    Match,
    Not,
    Or,
    Probability,
    Score,
    momentary,
)
from selfee_rt.trigger.values import Comparison, Duration, Name, Threshold

LABELS = ("still", "winging", "wing extension")
DETECTORS = ("selfee", "Trees")
TEMPLATES = ("flick", "2nd")
SIGNS = (">", ">=", "<", "<=")

ANY_NAME = st.text(min_size=1, max_size=12).filter(lambda name: "\n" not in name and not {"'", '"'} <= set(name))


def named(names):
    """One of these names."""
    return st.sampled_from(names).map(Name)


def comparisons(numbers, lowest, highest):
    """Those that something in the range can satisfy."""
    drawn = st.builds(Comparison, st.sampled_from(SIGNS), numbers)
    return drawn.filter(lambda each: (each.sign, each.number) not in ((">", highest), ("<", lowest)))


@st.composite
def thresholds(draw, numbers, lowest=None, highest=None):
    """With an `until` that excludes the other comparison, or without."""
    on = draw(comparisons(numbers, lowest, highest))
    if draw(st.booleans()):
        return Threshold(on)
    until = draw(comparisons(numbers, lowest, highest))
    further = until.number <= on.number if on.upward else until.number >= on.number
    both = until.number == on.number and "=" in on.sign and "=" in until.sign
    return Threshold(on, until) if until.upward != on.upward and further and not both else Threshold(on)


DURATIONS = st.builds(Duration, st.integers(0, 90).map(float), st.sampled_from(["ms", "s", "min"]))


def atoms(labels, detectors, templates, durations, probabilities, scores, grey_values):
    return st.one_of(
        st.builds(Probability, labels, thresholds(probabilities, 0, 1)),
        st.builds(LabelIs, labels, st.booleans()),
        st.builds(BoutEdge, labels, st.sampled_from(["starts", "ends"])),
        st.builds(BoutLength, labels, st.sampled_from(["lasts", "ended after"]), st.sampled_from(SIGNS), durations),
        st.builds(Alarm, st.none() | detectors),
        st.builds(Score, detectors, thresholds(scores)),
        st.builds(Match, templates),
        st.builds(Brightness, thresholds(grey_values, 0, 255)),
    )


def joined(kind, parts):
    return st.lists(parts, min_size=2, max_size=3).map(lambda each: kind(tuple(each)))


def trees(leaves, durations):
    """Of any shape; what cannot last is not followed by `for`."""
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            parts.map(Not),
            joined(And, parts),
            joined(Or, parts),
            st.builds(Held, parts.filter(lambda part: not momentary(part)), durations),
        ),
        max_leaves=6,
    ).map(Condition)


ANY_TREE = trees(
    atoms(
        ANY_NAME.map(Name),
        ANY_NAME.map(Name),
        ANY_NAME.map(Name),
        DURATIONS,
        st.floats(0, 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.floats(0, 255),
    ),
    DURATIONS,
)

STEPS_LONG = st.builds(Duration, st.sampled_from([0.0, 40.0, 80.0, 120.0, 200.0]), st.just("ms"))
FEW = st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0])

WATCHABLE_TREE = trees(
    atoms(named(LABELS), named(DETECTORS), named(TEMPLATES), STEPS_LONG, FEW, FEW, FEW.map(lambda each: each * 255)),
    STEPS_LONG,
)
"""Of names that the streams of `looking` know, and of numbers and durations that matter there."""
