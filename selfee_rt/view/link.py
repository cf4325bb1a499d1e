"""The connection to one session: a thread that receives, decodes and keeps what the window will look at."""

import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import zmq

from selfee_rt.clock import now_ns
from selfee_rt.view.access import token_of
from selfee_rt.view.addresses import reachable
from selfee_rt.view.asking import Asked, Asking
from selfee_rt.view.clips import Clips
from selfee_rt.view.decode import EMBEDDINGS, Newer, Preview, Unreadable, decode, decode_preview
from selfee_rt.view.model import Model
from selfee_rt.view.pictures import Pictures
from selfee_rt.view.source import Heard, Moments, Source, Where
from selfee_rt.wire import TOPICS, Message, SessionMessage

__all__ = ["Heard", "Link", "Where"]

HIGH_WATER = 20_000
"""Messages that may wait for this thread: more than half a minute of the fastest camera."""
BATCH = 2_000
"""Messages that are taken at once."""
PACE_MS = 30
"""Observations are taken in batches this far apart, so that the thread rarely wakes."""
MOST_WAITING = 32
"""Requests that may wait for the thread."""
MOST_SCHEMAS = 100
LARGEST_PREVIEW = 8 * 2**20
LARGEST_MESSAGE = 2**20


class Link(Source):
    """Receives from `start` to `close`; `model` is what the newest session has said, None before there is one.

    A session that ends leaves its model; one that begins brings a new one.
    """

    def __init__(self, where: Where) -> None:
        super().__init__(where.observations)
        self.where = where
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._requests: queue.Queue[Asked] = queue.Queue(MOST_WAITING)
        self._woken, self._waker = (self._context.socket(zmq.PAIR) for _ in range(2))
        self._woken.bind("inproc://wake")
        self._waker.connect("inproc://wake")
        self._observations = self._subscriber(tuple(TOPICS), {zmq.RCVHWM: HIGH_WATER, zmq.MAXMSGSIZE: LARGEST_MESSAGE})
        self._observations.connect(where.observations)
        self._previews: zmq.Socket[bytes] | None = None
        self._asking: Asking | None = None
        self._gets_embeddings = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="selfee-rt view link")

    # --- from the window ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to receive."""
        self._thread.start()

    def ask(self, verb: str, arguments: Mapping[str, Any], says: str) -> Asked:
        """Send a request; returns at once, and what became of it appears in what is returned."""
        asked = Asked(verb, arguments, says)
        if self.deaf:
            asked.fail(self.deaf)
            return asked
        try:
            self._requests.put_nowait(asked)
        except queue.Full:
            asked.fail(f"{MOST_WAITING} requests are waiting already; nothing was changed")
        self._wake()
        return asked

    def moments(self) -> Moments:
        """Who finds pictures of moments: among those seen, else at the session."""
        return Clips(self)

    def close(self) -> None:
        """End the thread and close every socket."""
        self._stopping = True
        self._wake()
        self._thread.join()
        self._waker.close()
        self._context.term()

    def _wake(self) -> None:
        with suppress(zmq.Again):  # then it is being woken already
            self._waker.send(b"", zmq.DONTWAIT)

    # --- in the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._disconnect("the window was closed")
            self._observations.close()
            self._woken.close()

    def _turn(self) -> None:
        """Wait a moment, less if a picture, a reply or a request comes, and take everything that is there."""
        for socket, _ in self._poller().poll(PACE_MS):
            if socket is self._woken:
                self._woken.recv()
        self._want_embeddings()
        self._take_observations()
        self._take_preview()
        self._take_requests()
        if self._asking is not None:
            try:
                self._asking.receive()
            except ValueError as error:
                self._garbage(str(error))
            self._asking.look_after()

    def _poller(self) -> zmq.Poller:
        poller = zmq.Poller()
        replies = None if self._asking is None else self._asking.socket
        for socket in (self._woken, self._previews, replies):
            if socket is not None:
                poller.register(socket, zmq.POLLIN)
        return poller

    def _take_observations(self) -> None:
        for _ in range(BATCH):
            try:
                frames = self._observations.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return
            if frames[0].startswith(EMBEDDINGS):
                self._keep_embedding(frames[0][len(EMBEDDINGS) :].decode(errors="replace"), frames[-1])
                continue
            try:
                self._heard(*decode(frames))
            except Newer as newer:
                self._newer(str(newer))
            except Unreadable as error:
                self._garbage(str(error))

    def _keep_embedding(self, arena: str, message: bytes) -> None:
        """The newest one of each arena; decoded only where it is shown."""
        if self.model is not None and arena in self.model.arenas:
            self.embeddings[arena] = message

    def _want_embeddings(self) -> None:
        """Subscribe to embeddings, or no more; they are many bytes."""
        wanted = self.wants_embeddings
        if wanted != self._gets_embeddings:
            self._gets_embeddings = wanted
            self._observations.setsockopt(zmq.SUBSCRIBE if wanted else zmq.UNSUBSCRIBE, EMBEDDINGS)

    def _take_preview(self) -> None:
        if self._previews is None or not self._previews.poll(0):
            return
        try:
            preview = decode_preview(self._previews.recv(), now_ns())
        except Newer as newer:
            self._newer(str(newer))
        except Unreadable as error:
            self._garbage(str(error))
        else:
            if self.model is not None and preview.header.session_id == self.model.session.session_id:
                self._see(preview)

    def _see(self, preview: Preview) -> None:
        """A picture came; where the camera's clock has jumped back, those before it could not be told apart by time."""
        if self.preview is not None and preview.header.media_ns < self.preview.header.media_ns:
            self.pictures = Pictures()
        self.preview = preview
        self.pictures.see(preview)

    def _take_requests(self) -> None:
        with suppress(queue.Empty):
            while True:
                asked = self._requests.get_nowait()
                if self._asking is None:
                    asked.fail(self.deaf)
                else:
                    self._asking.ask(asked)

    def _heard(self, topic: str, message: Message) -> None:
        """Take a message; what a session says before it has introduced itself is left out."""
        self.heard.last_ns = now_ns()
        self.heard.n_messages += 1
        model = self.model
        if isinstance(message, SessionMessage) and (model is None or model.session.session_id != message.session_id):
            model = self._begin(message)
        if model is not None and model.session.session_id == message.session_id:
            model.apply(topic, message)

    def _begin(self, session: SessionMessage) -> Model:
        """Meet a session."""
        self._disconnect("the session ended before it answered")
        self.preview = None
        self.pictures = Pictures()
        self.embeddings = {}
        model = Model(session)
        if session.preview is not None:
            self._previews = self._subscriber(("",), {zmq.CONFLATE: 1, zmq.MAXMSGSIZE: LARGEST_PREVIEW})
            self._previews.connect(reachable(session.preview, self.where.observations))
        token, self.deaf = token_of(session, self.where.token_file)
        if token:
            asking = Asking(self._context, reachable(session.control or "", self.where.observations), token)
            if self.where.keys is not None:
                self.where.keys.secure(asking.socket)
            asking.connect()
            self._asking = asking
        self.model = model  # last: whoever sees it may ask
        return model

    def _disconnect(self, why: str) -> None:
        self._take_requests()
        if self._asking is not None:
            self._asking.close(why)
            self._asking = None
        if self._previews is not None:
            self._previews.close()
            self._previews = None

    def _subscriber(self, topics: tuple[str, ...], options: Mapping[int, int]) -> "zmq.Socket[bytes]":
        socket = self._context.socket(zmq.SUB)
        socket.linger = 0
        for option, value in options.items():
            socket.setsockopt(option, value)
        if self.where.keys is not None:
            self.where.keys.secure(socket)
        for topic in topics:
            socket.subscribe(topic)
        return socket

    def _garbage(self, why: str) -> None:
        self.heard.n_garbage += 1
        self.heard.garbage = why

    def _newer(self, schema: str) -> None:
        self.heard.last_ns = now_ns()
        known = self.heard.newer
        if schema in known or len(known) < MOST_SCHEMAS:
            known[schema] = known.get(schema, 0) + 1
