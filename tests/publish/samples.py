"""Messages and items of a made-up session with two arenas, for the tests of what goes onto the wire."""

import numpy as np

from selfee_rt import wire
from selfee_rt.config import PublishConfig
from selfee_rt.stimuli import DeviceInfo
from selfee_rt.types import Bout, Embeddings, Exposure, Observation, SourceInfo, StageStatus

ARENAS = ("a", "ab")
"""One name begins with the other, as a trap for readers that compare prefixes."""

ANYWHERE = PublishConfig(observations="tcp://127.0.0.1:*", control="tcp://127.0.0.1:*", preview="tcp://127.0.0.1:*")
"""Loopback, on ports that are free."""


def session(session_id: str = "session-1") -> wire.SessionMessage:
    return wire.SessionMessage(
        session_id=session_id,
        version="0.1.0",
        started_at="2026-03-01T09:00:00+00:00",
        started_ns=5_000_000_000,
        source=SourceInfo("synthetic arena", 640, 480, False, 30.0, None, "device", True, False),
        arenas=tuple(wire.Arena(name=name, x_px=0, y_px=0, width_px=640, height_px=480) for name in ARENAS),
        model=wire.ModelSummary(
            name="small", version="1", model_id="f" * 64, embedding_dim=4, width_px=128, height_px=128, interval_ms=66.7
        ),
        labels=("nothing", "chasing"),
        detectors=(wire.DetectorSummary(name="selfee", threshold=0.2),),
        frame_interval=2,
        lookahead_ms=66.7,
        embeddings=True,
        control=None,
        preview=None,
        folder=None,
        experiment={"id": "e1"},
        subject={},
        stimulation=wire.Stimulation(
            blind=False,
            rules=tuple(
                wire.RuleSummary(name=f"rule {arena}", arena=arena, device=f"led_{arena}", condition="chasing > 0.8")
                for arena in ARENAS
            ),
            devices=tuple(
                wire.DeviceSummary(name=f"led_{arena}", info=DeviceInfo("null", True, False, True, 200))
                for arena in ARENAS
            ),
        ),
    )


def status(state: str = "running", at_ns: int = 6_000_000_000) -> wire.StatusMessage:
    return wire.StatusMessage(
        session_id="session-1",
        at_ns=at_ns,
        state=state,
        elapsed_s=1.0,
        fps=29.9,
        n_exposures=30,
        n_observed=26,
        losses={"edge": 4},
        thresholds={"selfee": 0.2},
        recording=True,
        stages=(StageStatus("embed", 30, 26, 0, 20.0, 22.0, None, float("nan")),),
        stimulation={
            "rule a": wire.RuleStatus(
                armed=True,
                remaining_s=12.5,
                trials=3,
                light_s=0.3,
                verdicts={"fired": 2, "sham": 1, "late": 4},
                device="led_a",
                device_state="rehearsal",
                makes_light=False,
            )
        },
    )


def exposure(index: int = 10) -> Exposure:
    ns = index * 33_000_000
    return Exposure(index, ns, ns + 1, ns + 2, index + 2, ns + 66_000_000, ns + 66_000_001, ns + 66_000_002)


def observation(index: int = 10, arena: str = "a", **changes) -> Observation:
    fields = {
        "arena": arena,
        "exposure": exposure(index),
        "label_index": index,
        "label": "chasing",
        "probabilities": (0.25, 0.75),
        "scores": {"selfee": 0.1},
        "alarm": False,
        "stimulus": "off",
        "revision": 0,
        "composed_ns": 1,
        "embedded_ns": 2,
        "observed_ns": 3,
        "decided_ns": 4,
    }
    return Observation(**(fields | changes))


def embeddings(index: int = 10, dim: int = 4) -> Embeddings:
    vector = np.arange(len(ARENAS) * dim, dtype=np.float32).reshape(len(ARENAS), dim) / 8
    return Embeddings(exposure(index), vector, "f" * 64, 1, 2, None)


def bout(arena: str = "a", stop_index: int = 10) -> Bout:
    return Bout(arena, "chasing", stop_index - 5, stop_index, 0, 165_000_000)
