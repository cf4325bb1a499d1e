"""[source]: where frames come from."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from selfee_rt.config.base import Name, Settings, Speed

Range = Literal["auto", "full", "limited"]
"""Grey range of the video: limited (16..235) is stretched to 0..255, full is taken as it is."""


class AnomalyEvent(Settings):
    """Something strange that the synthetic arena does on request."""

    what: Literal["third_object", "freezing", "odd_gait"]
    start_s: Annotated[float, Field(ge=0)]
    seconds: Annotated[float, Field(gt=0)]


class LampConfig(Settings):
    """Light of the synthetic arena."""

    dim_to: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Brightness, as a fraction, from `dim_at_s` on."""
    dim_at_s: Annotated[float, Field(ge=0)] | None = None
    flicker: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Amplitude of a flicker, as a fraction of the brightness."""
    flicker_hz: Annotated[float, Field(gt=0)] = 7.0


class LedConfig(Settings):
    """A LED that the camera of the synthetic arena sees: a soft spot, and a faint glow over everything.

    It shines while the device of that name makes light (a simulated one), or at the times given.
    """

    device: Name | None = None
    """The [[device]] whose light it is."""
    at_s: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """Or: when it flashes, in seconds of media time."""
    on_ms: Annotated[float, Field(gt=0)] = 50.0
    """Length of a flash that comes at a given time."""
    x: Annotated[float, Field(ge=0)]
    """Middle of the spot, in pixels of the picture."""
    y: Annotated[float, Field(ge=0)]
    radius_px: Annotated[float, Field(gt=0)] = 20.0
    """Where the spot has fallen to 60 % of its brightness."""
    brightness: Annotated[float, Field(ge=0, le=255)] = 160.0
    """Grey values that the middle of the spot gains."""
    spill: Annotated[float, Field(ge=0, le=255)] = 6.0
    """Grey values that the whole picture gains."""

    @model_validator(mode="after")
    def _has_one_cause(self) -> "LedConfig":
        if (self.device is None) == (not self.at_s):
            raise ValueError("a LED shines with a device or at given times; set either device or at_s")
        if any(later <= earlier + self.on_ms / 1000 for earlier, later in pairwise(self.at_s)):
            raise ValueError(f"at_s must rise, by more than on_ms {self.on_ms:g}; sort the times, or shorten the flash")
        if not self.brightness and not self.spill:
            raise ValueError("a LED with neither brightness nor spill cannot be seen; set one, or leave the LED out")
        return self


class SyntheticConfig(Settings):
    """Two simulated animals in a chamber, with known behaviour."""

    kind: Literal["synthetic"] = "synthetic"
    width_px: Annotated[int, Field(ge=64, le=4096)] = 640
    height_px: Annotated[int, Field(ge=64, le=4096)] = 480
    fps: Annotated[float, Field(gt=0, le=1000)] = 30.0
    seed: int = 0
    seconds: Annotated[float, Field(gt=0)] | None = None
    """Length of the recording; None: endless."""
    speed: Speed = 1.0
    noise: Annotated[float, Field(ge=0, le=50)] = 4.0
    """Standard deviation of the sensor's noise in grey values."""
    anomalies: tuple[AnomalyEvent, ...] = ()
    lamp: LampConfig = LampConfig()
    led: LedConfig | None = None
    """A stimulus whose light enters the picture."""
    drop: tuple[tuple[int, int], ...] = ()
    """Ranges of exposures, ends inclusive, that the camera drops."""

    @model_validator(mode="after")
    def _drops_are_ranges(self) -> "SyntheticConfig":
        for first, last in self.drop:
            if not 0 <= first <= last:
                raise ValueError(
                    f"drop: got ({first}, {last}), expected two exposures >= 0, the first not after the last"
                )
        return self

    @model_validator(mode="after")
    def _led_is_in_the_picture(self) -> "SyntheticConfig":
        led = self.led
        if led is not None and not (led.x < self.width_px and led.y < self.height_px):
            raise ValueError(
                f"led: its middle ({led.x:g}, {led.y:g}) is outside the picture of {self.width_px}x{self.height_px}; "
                "move it inside"
            )
        return self


