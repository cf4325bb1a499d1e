"""The plugs: what an implementation of each room must offer. Each has a contract suite in tests/contracts."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from selfee_rt.stimuli import Acknowledgement, DeviceEvent, DeviceInfo, DeviceLimits, Order
from selfee_rt.types import Bout, Drift, Examples, Frame, SourceInfo


class Source(Protocol):
    """Where frames come from. One thread owns it from `open` to `close`."""

    def open(self) -> SourceInfo:
        """Open the device or file. Exposures count, and a recording's time runs, from the first `read` on.

        Raises:
            SourceError: it cannot be opened; nothing is left open.
        """

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None if none came within `timeout_s`.

        Never blocks much longer than `timeout_s`. Indices rise strictly.

        Raises:
            EndOfStream: there are no more frames, and how the stream ended.
            SourceLost: the source went away for good.
        """

    def close(self) -> None:
        """Release everything; allowed at any time, and twice."""


class Embedder(Protocol):
    """Live frames in, embeddings out."""

    @property
    def model_id(self) -> str:
        """sha256 of the model file, hexadecimal."""

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed (N, 3, H, W) uint8 live frames to (N, D) float32.

        Raises:
            ModelError: the shape or dtype is not what the model takes.
        """

    def close(self) -> None:
        """Release the runtime; allowed twice."""


class Classifier(Protocol):
    """Says which label a projected embedding of one arena belongs to. One instance per arena."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""

    def probabilities(self, point: NDArray[np.float32]) -> NDArray[np.float64] | None:
        """Probability of each label for `point` (d,) float32: (C,), sum 1; None while warming up. Changes nothing."""

    def observe(self, point: NDArray[np.float32]) -> None:
        """Advance unsupervised state (windows over the recent past) by one exposure, after `probabilities`."""

    def reset(self, why: str) -> None:
        """Forget what a break in the stream has made untrue."""

    def taught(self, examples: Examples) -> "Classifier":
        """Return a classifier that was made as this one was and then taught `examples`; this one stays as it is.

        `examples` are all that were taught so far: the result depends on nothing else, and not on the recent past.
        """


class Detector(Protocol):
    """Says how strange a projected embedding of one arena is. One instance per arena."""

    @property
    def name(self) -> str:
        """Name under which the score is published."""

    @property
    def threshold(self) -> float | None:
        """Scores above it are an alarm; None where there is none."""

    def score(self, point: NDArray[np.float32]) -> float | None:
        """Anomaly score of `point` (d,) float32, higher is stranger; None while warming up. Changes nothing."""

    def observe(self, point: NDArray[np.float32]) -> None:
        """Advance unsupervised state (own past, running statistics) by one exposure, after `score`."""

    def reset(self, why: str) -> None:
        """Forget what a break in the stream has made untrue."""

    def fresh(self) -> "Detector":
        """Return an untaught copy with the same configuration."""


class TemplateMatcher(Protocol):
    """Finds one stretch of behaviour again. One instance per arena."""

    @property
    def name(self) -> str:
        """Its bouts carry the label `template:<name>`."""

    def push(self, point: NDArray[np.float32], index: int, media_ns: int) -> Bout | None:
        """Take the point (d,) of one exposure; return the match that is now certain, if any."""

    def reset(self, why: str) -> None:
        """Forget what a break in the stream has made untrue."""

    def finish(self) -> Bout | None:
        """Return the match that is pending at the end of the stream."""


class DriftWatch(Protocol):
    """Watches slow statistics of picture and embedding. One instance per arena."""

    def observe(self, stats: NDArray[np.float32] | None, vector: NDArray[np.float32], index: int) -> None:
        """Take one exposure: `stats` (S,) as `ImageStats` lays them out, its embedding (D,)."""

    def state(self) -> tuple[Drift, ...]:
        """What has drifted, as far as it is known now."""


class Sink(Protocol):
    """Takes values in order and keeps or sends them. One thread owns it from construction to `close`."""

    def write(self, item: Any) -> None:
        """Take one item.

        Raises:
            RecordingFailed: it could not be kept.
        """

    def close(self) -> None:
        """Finish what was begun; allowed twice."""


class Actuator(Protocol):
    """A stimulus device. One thread owns it from `open` to `close`; its output is off except while a train runs."""

    def open(self) -> DeviceInfo:
        """Open the device, find out that it is what it should be, and leave its output off and disarmed.

        Raises:
            DeviceError: it is absent, busy, or speaks another protocol; nothing is left open.
        """

    def arm(self, limits: DeviceLimits) -> None:
        """Allow `fire`, within `limits`. Allowed while armed: the train that runs ends, light is counted anew.

        The refractory time of the last train goes on.

        Raises:
            DeviceError: the device refuses these limits.
            DeviceLost: it does not answer.
        """

    def fire(self, order: Order) -> Acknowledgement:
        """Start the order's train, or if withheld do everything but make light; return when it is confirmed.

        Blocks no longer than the device's time-out for an answer (tens of milliseconds). A device that has a train
        running, is disarmed or over its limits refuses; that is an Acknowledgement, not an error.

        Raises:
            DeviceLost: it did not answer, or nonsense; whether there was light is unknown.
        """

    def release(self) -> None:
        """Switch the output off now and forget the train that runs; stay armed.

        Raises:
            DeviceLost: it does not answer.
        """

    def disarm(self) -> None:
        """Switch the output off now and refuse `fire` until `arm`; allowed at any time and twice.

        Raises:
            DeviceLost: it does not answer.
        """

    def keep_alive(self, lease_ms: int) -> tuple[DeviceEvent, ...]:
        """Let the device go on for `lease_ms` more, after which it switches off by itself; return what it reports.

        Called some forty times a second. A device that keeps nothing alive returns what it has to report, or nothing.

        Raises:
            DeviceLost: it does not answer.
        """

    def close(self) -> None:
        """Switch off as well as it goes, and release everything; raises nothing for a lost device. Allowed twice."""
