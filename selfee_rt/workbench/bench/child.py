"""A runtime in a process of its own: what becomes of it is a reply or a reason, never the end of the benchmark."""

import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from selfee_rt.channels import Channel
from selfee_rt.clock import NS_PER_S, now_ns
from selfee_rt.errors import ChannelClosed
from selfee_rt.workbench.bench.messages import Block, Failed, Ready, Reply, Task, Times

WORKER = ("-m", "selfee_rt.workbench.bench.worker")
BLOCK_TIMEOUT_S = 120.0
END_TIMEOUT_S = 10.0
LOOK_S = 0.25
"""So often it is asked, while a runtime starts, whether the user has had enough."""


class ChildEnded(Exception):
    """The runtime cannot be timed, or no more; the message is the reason, for its row."""


class Child:
    """One process with one runtime; `start`, then `block` as often as wanted, then `close`."""

    def __init__(self, python: Path) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(  # noqa: S603  our own program, in the Python that the user named
            [str(python), *WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,  # the terminal's Ctrl-C is for the benchmark, which then ends its children
        )
        self._replies = Channel[bytes]("replies", capacity=2, when_full="wait")
        self._reader = threading.Thread(target=self._read, name="bench replies")
        self._reader.start()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def start(self, task: Task, *, timeout_s: float, enough: Callable[[], bool]) -> Ready:
        """Start the runtime.

        Raises:
            ChildEnded: it does not start, takes longer than `timeout_s`, or `enough` became true.
        """
        reply = self._ask(task, timeout_s, enough)
        if not isinstance(reply, Ready):
            raise ChildEnded(f"said {type(reply).__name__} at its start")
        return reply

    def block(self, block: Block) -> Times:
        """Time one block.

        Raises:
            ChildEnded: the process has ended, or does not answer.
        """
        reply = self._ask(block, BLOCK_TIMEOUT_S, lambda: False)
        if not isinstance(reply, Times):
            raise ChildEnded(f"said {type(reply).__name__} after a block")
        return reply

    def close(self) -> None:
        """End the process, by force where it does not end by itself; allowed twice."""
        self._replies.close()
        if self._process.stdin is not None:
            _close_quietly(self._process.stdin)
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._said.close()

    def _ask(self, what: Task | Block, timeout_s: float, enough: Callable[[], bool]) -> Reply:
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(OSError):  # a process that has ended may have said why: that is read below
            stdin.write(msgspec.json.encode(what) + b"\n")
            stdin.flush()
        try:
            reply: Reply = msgspec.json.decode(self._answer(timeout_s, enough), type=Reply)
        except ChannelClosed as error:
            raise ChildEnded(self._how_it_ended()) from error
        except msgspec.MsgspecError as error:
            raise ChildEnded(f"said what is no reply: {error}") from error
        if isinstance(reply, Failed):
            raise ChildEnded(reply.reason)
        return reply

    def _answer(self, timeout_s: float, enough: Callable[[], bool]) -> bytes:
        deadline_ns = now_ns() + round(timeout_s * NS_PER_S)
        while now_ns() < deadline_ns:
            line = self._replies.get(LOOK_S)
            if line is not None:
                return line
            if enough():
                self._process.kill()
                raise ChildEnded("stopped before it had started")
        self._process.kill()
        raise ChildEnded(f"did not answer for {timeout_s:g} s")

    def _how_it_ended(self) -> str:
        """In words, with the last line it said."""
        try:
            status = self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return "closed its output without ending"
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {said[-1].strip()[-300:]}" if said else ""
        return f"its process {ending(status)}{last}"

    def _read(self) -> None:
        """Hand on every line until the process closes its output; in a thread, since a pipe has no time limit."""
        stdout = self._process.stdout
        assert stdout is not None
        try:
            for line in stdout:
                self._replies.put(line)
        except ChannelClosed:
            pass
        finally:
            self._replies.close()
            stdout.close()


def ending(status: int) -> str:
    """How a process ended, from its exit status.

    >>> ending(-9)
    'was killed by SIGKILL (by the system, where memory runs out)'
    >>> ending(-11), ending(1)
    ('crashed with SIGSEGV', 'ended with status 1')
    """
    if status >= 0:
        return f"ended with status {status}"
    name = next((each.name for each in signal.Signals if each == -status), f"signal {-status}")
    if name == "SIGKILL":
        return "was killed by SIGKILL (by the system, where memory runs out)"
    return f"crashed with {name}"


def _close_quietly(pipe: IO[bytes]) -> None:
    """Close a pipe whose other end may be gone."""
    with suppress(OSError):
        pipe.close()
