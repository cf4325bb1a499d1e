"""A Basler camera, through pylon."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt.acquire import pylon
from selfee_rt.acquire.basler_nodes import Nodes
from selfee_rt.acquire.basler_setup import set_up, ticks_per_s
from selfee_rt.acquire.block_ids import BlockCounter
from selfee_rt.acquire.camera_clock import CameraClock
from selfee_rt.clock import NS_PER_MS, NS_PER_S, now_ns
from selfee_rt.config import BaslerConfig
from selfee_rt.errors import SourceError, SourceLost
from selfee_rt.types import Frame, SourceInfo, read_only

logger = logging.getLogger(__name__)

BUFFERS = 32
"""Frames that pylon holds for a reader that is late; what comes when all are full is lost and counted."""


class Basler:
    """Frames of one Basler camera, in the order of exposure (pylon's strategy OneByOne).

    `index` is the camera's own block ID, counted from its first frame; an incompletely transferred frame is a dropped
    exposure. `media_ns` is the camera's clock and `captured_ns` the same mapped to the host's; for a camera without a
    clock both come from the arrival, as `time_quality` says.
    """

    def __init__(self, config: BaslerConfig) -> None:
        self._config = config
        self._camera: Any = None
        self._clock = CameraClock()
        self._logged_ns = 0
        self.n_incomplete = 0
        """Frames that arrived incompletely; each is a jump of the index."""

    @property
    def camera_clock(self) -> CameraClock:
        """The fit of the camera's clock to the host's."""
        return self._clock

    def open(self) -> SourceInfo:
        """Open the camera, set what the configuration says, and start it.

        Raises:
            MissingExtra: pypylon is not installed.
            SourceError: there is no such camera, it is in use, or it does not take a setting.
        """
        self._pylon, self._genicam = pylon.load()
        try:
            device = _choose(self._pylon.TlFactory.GetInstance().EnumerateDevices(), self._config.serial)
            self._name = f"{device.GetModelName()} ({device.GetSerialNumber()})"
            self._camera = self._pylon.InstantCamera(self._pylon.TlFactory.GetInstance().CreateDevice(device))
            self._camera.Open()
            nodes = Nodes(self._camera, self._genicam, self._name)
            fps = set_up(nodes, self._config)
            self._ticks_per_s = ticks_per_s(nodes)
            info = self._introduce(nodes, fps)
            self._converter = self._pylon.ImageFormatConverter() if self._config.colour else None
            if self._converter is not None:
                self._converter.OutputPixelFormat = self._pylon.PixelType_RGB8packed
            self._counter = BlockCounter(self._name, wraps=device.GetDeviceClass() == "BaslerGigE")
            self._camera.MaxNumBuffer.SetValue(BUFFERS)
            self._camera.StartGrabbing(self._pylon.GrabStrategy_OneByOne)
        except self._genicam.GenericException as error:
            self.close()
            raise SourceError(
                f"cannot open the Basler camera: {_first_line(error)}; close other programs that use it and check "
                "its cable and power"
            ) from error
        except BaseException:
            self.close()
            raise
        self._started_ns = self._heard_ns = now_ns()
        return info

    def _introduce(self, nodes: Nodes, fps: float) -> SourceInfo:
        notes = (
            *nodes.notes,
            f"pylon holds up to {BUFFERS} frames, oldest first",
            "missing exposures are counted by the camera",
            "times are the camera's, mapped to the host's clock"
            if self._ticks_per_s
            else "the camera has no clock that can be read: times are arrival times",
        )
        return SourceInfo(
            name=f"Basler {self._name}",
            width_px=int(nodes.number("Width") or 0),
            height_px=int(nodes.number("Height") or 0),
            colour=self._config.colour,
            fps=fps,
            frames=None,
            time_quality="device" if self._ticks_per_s else "arrival",
            paced=True,
            can_wait=False,
            notes=notes,
        )

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame, or None if none came within `timeout_s`.

        Raises:
            SourceLost: the camera was unplugged, stopped, or, unless triggered from outside, silent for `lost_after_s`.
            SourceError: it is not open.
        """
        if self._camera is None:
            raise SourceError("the Basler camera is not open")
        until_ns = now_ns() + round(timeout_s * NS_PER_S)
        try:
            while (result := self._retrieve(until_ns)) is not None:
                with result:
                    if result.GrabSucceeded():
                        return self._frame(result)
                    self.n_incomplete += 1
        except self._genicam.GenericException as error:
            raise SourceLost(f"Basler {self._name} was lost: {_first_line(error)}; check its cable") from error
        return None

    def _retrieve(self, until_ns: int) -> Any | None:
        """The next result, complete or not; None if there is none before `until_ns`."""
        timeout_ms = max(0, round((until_ns - now_ns()) / NS_PER_MS))
        result = self._camera.RetrieveResult(timeout_ms, self._pylon.TimeoutHandling_Return)
        if result.IsValid():
            self._heard_ns = now_ns()
            return result
        self._refuse_silence()
        return None

    def _refuse_silence(self) -> None:
        silent_s = (now_ns() - self._heard_ns) / NS_PER_S
        if self._camera.IsCameraDeviceRemoved():
            raise SourceLost(f"Basler {self._name} was unplugged; check its cable and power")
        if not self._camera.IsGrabbing():
            raise SourceLost(f"Basler {self._name} was stopped by something else; start a new session")
        if self._config.external_trigger is None and silent_s > self._config.lost_after_s:
            raise SourceLost(
                f"Basler {self._name} sent nothing for {silent_s:.1f} s, expected a frame within "
                f"{self._config.lost_after_s:g} s (source.lost_after_s); check its cable"
            )

    def _frame(self, result: Any) -> Frame:
        arrived_ns = self._heard_ns
        index = self._counter.index(result.GetBlockID())
        if self._ticks_per_s:
            media_ns = result.GetTimeStamp() * NS_PER_S // self._ticks_per_s
            captured_ns = self._clock.update(media_ns, arrived_ns)
            self._log_clock(arrived_ns)
        else:
            media_ns, captured_ns = arrived_ns - self._started_ns, arrived_ns
        image = self._image(result)
        return Frame(index, media_ns, captured_ns, now_ns(), image)

    def _image(self, result: Any) -> NDArray[np.uint8]:
        picture = result if self._converter is None else self._converter.Convert(result)
        return read_only(np.ascontiguousarray(picture.GetArray()))

    def _log_clock(self, at_ns: int) -> None:
        if at_ns - self._logged_ns > NS_PER_S:
            self._logged_ns = at_ns
            fit = self._clock
            logger.debug(
                "%s: clock offset %d ns, drift %.3f ppm, residual %d ns",
                self._name,
                fit.offset_ns,
                fit.drift_ppm,
                fit.residual_ns,
            )

    def close(self) -> None:
        """Stop the camera and release it; allowed at any time, and twice."""
        camera, self._camera = self._camera, None
        if camera is None:
            return
        try:
            camera.StopGrabbing()
            camera.Close()
        except self._genicam.GenericException as error:
            logger.warning("Basler %s did not close in order: %s", self._name, _first_line(error))
        camera.DestroyDevice()


def _choose(devices: Any, serial: str | None) -> Any:
    serials = [device.GetSerialNumber() for device in devices]
    listed = ", ".join(serials) or "none"
    if serial is not None and serial not in serials:
        raise SourceError(f"there is no Basler camera with serial number {serial}; found {listed}: set source.serial")
    if serial is None and len(serials) != 1:
        do = "set source.serial to one of them" if serials else "plug one in and check its power"
        raise SourceError(f"expected one Basler camera, found {len(serials)}: {listed}; {do}")
    return devices[0 if serial is None else serials.index(serial)]


def _first_line(error: Exception) -> str:
    return str(error).partition(" : ")[0].splitlines()[0]
