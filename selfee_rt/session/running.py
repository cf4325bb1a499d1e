"""What runs in a session once it is open: the line, the stages along it, and who answers clients."""

from functools import partial
from typing import Any

from selfee_rt.decide import Decision
from selfee_rt.publish.control import Control, Result, make_token
from selfee_rt.publish.token import leave_address
from selfee_rt.session.before import continued_action
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.capture import Outlets
from selfee_rt.session.commands import Commands
from selfee_rt.session.crew import Crew
from selfee_rt.session.deciding import IDLE_S, DecideStage
from selfee_rt.session.describe import session_message
from selfee_rt.session.device import BEAT_S
from selfee_rt.session.disk import DiskWatch
from selfee_rt.session.line import Line
from selfee_rt.session.opening import Opening
from selfee_rt.session.past import Past
from selfee_rt.session.progress import Progress
from selfee_rt.session.stage import Ready
from selfee_rt.session.stages import LogStage, PreviewStage, PublishStage, VideoStage
from selfee_rt.session.state import State
from selfee_rt.session.stimulation import Stimulation
from selfee_rt.session.teacher import Teacher
from selfee_rt.session.teaching import make_teacher
from selfee_rt.session.verbs import Verbs
from selfee_rt.wire import SessionMessage


class Running:
    """Starts the stages of a session that is open; `state`, `deciding` and `verbs` are there when `start` has returned.

    What is None has not been started, or is not part of this session.
    """

    def __init__(self, opened: Opening, crew: Crew) -> None:
        self._opened, self._crew = opened, crew
        self._progress = Progress(opened.config.observe.alarm_merge_s)
        self.line: Line | None = None
        self.video: VideoStage | None = None
        self.previewing: PreviewStage | None = None
        self.teacher: Teacher | None = None
        self.stimulation: Stimulation | None = None
        self.control: Control | None = None
        self.publishing: PublishStage | None = None

    def start(self) -> None:
        """Start from the last stage to the first, so that each finds its output open; the source waits for `go`.

        Raises:
            SelfeeRTError: a stage cannot be opened.
        """
        opened = self._opened
        line = self._make_line()
        self._start_outlets(line)
        commands = Commands(line.live.wake)
        boundary = Boundary(commands, lambda: opened.ledger.next_index, line)
        self.teacher = make_teacher(opened, line, boundary, self._progress)
        self._make_stimulation(line, boundary)
        self.state = self._make_state(line)
        message = self._open_control()
        self._start_publishing(line, message)
        self._start_deciding(line, commands)
        self.verbs = self._make_verbs(line, boundary, message)
        if self.control is not None:
            self._crew.run("control", partial(_serve, self.control))
        if opened.before is not None:
            line.acted(continued_action(opened.before))
        opened.capture.outlets = Outlets(opened.composer, line)

    def _make_line(self) -> Line:
        """The line, and what a session remembers of what went along it."""
        opened, info = self._opened, self._opened.capture.info
        line = self.line = Line(
            opened.config,
            info,
            opened.ledger,
            records_video=opened.plan.records_video,
            on_failure=lambda error: self._crew.failed("record", error),
        )
        self._progress.past = Past(
            opened.record.arenas,
            opened.record.labels,
            [each.name for each in opened.record.detectors],
            info.fps,
            opened.config.publish.history_s,
        )
        return line

    def _start_outlets(self, line: Line) -> None:
        """Start what keeps and shows."""
        opened, crew = self._opened, self._crew
        config, folder, capture = opened.config, opened.folder, opened.capture
        log = LogStage(
            folder,
            config.record,
            opened.plan.model_id,
            line.recording,
            crew.meters["record"],
            lambda: crew.ending(capture),
        )
        crew.run("record", log.run)
        if opened.plan.records_video:
            self.video = VideoStage(
                folder, config.record, capture.info, line.recording, line.quiet, crew.meters["video"]
            )
            crew.run("video", self.video.run)
        if line.preview is not None:
            self.previewing = PreviewStage(config.publish, opened.session_id, line.preview, line.quiet)
            crew.run("preview", self.previewing.run)

    def _make_stimulation(self, line: Line, boundary: Boundary) -> None:
        opened = self._opened
        if opened.rules is not None:
            devices = {each.name: opened.devices.stages[each.device] for each in opened.config.trigger}
            self.stimulation = Stimulation(opened.rules, devices, boundary, line, lambda: opened.ledger.next_index)
            opened.devices.listener = self.stimulation.report

    def _make_state(self, line: Line) -> State:
        opened, crew = self._opened, self._crew
        return State(
            record=opened.record,
            capture=opened.capture,
            decider=opened.decider,
            ledger=opened.ledger,
            line=line,
            meters=crew.meters,
            progress=self._progress,
            video=self.video,
            teacher=self.teacher,
            stimulation=self.stimulation,
            error=lambda: crew.error,
            disk=DiskWatch(opened.folder),
        )

    def _open_control(self) -> SessionMessage:
        """Bind the control socket, if there is one; return what every client is told first."""
        opened = self._opened
        if opened.config.publish.control is not None:
            self.control = Control(opened.config.publish, make_token(opened.folder), self._execute)
            leave_address(opened.folder, self.control.address)
        control = None if self.control is None else self.control.address
        preview = None if self.previewing is None else self.previewing.address
        return session_message(opened.plan, opened.record, opened.folder, control, preview)

    def _execute(self, verb: str, arguments: dict[str, Any]) -> Result:
        return self.verbs.execute(verb, arguments)

    def _start_publishing(self, line: Line, message: SessionMessage) -> None:
        if line.published is not None:
            publish, meters = self._opened.config.publish, self._crew.meters
            self.publishing = PublishStage(publish, message, line.published, line.recording, meters)
            self._crew.run("publish", self.publishing.run)

    def _start_deciding(self, line: Line, commands: Commands) -> None:
        """Start who decides, after those whom it gives work."""
        opened, crew = self._opened, self._crew
        self.deciding = DecideStage(
            opened.decider,
            line,
            opened.ledger,
            commands,
            self._progress,
            lambda: opened.capture.last_index,
            crew.meters,
            round_=opened.round,
            ordered=self._ordered,
            idle_s=BEAT_S if opened.devices.stages else IDLE_S,
        )
        for name, helper in {"teach": self.teacher, "stimulation": self.stimulation}.items():
            if helper is not None:
                crew.run(name, helper.run)
        crew.run("decide", self.deciding.run)

    def _ordered(self, decision: Decision) -> None:
        if self.stimulation is not None:
            self.stimulation.decided(decision)

    def _make_verbs(self, line: Line, boundary: Boundary, message: SessionMessage) -> Verbs:
        return Verbs(
            message,
            status=lambda: self.state.status("running"),
            progress=self._progress,
            boundary=boundary,
            teacher=self.teacher,
            stimulation=self.stimulation,
            set_threshold=self._opened.decider.set_threshold,
            line=line,
            stills=None if self.previewing is None else self.previewing.stills,
            stop=self._crew.stop,
        )

    def abandon(self) -> None:
        """Undo a start that failed: end whatever was opened, and every stage."""
        crew = self._crew
        crew.stopping.set()
        self._opened.capture.go.set()
        if self.line is not None:
            self.line.close()
        for helper in (self.teacher, self.stimulation):
            if helper is not None:
                helper.close()
        self._opened.devices.close()
        if self.control is not None:
            self.control.stop()
            if "control" not in crew.stages:
                self.control.close()
        crew.join_all()


def _serve(control: Control, ready: Ready) -> None:
    """Body of the stage that answers the control socket."""
    ready()
    control.serve()
