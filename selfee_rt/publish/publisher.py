"""Observations, embeddings, bouts and stimuli to whoever listens."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import msgspec
import zmq

from selfee_rt import wire
from selfee_rt.clock import NS_PER_S
from selfee_rt.config import PublishConfig
from selfee_rt.publish.bound import BoundSocket
from selfee_rt.stimuli import Delivery, Trigger
from selfee_rt.types import Action, Bout, Embeddings, Observation, Revision
from selfee_rt.wire import make

Item = Observation | Revision | Embeddings | Bout | Trigger | Delivery | Action
ItemT = TypeVar("ItemT", bound=Item)

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
        rules = () if session.stimulation is None else session.stimulation.rules
        self._rules = {rule.device: rule for rule in rules}
        self._arenas = tuple(arena.name for arena in session.arenas)
        self._seq: Counter[str] = Counter()
        self._index: int | None = None
        self._repeated: dict[str, wire.SessionMessage | wire.StatusMessage] = {"session": session}
        self._due_ns: dict[str, int] = {}
        self._state: str | None = None

    def write(self, item: Item) -> None:
        """Send one item; embeddings one message per arena, none where the configuration has them off."""
        match item:
            case Observation():
                self._index = item.exposure.index
                self._say(f"observation.{item.arena}", make.observation, item)
            case Revision():
                self._say(f"revision.{item.arena}", make.revision, item)
            case Embeddings():
                self._write_embeddings(item)
            case Bout():
                self._say(f"bout.{item.arena}", make.bout, item)
            case Trigger():
                self._say(f"trigger.{item.arena}", make.trigger, item)
            case Delivery():
                self._write_delivery(item)
            case Action():
                self._say("log", make.log, item)

    def _say(self, topic: str, message: Callable[[ItemT, str, int], wire.Message], item: ItemT) -> None:
        self._send(topic, wire.encode(message(item, self._session_id, self._seq[topic])))

    def _write_delivery(self, item: Delivery) -> None:
        rule = self._rules[item.device]
        topic = f"delivery.{rule.arena}"
        self._send(topic, wire.encode(make.delivery(item, rule, self._session_id, self._seq[topic], self._index)))

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
