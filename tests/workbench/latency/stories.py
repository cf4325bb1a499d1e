"""Self-tests as they could have gone: a camera at 100 fps, a lookahead of two exposures, and hops of known length."""

from types import SimpleNamespace

from selfee_rt.types import Exposure, Observation
from selfee_rt.workbench.latency.told import Told
from tests.stimuli import delivery, trigger

MS = 1_000_000
FPS = 100.0
HOST_NS = 7_000 * MS
"""Host time of media time 0."""
COMPOSED_MS, EMBEDDED_MS, DECIDED_MS, SENT_MS, CONFIRMED_MS = 1.0, 5.0, 5.5, 5.75, 8.0
"""After the newest exposure."""


def observation(index: int) -> Observation:
    """Of exposure `index`, in time."""
    media, newest = index * 10 * MS, (index + 2) * 10 * MS
    seen = HOST_NS + newest
    return Observation(
        arena="left",
        exposure=Exposure(index, media, HOST_NS + media, HOST_NS + media, index + 2, newest, seen, seen),
        label_index=index,
        label=None,
        probabilities=None,
        scores={},
        alarm=None,
        stimulus="off",
        revision=0,
        composed_ns=seen + round(COMPOSED_MS * MS),
        embedded_ns=seen + round(EMBEDDED_MS * MS),
        observed_ns=seen + round(EMBEDDED_MS * MS),
        decided_ns=seen + round(EMBEDDED_MS * MS),
    )


class Story:
    """Decisions and deliveries, added one by one."""

    def __init__(self, last_index: int | None = None) -> None:
        self.triggers, self.deliveries, self.observations = [], {}, {}
        if last_index is not None:
            self.observed(last_index)

    def observed(self, index: int) -> None:
        """An observation of exposure `index`."""
        self.observations[index] = observation(index)

    def decided(self, index: int, rule: str = "seen", verdict: str = "fired", origin: str = "when") -> int:
        """A decision about exposure `index`; its id."""
        number = len(self.triggers) + 1
        seen = HOST_NS + (index + 2) * 10 * MS
        self.observed(index)
        self.triggers.append(
            trigger(
                number,
                rule=rule,
                frame_index=index,
                newest_index=index + 2,
                newest_captured_ns=seen,
                decided_ns=seen + round(DECIDED_MS * MS),
                verdict=verdict,
                origin=origin,
                trial=number if verdict == "fired" else None,
            )
        )
        return number

    def answered(
        self, index, rule="seen", slower_ms: float = 0.0, device_us: int | None = None, origin: str = "when", **changes
    ) -> None:
        """A trial about exposure `index`, and its delivery."""
        number = self.decided(index, rule, origin=origin)
        seen = HOST_NS + (index + 2) * 10 * MS
        times = {
            "sent_ns": seen + round(SENT_MS * MS),
            "acknowledged_ns": seen + round((CONFIRMED_MS + slower_ms) * MS),
            "device_us": device_us,
        }
        self.deliveries[number] = delivery(number, **(times | changes))

    def told(self, **losses: int) -> Told:
        """What the log says."""
        return Told(
            record=SimpleNamespace(source=SimpleNamespace(fps=FPS)),
            observations=self.observations,
            triggers=tuple(self.triggers),
            deliveries=self.deliveries,
            n_exposures=1000,
            losses=losses,
        )
