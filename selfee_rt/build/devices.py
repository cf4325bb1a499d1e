"""Stimulus devices."""

from typing import assert_never

from selfee_rt.config import (
    DeviceConfig,
    DlcLiveSerialConfig,
    LslConfig,
    MicrocontrollerConfig,
    NidaqConfig,
    NullConfig,
    OpenEphysConfig,
    OscConfig,
)
from selfee_rt.errors import MissingExtra
from selfee_rt.light import Light
from selfee_rt.protocols import Actuator, Sink
from selfee_rt.stimuli import Train
from selfee_rt.wire import SessionMessage


def actuator(config: DeviceConfig, light: Light | None = None) -> Actuator:
    """The stimulus device that `config` names, not yet open; a simulated one lets `light` shine.

    Raises:
        MissingExtra: what it needs is not installed.
    """
    try:
        return _actuator(config, light)
    except (ImportError, RuntimeError) as error:  # RuntimeError: pylsl without liblsl
        raise MissingExtra(
            f"device {config.name!r} of kind {config.kind!r} needs what is not installed ({error}): "
            "pip install 'selfee-rt[devices]'"
        ) from error


def misfit(config: DeviceConfig, train: Train) -> str | None:
    """Why a device of this kind can never make `train`, whatever it is set to; None: nothing is known against it."""
    match config:
        case DlcLiveSerialConfig():
            from selfee_rt.trigger.dlclive_words import unspeakable

            return unspeakable(train)
        case NidaqConfig():
            from selfee_rt.trigger.edges import unplayable

            return unplayable(train)
        case _:
            return None


def _actuator(config: DeviceConfig, light: Light | None) -> Actuator:
    match config:
        case MicrocontrollerConfig():
            from selfee_rt.trigger.microcontroller import Microcontroller

            return Microcontroller(config)
        case DlcLiveSerialConfig():
            from selfee_rt.trigger.dlclive_serial import DlcLiveSerial

            return DlcLiveSerial(config)
        case OpenEphysConfig():
            from selfee_rt.trigger.open_ephys import OpenEphys

            return OpenEphys(config)
        case LslConfig():
            from selfee_rt.trigger.lsl import LslMarkers

            return LslMarkers(config)
        case OscConfig():
            from selfee_rt.trigger.osc import Osc

            return Osc(config)
        case NidaqConfig():
            from selfee_rt.trigger.nidaq import Nidaq

            return Nidaq(config)
        case NullConfig():
            from selfee_rt.trigger.null import Null

            return Null(config, light)
        case _:
            assert_never(config)


def score_streams(session: SessionMessage) -> Sink:
    """Lab Streaming Layer streams of probabilities and scores.

    Raises:
        MissingExtra: pylsl is not installed.
        PublishError: there is nothing to stream, or a stream cannot be made.
    """
    try:
        from selfee_rt.publish.lsl_scores import LslScores
    except (ImportError, RuntimeError) as error:
        raise MissingExtra(
            f"publish.lsl needs pylsl, which cannot be used here ({error}): pip install 'selfee-rt[devices]'"
        ) from error
    arenas, detectors = [arena.name for arena in session.arenas], [each.name for each in session.detectors]
    return LslScores(session.session_id, arenas, session.labels, detectors)
