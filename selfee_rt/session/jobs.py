"""Requests of clients that take time: carried out one after the other, in a thread of their own."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import msgspec

from selfee_rt.channels import Channel
from selfee_rt.errors import ChannelClosed, ControlError, Overrun, SelfeeRTError
from selfee_rt.session.stage import Ready
from selfee_rt.session.stages import items

MOST_WAITING = 16
"""Requests that may wait for the one that is being carried out."""
ENDING = "the session is ending; nothing was changed"

Job = Callable[[], msgspec.Struct | None]
Reply = Future[dict[str, Any]]


class Jobs:
    """The jobs of one stage, in the order in which they were asked for, and who waits for each.

    A job that refuses is answered and the next one follows. With any other error the stage
    fails, and everyone who waits is answered before it does.
    """

    def __init__(self, name: str, *, waiting: str, refusal: type[SelfeeRTError], then: str) -> None:
        """Name the channel.

        Args:
            name: of the channel.
            waiting: what the requests are called when too many of them wait.
            refusal: what a job raises to refuse.
            then: how the sentence ends that says that the session failed at a job.
        """
        self._waiting, self._refusal, self._then = waiting, refusal, then
        self._jobs = Channel[tuple[Job, Reply | None]](name, capacity=MOST_WAITING, when_full="fail")

    def ask(self, job: Job) -> Reply:
        """Have a job carried out; the reply comes when it has been.

        Raises:
            ControlError: too many wait already, or the session is ending.
        """
        reply: Reply = Future()
        self._put(job, reply)
        return reply

    def run_later(self, job: Job) -> None:
        """Have a job carried out that nobody waits for; raises as `ask`."""
        self._put(job, None)

    def _put(self, job: Job, reply: Reply | None) -> None:
        try:
            self._jobs.put((job, reply))
        except Overrun as full:
            raise ControlError(
                f"{MOST_WAITING} {self._waiting} are waiting already; nothing was changed, try again"
            ) from full
        except ChannelClosed as ended:
            raise ControlError(ENDING) from ended

    def close(self) -> None:
        """Refuse what waits and everything from now on; what is being carried out may end. From any thread."""
        self._jobs.close()
        for _, reply in self._jobs.drain():
            if reply is not None:
                reply.set_exception(ControlError(ENDING))

    def run(self, ready: Ready) -> None:
        """The stage's body."""
        ready()
        try:
            for job, reply in items(self._jobs):
                self._carry_out(job, Future() if reply is None else reply)
        finally:
            self.close()

    def _carry_out(self, job: Job, reply: Reply) -> None:
        try:
            result = job()
        except self._refusal as refusal:
            reply.set_exception(refusal)
        except BaseException as error:
            reply.set_exception(ControlError(f"the session failed at this ({error}){self._then}"))
            raise
        else:
            reply.set_result({} if result is None else plain(result))


def plain(result: msgspec.Struct) -> dict[str, Any]:
    """A result as what a reply holds."""
    builtins: dict[str, Any] = msgspec.to_builtins(result)
    return builtins
