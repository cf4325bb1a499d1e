"""One session: runs every stage in its thread, and ends them in the order of the data."""

import gc
import sys
import threading
import uuid
from concurrent.futures import Future
from pathlib import Path

from selfee_rt.config import SessionConfig
from selfee_rt.session.crew import Crew
from selfee_rt.session.devices import stage_name
from selfee_rt.session.line import Line
from selfee_rt.session.opening import Opening
from selfee_rt.session.parts import Parts
from selfee_rt.session.running import Running
from selfee_rt.session.snapshot import Snapshot
from selfee_rt.session.teacher import summary
from selfee_rt.wire import StatusState

STATUS_PERIOD_S = 1.0
SWITCH_INTERVAL_S = 0.0005
"""How long a busy Python thread may keep the others waiting; halves the tail of the latency."""


class Session:
    """A live session, from `start` to `finish`.

    `start` opens source, model and folder, and the line runs. When the source ends, `stop` is called or a stage
    fails, only the source is told; every stage then ends when its input does. `finish` waits for that.
    """

    def __init__(self, config: SessionConfig, continues: Path | None = None, parts: Parts | None = None) -> None:
        self.config = config
        self.session_id = uuid.uuid4().hex
        self._parts = Parts(config) if parts is None else parts
        self._continues = continues
        self._crew = Crew()
        self._ended = threading.Event()
        self._opening: Opening
        self._running: Running | None = None

    # --- from outside -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open everything and begin; on return the session runs.

        Raises:
            SelfeeRTError: something cannot be opened or does not fit; nothing is left open.
        """
        self._opening = Opening(
            self.config, self._parts, self._crew, session_id=self.session_id, continues=self._continues
        )
        running = self._running = Running(self._opening, self._crew)
        try:
            self._opening.open()
            running.start()
        except BaseException:
            running.abandon()
            raise
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        running.state.starts_now()
        self._opening.capture.go.set()
        self._supervisor = threading.Thread(target=self._supervise, name="selfee-rt supervisor", args=(running,))
        self._supervisor.start()

    def stop(self, how: str) -> None:
        """Ask the session to end in order, saying why; returns at once, allowed at any time and twice."""
        self._crew.stop(how)

    def arm(self) -> None:
        """Arm every rule, as a client would; returns when the devices have confirmed it.

        Raises:
            ControlError: there is no rule, or a device refuses; none is armed, and the session goes on.
        """
        assert self._running is not None
        reply = self._running.verbs.execute("arm", {"rules": None})
        assert isinstance(reply, Future)
        reply.result()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session has ended; False if it has not within `timeout_s`."""
        return self._ended.wait(timeout_s)

    def finish(self) -> Snapshot:
        """Wait for the end and return the last state; see `error` for whether it ended in order."""
        self._supervisor.join()
        return self.snapshot()

    @property
    def folder(self) -> Path:
        """The session folder, once it has been made."""
        return self._opening.folder

    @property
    def error(self) -> Exception | None:
        """What ended the session, if it did not end in order."""
        return self._crew.error

    @property
    def control_address(self) -> str | None:
        """Where the control socket is bound; None where there is none."""
        control = None if self._running is None else self._running.control
        return None if control is None else control.address

    @property
    def observations_address(self) -> str | None:
        """Where observations are published; None where they are not."""
        publishing = None if self._running is None else self._running.publishing
        return None if publishing is None else publishing.address

    @property
    def preview_address(self) -> str | None:
        """Where the camera's picture is published; None where it is not."""
        previewing = None if self._running is None else self._running.previewing
        return None if previewing is None else previewing.address

    def snapshot(self) -> Snapshot:
        """The state of the session now."""
        assert self._running is not None
        return self._running.state.snapshot(self.folder, self._crew.ending(self._opening.capture)[2])

    # --- running and ending -------------------------------------------------------------------------------------

    def _supervise(self, running: Running) -> None:
        """Say how it goes once a second until the source has ended, then end the stages in the order of the data."""
        crew, line = self._crew, running.line
        assert line is not None
        for name in ("acquire", "decide"):
            while not crew.stages[name].join(STATUS_PERIOD_S):
                self._tick(running, line, "stopping" if crew.stopping.is_set() else "running")
        if crew.stages["decide"].error is not None:
            running.deciding.account_for_the_rest()
        self._end_stimulation(running)
        self._end_teaching(running, line)
        crew.join("preview")
        line.recording.video_channel.close()
        crew.join("video")
        self._tick(running, line, "ended")
        if running.control is not None:
            running.control.stop()
        crew.join("control")
        if line.published is not None:
            line.published.close()
        crew.join("publish")
        line.recording.log_channel.close()
        crew.join("record")
        sys.setswitchinterval(self._switch_interval)
        gc.unfreeze()
        self._ended.set()

    def _end_stimulation(self, running: Running) -> None:
        """Switch every device off; each reports what it had still to do as disarmed."""
        devices = self._opening.devices
        devices.close()
        for name in devices.stages:
            self._crew.join(stage_name(name))
        if running.stimulation is not None:
            running.stimulation.close()
            self._crew.join("stimulation")

    def _end_teaching(self, running: Running, line: Line) -> None:
        """Wait for a classifier that is being rebuilt, then log how well what was taught had been foreseen."""
        teacher = running.teacher
        if teacher is None:
            return
        teacher.close()
        while not self._crew.stages["teach"].join(STATUS_PERIOD_S):
            self._tick(running, line, "stopping")
        if teacher.tallies:
            line.acted(summary(teacher.tallies, self._opening.ledger.next_index))

    def _tick(self, running: Running, line: Line, state: StatusState) -> None:
        try:
            running.state.update_rates()
            line.publish(running.state.status(state))
            line.recording.log(running.state.stages())
        except Exception as error:  # noqa: BLE001 - who ends the session must outlive what is said of it
            self._crew.failed("status", error)
