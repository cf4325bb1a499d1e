"""Observations, embeddings and bouts to whoever listens."""

from collections import Counter

import msgspec
import zmq

from selfee_rt import wire
from selfee_rt.clock import NS_PER_S
from selfee_rt.config import PublishConfig
from selfee_rt.publish.bound import BoundSocket
from selfee_rt.types import Action, Bout, Embeddings, Observation, Revision
from selfee_rt.wire import make

HIGH_WATER = 1000
"""Messages that wait for one subscriber; beyond it libzmq drops that subscriber's, which it sees by `seq`."""

REPEAT_NS = NS_PER_S
"""`session` and `status` come again after this long, for late joiners."""


class Publisher:
    """Sends every message as two frames, `[topic][payload]`; used by one thread, and never blocks it.

    libzmq queues for each subscriber by itself, so that a slow or dead one costs the others nothing.
    """

    def __init__(self, config: PublishConfig, session: wire.SessionMessage) -> None:
        """Bind at once.

        Raises:
            PublishError: the address cannot be bound, or may not be.
        """
        self._bound = BoundSocket(
            zmq.PUB, config.observations, "publish.observations", config.curve, {zmq.SNDHWM: HIGH_WATER}
        )
        self.address = self._bound.address
        """Where it is bound."""
        self.n_sent = 0
        """Messages handed to libzmq, whether anyone listens or not."""
        self._embeddings = config.embeddings
        self._session_id = session.session_id
        self._arenas = tuple(arena.name for arena in session.arenas)
        self._seq: Counter[str] = Counter()
        self._index: int | None = None
        self._repeated: dict[str, wire.SessionMessage | wire.StatusMessage] = {"session": session}
        self._due_ns: dict[str, int] = {}
        self._state: str | None = None

    def write(self, item: Observation | Revision | Embeddings | Bout | Action) -> None:
        """Send one item; embeddings one message per arena, none where the configuration has them off."""
        match item:
            case Observation():
                topic = f"observation.{item.arena}"
                self._index = item.exposure.index
                self._send(topic, wire.encode(make.observation(item, self._session_id, self._seq[topic])))
            case Revision():
                topic = f"revision.{item.arena}"
                self._send(topic, wire.encode(make.revision(item, self._session_id, self._seq[topic])))
            case Embeddings():
                self._write_embeddings(item)
            case Bout():
                topic = f"bout.{item.arena}"
                self._send(topic, wire.encode(make.bout(item, self._session_id, self._seq[topic])))
            case Action():
                self._send("log", wire.encode(make.log(item, self._session_id, self._seq["log"])))

    def _write_embeddings(self, item: Embeddings) -> None:
        for row, arena in enumerate(self._arenas if self._embeddings else ()):
            topic = f"embedding.{arena}"
            self._send(topic, make.embedding(item, row, arena, self._session_id, self._seq[topic]))

    def status(self, message: wire.StatusMessage) -> None:
        """Take the newest status; it leaves at once if its state is new, else when the last is a second old."""
        self._repeated["status"] = message
        if message.state != self._state:
            self._state = message.state
            self._repeat("status", message.at_ns)
        else:
            self.tick(message.at_ns)

    def tick(self, now_ns: int) -> None:
        """Send `session` and `status` where a second has passed since; call it at least a few times a second."""
        for topic in self._repeated:
            if now_ns >= self._due_ns.get(topic, now_ns):
                self._repeat(topic, now_ns)

    def _repeat(self, topic: str, now_ns: int) -> None:
        self._due_ns[topic] = now_ns + REPEAT_NS
        message = msgspec.structs.replace(self._repeated[topic], seq=self._seq[topic], index=self._index)
        self._send(topic, wire.encode(message))

    def _send(self, topic: str, payload: bytes) -> None:
        self._bound.socket.send_multipart([topic.encode(), payload])
        self._seq[topic] += 1
        self.n_sent += 1

    def close(self) -> None:
        """Give what is queued half a second to leave, and unbind. Allowed twice."""
        self._bound.close()
