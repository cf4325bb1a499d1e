"""What the control socket can ask of a session."""

from collections.abc import Callable
from typing import Any

from selfee_rt.errors import ControlError
from selfee_rt.publish.control import Result
from selfee_rt.publish.stills import Still, Stills
from selfee_rt.session.boundary import Boundary
from selfee_rt.session.history import history
from selfee_rt.session.jobs import plain
from selfee_rt.session.line import Line
from selfee_rt.session.progress import Progress
from selfee_rt.session.stimulation import Stimulation
from selfee_rt.session.teacher import Teacher
from selfee_rt.wire import Clip, ClipPicture, SessionMessage, State, StatusMessage


class Verbs:
    """Executes requests: those that only look at once, those that change something between two exposures.

    What is to be taught is answered later, when it has been learned.

    Whatever changes something is logged with the exposure from which it holds.
    """

    def __init__(
        self,
        session: SessionMessage,
        *,
        status: Callable[[], StatusMessage],
        progress: Progress,
        boundary: Boundary,
        teacher: Teacher | None,
        stimulation: Stimulation | None,
        set_threshold: Callable[[str, float | None], None],
        line: Line,
        stills: Stills | None,
        stop: Callable[[str], None],
    ) -> None:
        self._session = session
        self._status = status
        self._progress = progress
        self._boundary = boundary
        self._teacher = teacher
        self._stimulation = stimulation
        self._set_threshold = set_threshold
        self._line = line
        self._stills = stills
        self._stop = stop

    def execute(self, verb: str, arguments: dict[str, Any]) -> Result:
        """Carry out one request whose arguments have been checked.

        Raises:
            ControlError: it is refused.
        """
        match verb:
            case "status":
                return plain(State(session=self._session, status=self._status()))
            case "history":
                self._check_arena(arguments["arena"])
                return history(self._progress, self._session.session_id, **arguments)
            case "clip":
                return plain(self._clip(**arguments))
            case "mark":
                self._check_arena(arguments.get("arena"))
                return self._between_exposures(verb, arguments, lambda: None)
            case "set_threshold":
                change = (arguments["detector"], arguments["threshold"])
                return self._between_exposures(verb, arguments, lambda: self._set_threshold(*change))
            case "start_recording" | "stop_recording":
                on = verb == "start_recording"
                return self._between_exposures(verb, arguments, lambda: self._line.switch_video(on))
            case "stop":
                effect = self._between_exposures(verb, arguments, lambda: None)
                self._stop("stopped through the control socket")
                return effect
            case _:
                return self._ask_others(verb, arguments)

    def _ask_others(self, verb: str, arguments: dict[str, Any]) -> Result:
        """What is not answered at once."""
        match verb:
            case "label" | "undo" | "retract" | "save_reference":
                return self._can_be_taught().ask(verb, arguments)
            case "arm" | "disarm" | "disarm_all" | "fire":
                return self._has_rules().ask(verb, arguments)
            case _:
                raise ControlError(f"a session cannot {verb!r}")

    def _between_exposures(self, verb: str, arguments: dict[str, Any], change: Callable[[], None]) -> dict[str, Any]:
        return plain(self._boundary.run(verb, arguments, change))

    def _can_be_taught(self) -> Teacher:
        if self._teacher is None:
            raise ControlError(
                "this session has no classifier, so there is nothing to teach; "
                "give it a reference or observe.labels, and a classifier other than none"
            )
        return self._teacher

    def _has_rules(self) -> Stimulation:
        if self._stimulation is None:
            raise ControlError("this session has no rule, so there is nothing to arm; describe one in [[trigger]]")
        return self._stimulation

    def _clip(self, index: int, seconds: float, pictures: int) -> Clip:
        if self._stills is None:
            raise ControlError("this session keeps no pictures: publish.preview is off, or publish.clip_s is 0")
        found = self._stills.around(index, seconds, pictures)
        return Clip(pictures=tuple(map(_picture, found)))

    def _check_arena(self, arena: str | None) -> None:
        names = [each.name for each in self._session.arenas]
        if arena is not None and arena not in names:
            raise ControlError(f"no arena is called {arena!r}; expected one of: {', '.join(names)}")


def _picture(still: Still) -> ClipPicture:
    return ClipPicture(
        index=still.index,
        media_ns=still.media_ns,
        captured_ns=still.captured_ns,
        width_px=still.width_px,
        height_px=still.height_px,
        scale=still.scale,
        jpeg=still.jpeg,
    )
