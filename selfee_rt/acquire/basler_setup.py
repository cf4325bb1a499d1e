"""What the configuration says of a Basler camera, set on the camera."""

from selfee_rt.acquire.basler_nodes import Nodes
from selfee_rt.config import BaslerConfig, ExternalTriggerConfig, SensorRegion
from selfee_rt.errors import SourceError

REACHED = 0.99
"""Share of the frame rate asked for that the camera must say it reaches."""
LOST_PERIODS = 1.5
COLOUR_FORMATS = ("RGB8", "RGB8Packed", "BayerRG8", "BayerGR8", "BayerGB8", "BayerBG8")
TICKS_PER_S = 1_000_000_000
"""Of every camera's clock but that of GigE cameras before Vision 2, which state their own."""


def set_up(nodes: Nodes, config: BaslerConfig) -> float:
    """Set everything; what the configuration leaves out stays as the camera has it.

    Returns:
        The frames per second to expect.

    Raises:
        SourceError: the camera lacks a setting, or does not take a value.
    """
    if config.sensor_region is not None:
        _set_region(nodes, config.sensor_region)
    _set_pixel_format(nodes, config.colour)
    if config.exposure_us is not None:
        nodes.choose_if_there("Off", "ExposureAuto")
        nodes.set_number("source.exposure_us", config.exposure_us, "ExposureTime", "ExposureTimeAbs")
    if config.gain_db is not None:
        nodes.choose_if_there("Off", "GainAuto")
        nodes.set_number("source.gain_db", config.gain_db, "Gain")
    if config.external_trigger is not None and config.fps is not None:
        _set_trigger(nodes, config.external_trigger)
        return config.fps
    return _set_rate(nodes, config)


def ticks_per_s(nodes: Nodes) -> int | None:
    """Rate of the camera's clock; None where it has none."""
    stated = nodes.number("GevTimestampTickFrequency")
    if stated:
        return round(stated)
    return TICKS_PER_S if nodes.find("TimestampLatch", "GevTimestampControlLatch") is not None else None


def _set_region(nodes: Nodes, region: SensorRegion) -> None:
    nodes.reset("OffsetX", "OffsetY")  # a camera allows only widths that fit beside the offset it has
    nodes.set_number("source.sensor_region.width", region.width, "Width")
    nodes.set_number("source.sensor_region.height", region.height, "Height")
    nodes.set_number("source.sensor_region.x", region.x, "OffsetX")
    nodes.set_number("source.sensor_region.y", region.y, "OffsetY")


def _set_pixel_format(nodes: Nodes, colour: bool) -> None:
    wanted = COLOUR_FORMATS if colour else ("Mono8",)
    offered = nodes.choices("PixelFormat")
    found = next((name for name in wanted if name in offered), None)
    if found is None:
        raise SourceError(
            f"source.colour is {str(colour).lower()}, but {nodes.name} offers the pixel formats {', '.join(offered)}; "
            f"expected {' or '.join(wanted)}: set source.colour = {str(not colour).lower()}"
        )
    nodes.choose("source.colour", found, "PixelFormat")


def _set_trigger(nodes: Nodes, trigger: ExternalTriggerConfig) -> None:
    nodes.choose("source.external_trigger", "FrameStart", "TriggerSelector")
    nodes.choose("source.external_trigger", "On", "TriggerMode")
    nodes.choose("source.external_trigger.line", trigger.line, "TriggerSource")
    nodes.choose("source.external_trigger.activation", trigger.activation, "TriggerActivation")
    nodes.switch_if_there(False, "AcquisitionFrameRateEnable")


def _set_rate(nodes: Nodes, config: BaslerConfig) -> float:
    if config.fps is not None:
        nodes.switch_if_there(True, "AcquisitionFrameRateEnable")
        nodes.set_number("source.fps", config.fps, "AcquisitionFrameRate", "AcquisitionFrameRateAbs")
    fps = nodes.number("BslResultingAcquisitionFrameRate", "ResultingFrameRate", "ResultingFrameRateAbs")
    fps = fps or nodes.number("AcquisitionFrameRate", "AcquisitionFrameRateAbs")
    if fps is None:
        raise SourceError(f"{nodes.name} does not say its frame rate; set source.fps")
    if config.fps is not None and fps < REACHED * config.fps:
        raise SourceError(
            f"source.fps is {config.fps:g}, but with these settings {nodes.name} reaches {fps:g}; "
            "shorten the exposure, reduce the sensor region, or lower source.fps"
        )
    if LOST_PERIODS / fps > config.lost_after_s:
        raise SourceError(
            f"{nodes.name} sends {fps:g} frames per second, but source.lost_after_s is {config.lost_after_s:g} s; "
            f"set more than {LOST_PERIODS / fps:g} s"
        )
    return fps
