"""[[device]]: what makes the stimulus."""

from typing import Annotated, Literal

from pydantic import Field

from selfee_rt.config.base import Name, Settings


class MicrocontrollerConfig(Settings):
    """A board with this project's firmware (tools/firmware): acknowledges, times pulses itself, switches off alone."""

    kind: Literal["microcontroller"] = "microcontroller"
    name: Name
    port: str
    """Serial port: /dev/ttyACM0, COM3 … (`selfee-rt devices` lists them)."""
    answer_within_ms: Annotated[int, Field(ge=2, le=1000)] = 50
    """Without an answer for this long the device counts as lost."""
    boot_s: Annotated[float, Field(gt=0, le=30)] = 5.0
    """How long to wait for the first answer: an Arduino resets when its port is opened."""


class DlcLiveSerialConfig(Settings):
    """A board that understands DeepLabCut-Live's TeensyLaser protocol: 'O', then Hz, ms and ms (<HHH)."""

    kind: Literal["dlclive_serial"] = "dlclive_serial"
    name: Name
    port: str
    baud: Annotated[int, Field(gt=0)] = 115_200
    boot_s: Annotated[float, Field(ge=0, le=30)] = 2.0
    """How long to wait for the first answer: many boards reset when their port is opened."""
    answers: bool = True
    """The board answers each 'O' with its three numbers, as the published sketch does; false: it never answers,
    orders are only sent, and `boot_s` is waited for."""
    answer_within_ms: Annotated[int, Field(ge=2, le=1000)] = 50
    """Without an answer for this long the board counts as lost."""


class OpenEphysConfig(Settings):
    """Open Ephys GUI: a text message to every recording, and optionally a line of its Network Events module."""

    kind: Literal["open_ephys"] = "open_ephys"
    name: Name
    host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65_535)] = 37_497
    """Of the GUI's HTTP server, which receives a message per trial."""
    events_port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """Of the Network Events module, usually 5556; None: no TTL line."""
    line: Annotated[int, Field(ge=1, le=256)] = 1
    answer_within_ms: Annotated[int, Field(ge=2, le=5000)] = 200


class LslConfig(Settings):
    """Lab Streaming Layer: a marker per trial, on an outlet of its own (extra `devices`)."""

    kind: Literal["lsl"] = "lsl"
    name: Name
    stream: str = "selfee_rt triggers"


class OscConfig(Settings):
    """An Open Sound Control message per trial, over UDP (extra `devices`)."""

    kind: Literal["osc"] = "osc"
    name: Name
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)]
    address: Annotated[str, Field(pattern=r"^/[^ #*,?\[\]{}]+$")] = "/selfee_rt/trigger"


class NidaqConfig(Settings):
    """A digital line of an NI-DAQ device; one task is kept open (extra `devices`, and NI's driver)."""

    kind: Literal["nidaq"] = "nidaq"
    name: Name
    line: str
    """For example Dev1/port0/line0."""


class NullConfig(Settings):
    """No device: everything is decided, ordered and logged, and no light is made. For rehearsals."""

    kind: Literal["null"] = "null"
    name: Name


DeviceConfig = Annotated[
    MicrocontrollerConfig | DlcLiveSerialConfig | OpenEphysConfig | LslConfig | OscConfig | NidaqConfig | NullConfig,
    Field(discriminator="kind"),
]
