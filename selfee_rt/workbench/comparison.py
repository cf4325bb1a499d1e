"""How far a model file's embeddings are from those of the network that it was made from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ModelError
from selfee_rt.workbench.centred import centred_cosines
from selfee_rt.workbench.likeness import ALIKE, BATCH, Embed


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the exported file compares with its source on the same live frames."""

    live_frames: int
    centred_cosine_min: float
    """Of each pair of embeddings, both centred on the source's mean: backbone cosines hide damage."""
    centred_cosine_median: float
    max_difference: float
    """Largest absolute difference of any component."""
    largest_component: float
    """Largest absolute component of the source's embeddings, which `max_difference` is small beside."""
    on: str
    """What was compared on."""

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the card."""
        return {
            "compared": "onnxruntime (cpu, float32) with the torch network in float32",
            "on": self.on,
            "live_frames": self.live_frames,
            "centred_cosine_min": round(self.centred_cosine_min, 7),
            "centred_cosine_median": round(self.centred_cosine_median, 7),
            "max_difference": float(f"{self.max_difference:.3g}"),
            "largest_component": float(f"{self.largest_component:.3g}"),
        }


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a file may be from its network and still be written."""

    centred_cosine: float
    """Least, over every live frame compared."""
    relative_difference: float
    """Most, of any component, beside the largest component of all."""
    otherwise: str
    """What to do where it is further."""

    def check(self, agreement: Agreement) -> None:
        """Compare, so that what is no number fails.

        Raises:
            ModelError: file and network disagree.
        """
        allowed = self.relative_difference * agreement.largest_component
        if agreement.centred_cosine_min >= self.centred_cosine and agreement.max_difference <= allowed:
            return
        raise ModelError(
            f"the exported file does not agree with its network on {agreement.on}: centred cosine down to "
            f"{agreement.centred_cosine_min:.5f}, expected {self.centred_cosine}; components differ by up to "
            f"{agreement.max_difference:.3g}, expected {allowed:.3g}; nothing was written; "
            f"{self.otherwise}"
        )


def compare(source: Embed, model: bytes, images: NDArray[np.uint8], on: str) -> Agreement:
    """Run a network and an ONNX file on the same live frames (N, 3, H, W) uint8.

    Raises:
        ModelError: all of them have the same embedding, so that nothing can be compared.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    expected = np.concatenate([source(part) for part in _parts(images)])  # (N, D)
    got = np.concatenate([session.run(None, {"live_frames": part})[0] for part in _parts(images)])  # (N, D)
    centre = expected.mean(axis=0)
    if np.abs(expected - centre).max() <= ALIKE * np.abs(expected).max():
        raise ModelError(
            f"all {len(images)} live frames of {on} have the same embedding, so that nothing can be compared; verify "
            "on a video in which something moves, and if it is the same there, the network has collapsed"
        )
    cosines = centred_cosines(expected, got, both_at_mean=1)
    return Agreement(
        live_frames=len(images),
        centred_cosine_min=float(cosines.min()),
        centred_cosine_median=float(np.median(cosines)),
        max_difference=float(np.abs(got - expected).max()),
        largest_component=float(np.abs(expected).max()),
        on=on,
    )


def _parts(images: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [np.array(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
