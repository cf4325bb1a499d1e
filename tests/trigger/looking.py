"""Streams of one arena for conditions to look at: 25 exposures per second."""

from dataclasses import dataclass

from hypothesis import strategies as st

from selfee_rt.decide import Seen
from selfee_rt.observe.bouts import BoutTracker
from selfee_rt.types import Bout, Exposure, Observation
from tests.trigger.trees import DETECTORS, LABELS, TEMPLATES

STEP_NS = 40_000_000
LONGEST_STEP_NS = 2 * STEP_NS


@dataclass(frozen=True)
class Moment:
    """One exposure, as it is pushed."""

    seen: Seen
    media_ns: int
    blanked: bool


def exposure(index, media_ns):
    """An exposure at whose time the one after it has arrived."""
    ns = media_ns - STEP_NS
    return Exposure(index, ns, ns, ns, index + 1, media_ns, media_ns, media_ns)


def seen(
    index=0,
    media_ns=None,
    *,
    label=None,
    probabilities=None,
    scores=None,
    alarm=None,
    thresholds=None,
    ended=(),
    current=None,
    brightness=None,
):
    """What rules see of exposure `index`; its newest exposure is the next one."""
    observation = Observation(
        arena="left",
        exposure=exposure(index, (index + 1) * STEP_NS if media_ns is None else media_ns),
        label_index=index,
        label=label,
        probabilities=probabilities,
        scores=scores or {},
        alarm=alarm,
        stimulus="off",
        revision=0,
        composed_ns=0,
        embedded_ns=0,
        observed_ns=0,
        decided_ns=0,
    )
    return Seen(observation, tuple(ended), current, thresholds or {}, brightness)


def bout(label, start, stop, source="predicted"):
    """From one exposure to another, both inclusive."""
    return Bout("left", label, start, stop, start * STEP_NS, stop * STEP_NS, source)


def labelled(labels, first=0):
    """Moments at these labels, with the bouts that they make."""
    tracker = BoutTracker("left", min_exposures=1)
    for index, label in enumerate(labels, first):
        ended = tracker.push(label, index, index * STEP_NS)
        now = seen(index, label=label, ended=[] if ended is None else [ended], current=tracker.current)
        yield Moment(now, (index + 1) * STEP_NS, False)


def probable(values):
    """Moments at these probabilities of the first label; None: not known."""
    for index, value in enumerate(values):
        known = None if value is None else (value, 1 - value)
        yield Moment(seen(index, probabilities=known), (index + 1) * STEP_NS, False)


_LEVEL = st.none() | st.sampled_from([0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 1.0])

_STEP = st.fixed_dictionaries(
    {
        "step": st.sampled_from([1, 1, 1, 1, 1, 2, 3, 12]),
        "late_ns": st.sampled_from([0, 0, 0, 0, 0, 0, -1, -STEP_NS, 30 * STEP_NS, -3 * STEP_NS]),
        "blanked": st.sampled_from([False, False, False, False, True]),
        "label": st.sampled_from([None, *LABELS, *LABELS]),
        "levels": st.tuples(*[_LEVEL] * 6),
        "alarm": st.sampled_from([None, True, False]),
        "match": st.none() | st.tuples(st.sampled_from(TEMPLATES), st.integers(0, 8)),
    }
)


@st.composite
def streams(draw):
    """With gaps, jumps of the clock, unknowns, stimuli, and the bouts that the labels make."""
    tracker = BoutTracker("left", min_exposures=draw(st.integers(1, 3)))
    index, late_ns, moments = -1, 0, []
    for each in draw(st.lists(_STEP, min_size=1, max_size=30)):
        index, late_ns = index + each["step"], late_ns + each["late_ns"]
        at = (index + 1) * STEP_NS + late_ns
        moments.append(Moment(_drawn(each, tracker, index, at), at, each["blanked"]))
    return moments


def _drawn(each, tracker, index, media_ns):
    ended = [tracker.push(each["label"], index, media_ns - STEP_NS)]
    if each["match"] is not None:
        template, length = each["match"]
        ended.append(bout(f"template:{template}", max(index - length, 0), index, "template"))
    first, *levels = each["levels"]
    return seen(
        index,
        media_ns,
        label=each["label"],
        probabilities=None if first is None else (first, 1 - first, 0.0),
        scores=dict(zip(DETECTORS, levels[:2], strict=True)),
        thresholds=dict(zip(DETECTORS, levels[2:4], strict=True)),
        alarm=each["alarm"],
        ended=[bout for bout in ended if bout is not None],
        current=tracker.current,
        brightness=None if levels[4] is None else 255 * levels[4],
    )