class VideoFileConfig(Settings):
    """A recorded video, replayed as if it were a camera."""

    kind: Literal["video_file"] = "video_file"
    path: Path
    speed: Speed = 1.0
    range: Range = "auto"
    timestamps: Literal["auto", "file", "rate"] = "auto"
    """Where `media_ns` comes from: the file's timestamps, or frame number / frame rate."""
    fps: Annotated[float, Field(gt=0)] | None = None
    """Overrides the file's frame rate, for files whose own is missing or wrong."""


class StreamConfig(Settings):
    """A camera device or a network stream, through FFmpeg."""

    kind: Literal["stream"] = "stream"
    address: str
    """A device (/dev/video0, video=NAME for dshow, 0 for avfoundation) or a URL (rtsp:, http:, udp:)."""
    format: str | None = None
    """FFmpeg input format: v4l2, dshow, avfoundation, mpjpeg, mpegts …; None: FFmpeg finds out."""
    options: dict[str, str] = Field(default_factory=dict)
    """Further options for FFmpeg's input, for example {video_size = "640x480", framerate = "30"}.
    {fflags = "noparse+nofillin"} brings MPEG-TS a frame earlier, if each of its packets holds one whole frame."""
    fps: Annotated[float, Field(gt=0)] | None = None
    """Nominal frame rate; None: measured on the first second, before anything is counted."""
    colour: bool = False
    """Keep colour (for recording and preview); live frames are grey either way."""
    range: Range = "auto"
    open_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    lost_after_s: Annotated[float, Field(gt=0)] = 2.0
    """Without a frame for this long the stream counts as lost and is opened again."""
    give_up_after_s: Annotated[float, Field(ge=0)] | None = None
    """End the session after this long without the stream; None: try for ever, with back-off."""
    longest_pause_s: Annotated[float, Field(gt=0)] = 8.0
    """Upper end of the back-off between attempts."""


class ExternalTriggerConfig(Settings):
    """A line of the camera that starts each exposure."""

    line: str = "Line1"
    activation: Literal["RisingEdge", "FallingEdge"] = "RisingEdge"


class SensorRegion(Settings):
    """Part of the sensor to read out, in pixels."""

    x: Annotated[int, Field(ge=0)]
    y: Annotated[int, Field(ge=0)]
    width: Annotated[int, Field(gt=0)]
    height: Annotated[int, Field(gt=0)]


class BaslerConfig(Settings):
    """A Basler camera through pylon (extra `basler`)."""

    kind: Literal["basler"] = "basler"
    serial: str | None = None
    """Serial number; None: the only camera there is."""
    exposure_us: Annotated[float, Field(gt=0)] | None = None
    gain_db: Annotated[float, Field(ge=0)] | None = None
    fps: Annotated[float, Field(gt=0)] | None = None
    """None: the camera's own; required with an external trigger, as the expected rate."""
    colour: bool = False
    """Keep colour (for recording and preview); live frames are grey either way."""
    sensor_region: SensorRegion | None = None
    external_trigger: ExternalTriggerConfig | None = None
    lost_after_s: Annotated[float, Field(gt=0)] = 2.0
    """Silent for this long, a camera that is not triggered from outside counts as lost."""

    @model_validator(mode="after")
    def _trigger_has_rate(self) -> "BaslerConfig":
        if self.external_trigger is not None and self.fps is None:
            raise ValueError("an external trigger needs fps, the rate at which it comes; set source.fps")
        return self


class RecordedConfig(Settings):
    """A session folder, replayed with its original timestamps and gaps."""

    kind: Literal["recorded"] = "recorded"
    folder: Path
    speed: Speed = 1.0


SourceConfig = Annotated[
    SyntheticConfig | VideoFileConfig | StreamConfig | BaslerConfig | RecordedConfig, Field(discriminator="kind")
]
