"""One session: opens everything, runs every stage in its thread, and ends them in the order of the data."""

import gc
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.accounting import Ledger
from selfee_rt.build.continued import taught_in
from selfee_rt.compose.background_file import write_background
from selfee_rt.config import SessionConfig
from selfee_rt.decide import ArenaObserver, Decider, Decision, Ending
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.folder import Anchor, ContinuedRecord, create, write_blinding, write_record
from selfee_rt.folder.schema import BACKGROUND_FILE
from selfee_rt.observe.recent import Recent
from selfee_rt.observe.teaching import Teachings, taught
from selfee_rt.protocols import Classifier
from selfee_rt.publish.control import Control, Result, make_token
from selfee_rt.publish.token import leave_address
from selfee_rt.session.before import continued_action, drawn_seeds, taken_over
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.capture import CaptureStage, Outlets
from selfee_rt.session.commands import Commands
from selfee_rt.session.deciding import IDLE_S, DecideStage, Round
from selfee_rt.session.describe import default_folder, session_message, session_record, stimulation_record
from selfee_rt.session.device import BEAT_S
from selfee_rt.session.devices import Devices, stage_name
from selfee_rt.session.disk import DiskWatch
from selfee_rt.session.line import Line
from selfee_rt.session.meter import Meter
from selfee_rt.session.parts import Parts
from selfee_rt.session.past import Past
from selfee_rt.session.plan import make_plan
from selfee_rt.session.progress import Progress
from selfee_rt.session.snapshot import Snapshot
from selfee_rt.session.stage import Ready, Stage
from selfee_rt.session.stages import Decided, LogStage, PreviewStage, PublishStage, VideoStage
from selfee_rt.session.state import State
from selfee_rt.session.stimulation import Stimulation
from selfee_rt.session.teacher import Teacher, summary
from selfee_rt.session.verbs import Verbs
from selfee_rt.trigger.rules import RuleSet
from selfee_rt.types import Bout
from selfee_rt.wire import StatusState

STATUS_PERIOD_S = 1.0
SWITCH_INTERVAL_S = 0.0005
"""How long a busy Python thread may keep the others waiting; halves the tail of the latency."""
METERS = ("acquire", "compose", "embed", "decide", "publish", "record", "video", "total")


