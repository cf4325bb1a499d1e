"""[publish] and [record]: what leaves the session."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from selfee_rt.config.base import Settings


class CurveConfig(Settings):
    """Encryption and authentication, required for any address beyond loopback; keys by `selfee-rt keys`."""

    secret_key_file: Path
    """The session's own secret key file."""
    client_keys_dir: Path
    """A folder of the public key files of the clients that may connect."""


class PublishConfig(Settings):
    """What other programs receive, and where they ask."""

    observations: str | None = "tcp://127.0.0.1:5571"
    """PUB address; None: off."""
    control: str | None = "tcp://127.0.0.1:5572"
    """ROUTER address; None: off."""
    preview: str | None = "tcp://127.0.0.1:5573"
    """PUB address of the camera's picture; None: off."""
    preview_fps: Annotated[float, Field(gt=0, le=30)] = 15.0
    clip_s: Annotated[float, Field(ge=0, le=600)] = 60.0
    """So many of the last seconds are kept as small pictures (320 px, at most 10/s) for the verb clip; 0: none."""
    clip_mib: Annotated[float, Field(gt=0, le=256)] = 16.0
    """And no more than this; a picture takes 5 to 15 kB."""
    history_s: Annotated[float, Field(gt=0, le=7200)] = 1800.0
    """How far back the verb history reaches, up to 200 exposures/s; at 30/s and ten labels 13 MB per arena."""
    embeddings: bool = True
    """Publish embeddings too."""
    lsl: bool = False
    """Lab Streaming Layer too: probabilities and scores, one stream per arena (extra `devices`)."""
    curve: CurveConfig | None = None

    @model_validator(mode="after")
    def _streams_need_a_publisher(self) -> "PublishConfig":
        if self.lsl and self.observations is None:
            raise ValueError("lsl needs observations to be published; give observations an address, or leave lsl out")
        return self


class RecordConfig(Settings):
    """What is kept on disk."""

    folder: Path | None = None
    """The session folder, which must not exist; None: sessions/<date>_<time>_<source>, made when the session starts."""
    video: Literal["h264", "ffv1", "none"] = "h264"
    """Visually lossless H.264, lossless FFV1, or none. A replayed file is referenced, never recorded again."""
    crf: Annotated[int, Field(ge=0, le=51)] = 17
    """H.264 quality; lower is better."""
    segment_s: Annotated[float, Field(gt=0)] = 600.0
    """Length of one video file."""
    buffer_s: Annotated[float, Field(gt=0)] = 5.0
    """How long the disk or the encoder may stall before recording has failed."""
    embeddings_every: Annotated[int, Field(ge=0)] = 1
    """Store every n-th embedding; 0: none."""
    on_failure: Literal["stop", "continue"] = "stop"
    """What a failed recording does to the session."""
