"""What is observed, as Lab Streaming Layer streams."""

from collections.abc import Sequence
from typing import Any

import pylsl

from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.errors import PublishError
from selfee_rt.types import Exposure, Observation

UNKNOWN = float("nan")


class LslScores:
    """One outlet per arena, a float32 sample per observation: the labels' probabilities, then the detectors' scores.

    A channel is called `probability:<label>` or `score:<detector>` in the stream's description; NaN is not known yet.
    Samples carry the time at which the exposure that the label describes was captured, on the layer's clock. Whether
    anybody listens makes no difference. Used by one thread.
    """

    def __init__(self, session_id: str, arenas: Sequence[str], labels: Sequence[str], detectors: Sequence[str]) -> None:
        """Create the outlets at once.

        Raises:
            PublishError: liblsl cannot create one, or there would be nothing in it.
        """
        if not (labels or detectors):
            raise PublishError(
                "publish.lsl: there are neither labels nor detectors to stream; configure [observe], or leave it out"
            )
        self._labels, self._detectors = tuple(labels), tuple(detectors)
        self._layer_ahead_s = _layer_ahead_s()
        try:
            self._outlets = {arena: self._outlet(session_id, arena) for arena in arenas}
        except RuntimeError as error:
            raise PublishError(f"publish.lsl: cannot create an outlet: {error}; check the network") from error

    def _outlet(self, session_id: str, arena: str) -> pylsl.StreamOutlet:
        names = [f"probability:{label}" for label in self._labels] + [f"score:{name}" for name in self._detectors]
        info = pylsl.StreamInfo(
            f"selfee_rt {arena}",
            "Behaviour",
            len(names),
            pylsl.IRREGULAR_RATE,
            pylsl.cf_float32,
            f"{session_id}:{arena}",
        )
        description = info.desc()
        description.append_child_value("manufacturer", "selfee_rt")
        description.append_child_value("session_id", session_id)
        channels = description.append_child("channels")
        for name in names:
            channels.append_child("channel").append_child_value("label", name)
        return pylsl.StreamOutlet(info)

    def write(self, item: Any) -> None:
        """Send an Observation; everything else is left to other sinks."""
        if isinstance(item, Observation):
            at_s = _captured_ns(item) / NS_PER_S + self._layer_ahead_s
            self._outlets[item.arena].push_sample(self._sample(item), at_s)

    def _sample(self, item: Observation) -> list[float]:
        probabilities = item.probabilities or (UNKNOWN,) * len(self._labels)
        scores = (item.scores.get(name) for name in self._detectors)
        return [*probabilities, *(UNKNOWN if score is None else score for score in scores)]

    def close(self) -> None:
        """End the streams. Allowed twice."""
        self._outlets = {}  # pylsl destroys an outlet when nothing refers to it any more; it has no other way


def _captured_ns(item: Observation) -> int:
    exposure: Exposure = item.exposure
    return exposure.captured_ns if item.label_index == exposure.index else exposure.newest_captured_ns


def _layer_ahead_s() -> float:
    """What `pylsl.local_clock` shows when the host clock shows 0; both tick alike. The quickest look of ten."""
    looks = [(now_ns(), pylsl.local_clock(), now_ns()) for _ in range(10)]
    before_ns, layer_s, after_ns = min(looks, key=lambda look: look[2] - look[0])
    seconds: float = layer_s - (before_ns + after_ns) / 2 / NS_PER_S
    return seconds