class Session:
    """A live session, from `start` to `finish`.

    `start` opens source, model and folder, and the line runs. When the source ends, `stop` is called or a stage
    fails, only the source is told; every stage then ends when its input does. `finish` waits for that.
    """

    def __init__(self, config: SessionConfig, continues: Path | None = None, parts: Parts | None = None) -> None:
        self.config = config
        self._parts = Parts(config) if parts is None else parts
        self._continues = continues
        self.session_id = uuid.uuid4().hex
        self.folder: Path
        self.error: Exception | None = None
        """What ended the session, if it did not end in order."""
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._stopped_by: str | None = None
        self._stages: dict[str, Stage] = {}
        self._state: State
        self._line: Line | None = None
        self._round = Round()
        self._devices = Devices(config, self._parts.actuator, self._round, self._stop)
        self._stimulation: Stimulation | None = None
        self._video: VideoStage | None = None
        self._control: Control | None = None
        self._teacher: Teacher | None = None
        self._publishing: PublishStage | None = None
        self._previewing: PreviewStage | None = None
        self._progress = Progress(config.observe.alarm_merge_s)
        self._ledger = Ledger()
        self._meters = {name: Meter(name) for name in METERS}

    # --- from outside -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open everything and begin; on return the session runs.

        Raises:
            SelfeeRTError: something cannot be opened or does not fit; nothing is left open.
        """
        self._plan = make_plan(self.config)
        meters = (self._meters["acquire"], self._meters["compose"])
        self._capture = CaptureStage(self._parts.source(), self.config.seconds, self._stop, meters)
        try:
            self._run("acquire", self._capture.run)
            self._open()
        except BaseException:
            self._abandon()
            raise
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        gc.collect()
        gc.freeze()
        self._state.starts_now()
        self._capture.go.set()
        self._supervisor = threading.Thread(target=self._supervise, name="selfee-rt supervisor")
        self._supervisor.start()

    def stop(self, how: str) -> None:
        """Ask the session to end in order, saying why; returns at once, allowed at any time and twice."""
        if self._stopped_by is None:
            self._stopped_by = how
        self._stop.set()

    def arm(self) -> None:
        """Arm every rule, as a client would; returns when the devices have confirmed it.

        Raises:
            ControlError: there is no rule, or a device refuses; none is armed, and the session goes on.
        """
        reply = self._verbs.execute("arm", {"rules": None})
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
    def control_address(self) -> str | None:
        """Where the control socket is bound; None where there is none."""
        return None if self._control is None else self._control.address

    @property
    def observations_address(self) -> str | None:
        """Where observations are published; None where they are not."""
        return None if self._publishing is None else self._publishing.address

    @property
    def preview_address(self) -> str | None:
        """Where the camera's picture is published; None where it is not."""
        return None if self._previewing is None else self._previewing.address

    def snapshot(self) -> Snapshot:
        """The state of the session now."""
        return self._state.snapshot(self.folder, self._ending()[2])

    # --- opening ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        plan, info = self._plan, self._capture.info
        interval = plan.interval(info)
        composer = build.composer(
            self.config, plan.card, info, interval.exposures, self._ledger.lost, self._keep_background
        )
        embedder = build.embedder(self.config.model, batch=len(self.config.arena))
        arenas = build.observers(self.config, plan.reference, info.fps, 4 * interval.exposures)
        self._devices.open(self._run, info)
        anchor = Anchor.now()
        before = taken_over(self._continues, anchor)
        seeds = drawn_seeds(self.config.trigger) | ({} if before is None else before.seeds)
        history = None if before is None else before.history
        rules = build.rules(self.config, seeds, arenas, info, interval.exposures, history)
        self._decider = self._make_decider(embedder, arenas, interval.exposures, rules)
        self.folder = create(self.config.record.folder or default_folder(self.config, anchor))
        sealed = write_blinding(self.folder, seeds) if self.config.stimulation.blind else None
        stimulation = stimulation_record(self.config, self._devices.infos, seeds, sealed)
        self._record = session_record(
            plan,
            info,
            interval,
            arenas[0],
            self.session_id,
            anchor,
            embedder.session_options_summary,
            stimulation,
            None if before is None else ContinuedRecord(path=str(before.folder), session_id=before.session_id),
        )
        write_record(self.folder, self._record)
        for arena, picture in build.backgrounds(self.config, plan.card, info).items():
            self._keep_background(arena, picture)
        line = Line(
            self.config,
            info,
            self._ledger,
            records_video=plan.records_video,
            on_failure=lambda error: self._failed("record", error),
        )
        self._line = line
        self._progress.past = Past(
            self._record.arenas,
            self._record.labels,
            [each.name for each in self._record.detectors],
            info.fps,
            self.config.publish.history_s,
        )
        self._start_stages(line, arenas, rules)
        if before is not None:
            line.acted(continued_action(before))
        self._capture.outlets = Outlets(composer, line)

    def _keep_background(self, arena: str, picture: NDArray[np.uint8]) -> None:
        """Keep the picture that is subtracted in an arena, so that the same live frames can be composed again."""
        write_background(self.folder / BACKGROUND_FILE.format(arena=arena), picture)

    def _ordered(self, decision: Decision) -> None:
        if self._stimulation is not None:
            self._stimulation.decided(decision)

    def _make_decider(
        self, embedder: OnnxEmbedder, arenas: tuple[ArenaObserver, ...], interval: int, rules: RuleSet | None
    ) -> Decider:
        return Decider(
            embedder,
            arenas,
            build.projection(self._plan.reference, self.config, self._plan.card),
            frame_interval=interval,
            align=self.config.observe.align,
            rules=self._parts.rules(rules),
        )

    def _make_teacher(self, line: Line, boundary: Boundary, arenas: tuple[ArenaObserver, ...]) -> Teacher | None:
        """Who teaches the classifiers; None where there are none."""
        untaught = {each.arena: each.classifier for each in arenas if each.classifier is not None}
        known, observe = self._plan.reference, self.config.observe
        if known is None or not untaught:
            return None
        teachings = Teachings(known, observe.teach_exposures)
        if self._continues is not None:
            teachings = taught_in(self._continues, known, observe.teach_exposures)
            self._decider.teach(taught(untaught, teachings))
        recent = Recent(tuple(untaught), max(1, round(observe.teach_s * self._capture.info.fps)))
        self._progress.recent = recent

        def swap(classifiers: Mapping[str, Classifier], bout: Bout | None) -> None:
            self._decider.teach(classifiers)
            if bout is not None:
                self._progress.bouts.append(bout)
                line.decided(Decided((), None, Ending(bouts=(bout,))))

        return Teacher(teachings, untaught, recent, boundary, swap, folder=self.folder)

    def _start_stages(self, line: Line, arenas: tuple[ArenaObserver, ...], rules: RuleSet | None) -> None:
        """Start from the last stage to the first, so that each finds its output open."""
        config, meters = self.config, self._meters
        self._start_outlets(line)
        commands = Commands(line.live.wake)
        boundary = Boundary(commands, lambda: self._ledger.next_index, line)
        self._teacher = self._make_teacher(line, boundary, arenas)
        if rules is not None:
            devices = {each.name: self._devices.stages[each.device] for each in config.trigger}
            self._stimulation = Stimulation(rules, devices, boundary, line, lambda: self._ledger.next_index)
            self._devices.listener = self._stimulation.report
        self._state = State(
            record=self._record,
            capture=self._capture,
            decider=self._decider,
            ledger=self._ledger,
            line=line,
            meters=meters,
            progress=self._progress,
            video=self._video,
            teacher=self._teacher,
            stimulation=self._stimulation,
            error=lambda: self.error,
            disk=DiskWatch(self.folder),
        )
        if config.publish.control is not None:
            self._control = Control(config.publish, make_token(self.folder), self._execute)
            leave_address(self.folder, self._control.address)
        message = session_message(self._plan, self._record, self.folder, self.control_address, self.preview_address)
        if line.published is not None:
            self._publishing = PublishStage(config.publish, message, line.published, line.recording, meters)
            self._run("publish", self._publishing.run)
        self._deciding = DecideStage(
            self._decider,
            line,
            self._ledger,
            commands,
            self._progress,
            lambda: self._capture.last_index,
            meters,
            round_=self._round,
            ordered=self._ordered,
            idle_s=BEAT_S if self._devices.stages else IDLE_S,
        )
        helpers = {"teach": self._teacher, "stimulation": self._stimulation}
        for name, helper in helpers.items():
            if helper is not None:
                self._run(name, helper.run)
        self._run("decide", self._deciding.run)
        self._verbs = Verbs(
            message,
            status=lambda: self._state.status("running"),
            progress=self._progress,
            boundary=boundary,
            teacher=self._teacher,
            stimulation=self._stimulation,
            set_threshold=self._decider.set_threshold,
            line=line,
            stills=None if self._previewing is None else self._previewing.stills,
            stop=self.stop,
        )
        if self._control is not None:
            self._run("control", partial(_serve, self._control))

    def _start_outlets(self, line: Line) -> None:
        """Start what keeps and shows."""
        config, meter = self.config, self._meters
        log = LogStage(self.folder, config.record, self._plan.model_id, line.recording, meter["record"], self._ending)
        self._run("record", log.run)
        if self._plan.records_video:
            self._video = VideoStage(
                self.folder, config.record, self._capture.info, line.recording, line.quiet, meter["video"]
            )
            self._run("video", self._video.run)
        if line.preview is not None:
            self._previewing = PreviewStage(config.publish, self.session_id, line.preview, line.quiet)
            self._run("preview", self._previewing.run)

    def _execute(self, verb: str, arguments: dict[str, Any]) -> Result:
        return self._verbs.execute(verb, arguments)

    def _run(self, name: str, body: Callable[[Ready], None]) -> None:
        stage = Stage(name, body, self._failed)
        self._stages[name] = stage
        stage.start()

    def _abandon(self) -> None:
        """Undo a start that failed: end whatever was opened."""
        self._stop.set()
        self._capture.go.set()
        if self._line is not None:
            self._line.close()
        for helper in (self._teacher, self._stimulation):
            if helper is not None:
                helper.close()
        self._devices.close()
        if self._control is not None:
            self._control.stop()
            if "control" not in self._stages:
                self._control.close()
        for stage in self._stages.values():
            stage.join()

    # --- running and ending -------------------------------------------------------------------------------------

    def _failed(self, name: str, error: Exception) -> None:
        """A stage has failed: keep the first error, and end the session in order."""
        if self.error is None:
            self.error = error
        if name in self._meters:
            self._meters[name].error = str(error)
        self._stop.set()

    def _supervise(self) -> None:
        """Say how it goes once a second until the source has ended, then end the stages in the order of the data."""
        line = self._line
        assert line is not None
        for name in ("acquire", "decide"):
            while not self._stages[name].join(STATUS_PERIOD_S):
                self._tick(line, "stopping" if self._stop.is_set() else "running")
        if self._stages["decide"].error is not None:
            self._deciding.account_for_the_rest()
        self._end_stimulation()
        self._end_teaching(line)
        self._join("preview")
        line.recording.video_channel.close()
        self._join("video")
        self._tick(line, "ended")
        if self._control is not None:
            self._control.stop()
        self._join("control")
        if line.published is not None:
            line.published.close()
        self._join("publish")
        line.recording.log_channel.close()
        self._join("record")
        sys.setswitchinterval(self._switch_interval)
        gc.unfreeze()
        self._ended.set()

    def _end_stimulation(self) -> None:
        """Switch every device off; each reports what it had still to do as disarmed."""
        self._devices.close()
        for name in self._devices.stages:
            self._join(stage_name(name))
        if self._stimulation is not None:
            self._stimulation.close()
            self._join("stimulation")

    def _end_teaching(self, line: Line) -> None:
        """Wait for a classifier that is being rebuilt, then log how well what was taught had been foreseen."""
        if self._teacher is None:
            return
        self._teacher.close()
        while not self._stages["teach"].join(STATUS_PERIOD_S):
            self._tick(line, "stopping")
        if self._teacher.tallies:
            line.acted(summary(self._teacher.tallies, self._ledger.next_index))

    def _join(self, name: str) -> None:
        if name in self._stages:
            self._stages[name].join()

    def _tick(self, line: Line, state: StatusState) -> None:
        try:
            self._state.update_rates()
            line.publish(self._state.status(state))
            line.recording.log(self._state.stages())
        except Exception as error:  # noqa: BLE001 - who ends the session must outlive what is said of it
            self._failed("status", error)

    def _ending(self) -> tuple[str, int, str]:
        """How the session ended in a word, its last exposure, and why in a sentence."""
        if self.error is not None:
            return "failed", self._capture.last_index, str(self.error)
        if self._stopped_by is not None:
            return "stopped", self._capture.last_index, self._stopped_by
        return "ended", self._capture.last_index, self._capture.how


def _serve(control: Control, ready: Ready) -> None:
    """Body of the stage that answers the control socket."""
    ready()
    control.serve()
