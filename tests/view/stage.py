"""A session that is only acted: whatever it should say, it says, on real sockets and with the product's own control."""

import math
import threading
from collections import Counter

import msgspec
import numpy as np
import zmq

from selfee_rt import wire
from selfee_rt.clock import now_ns
from selfee_rt.config import PublishConfig
from selfee_rt.publish.control import Control, make_token
from selfee_rt.publish.jpeg import JpegEncoder
from selfee_rt.stimuli import DeviceInfo
from selfee_rt.types import SourceInfo, StageStatus
from selfee_rt.wire.hops import HOPS

LABELS = ("chasing", "copulation", "nothing", "winging")
ANYWHERE = "tcp://127.0.0.1:*"
NO_HISTORY = {"observations": (), "bouts": (), "oldest_index": None}
PERIOD_S = 5.0
"""The animal does the next thing after so long; something strange happens every six of these."""


class Stage:
    """Speaks when told to.

    `asked` holds what clients asked for; `refuse` makes it refuse a verb with a sentence, `answers` adds to an answer.
    """

    def __init__(self, folder, *, address=ANYWHERE, arenas=("left",), fps=30.0, rules=(), session_id="a" * 32):
        self.folder = folder
        self.fps = fps
        self.asked = []
        self.refuse = {}
        self.shows = {"history": lambda _: NO_HISTORY, "clip": self._no_clip}
        self.looked = []
        """What clients only looked at."""
        self.answers = {}
        self.armed = {}
        self.thresholds = {"selfee": 0.4}
        self.recording = True
        self.index = 0
        self._seq = Counter()
        self._context = zmq.Context()
        self._publisher = self._bound(zmq.PUB, address)
        self._preview = self._bound(zmq.PUB, ANYWHERE)
        self.address = self._publisher.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")
        self.control = Control(PublishConfig(control=ANYWHERE), make_token(folder), self._execute)
        self._thread = threading.Thread(target=self.control.serve, name="stage control")
        self._thread.start()
        self.started_ns = now_ns()
        self.session = self._session(session_id, arenas, rules)
        self._encoder = None

    def _bound(self, kind, address):
        socket = self._context.socket(kind)
        socket.linger = 0
        socket.sndhwm = 100_000
        socket.bind(address)
        return socket

    def close(self):
        """As if the computer died; allowed twice."""
        if self._context.closed:
            return
        self.control.stop()
        self._thread.join()
        self.control.close()
        self._publisher.close()
        self._preview.close()
        self._context.term()

    def _no_clip(self, _arguments):
        from selfee_rt.errors import ControlError

        raise ControlError("no picture is held")

    def _execute(self, verb, arguments):
        from selfee_rt.errors import ControlError

        if verb in self.refuse:
            self.asked.append((verb, arguments))
            raise ControlError(self.refuse[verb])
        if verb in self.shows:
            self.looked.append((verb, arguments))
            return self.shows[verb](arguments)
        self.asked.append((verb, arguments))
        if verb == "set_threshold":
            self.thresholds[arguments["detector"]] = arguments["threshold"]
        if verb in ("start_recording", "stop_recording"):
            self.recording = verb == "start_recording"
        if verb in ("arm", "disarm"):
            self.armed.update(dict.fromkeys(arguments["rules"], verb == "arm"))
        if verb == "disarm_all":
            self.armed = dict.fromkeys(self.armed, False)
        return {"index": self.index, "at_ns": now_ns()} | self.answers.get(verb, {})

    # --- what it says --------------------------------------------------------------------------------------------

    def say(self, topic, message):
        """Publish one message with its place in its topic."""
        message = msgspec.structs.replace(message, seq=self._seq[topic])
        self._seq[topic] += 1
        self.say_raw(topic.encode(), wire.encode(message))

    def say_raw(self, *frames):
        self._publisher.send_multipart(frames)

    def introduce(self):
        """`session` and `status`, as every second."""
        self.say("session", self.session)
        self.say("status", self.status())

    def _session(self, session_id, arenas, rules):
        width = 640 // len(arenas)
        info = DeviceInfo("rehearsal", acknowledges=True, makes_light=False, keeps_alive=True, longest_lease_ms=100)
        summaries = tuple(
            wire.RuleSummary(name=name, arena=arenas[0], device="opto", condition=f"{LABELS[3]} > 0.8 for 200 ms")
            for name in rules
        )
        devices = (wire.DeviceSummary(name="opto", info=info),)
        return wire.SessionMessage(
            session_id=session_id,
            version="0",
            started_at="2026-01-01T00:00:00+00:00",
            started_ns=self.started_ns,
            source=SourceInfo("acted", 640, 480, False, self.fps, None, "device", True, False),
            arenas=tuple(
                wire.Arena(name=name, x_px=width * place, y_px=0, width_px=width, height_px=480)
                for place, name in enumerate(arenas)
            ),
            model=wire.ModelSummary(
                name="m", version="1", model_id="0", embedding_dim=8, width_px=64, height_px=64, interval_ms=66.0
            ),
            labels=LABELS,
            detectors=(wire.DetectorSummary(name="selfee", threshold=0.4),),
            frame_interval=2,
            lookahead_ms=66.7,
            embeddings=False,
            control=self.control.address,
            preview=self._preview.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0"),
            folder=str(self.folder),
            experiment={},
            subject={},
            stimulation=wire.Stimulation(blind=False, rules=summaries, devices=devices) if rules else None,
        )

    def status(self, **changes):
        rules = () if self.session.stimulation is None else self.session.stimulation.rules
        values = {
            "session_id": self.session.session_id,
            "index": self.index,
            "at_ns": now_ns(),
            "state": "running",
            "elapsed_s": (now_ns() - self.started_ns) / 1e9,
            "fps": self.fps,
            "n_exposures": self.index,
            "n_observed": self.index,
            "losses": {"edge": 2},
            "thresholds": dict(self.thresholds),
            "recording": self.recording,
            "stages": tuple(StageStatus(name, self.index, self.index, 0, 1.0, 2.0, 3.0, 9.9) for name in HOPS),
            "stimulation": {rule.name: self._rule(rule.name) for rule in rules},
        }
        return wire.StatusMessage(**(values | changes))

    def _rule(self, name):
        armed = self.armed.get(name, False)
        return wire.RuleStatus(
            armed=armed,
            remaining_s=583.0 if armed else None,
            trials=12,
            light_s=1.2,
            verdicts={"fired": 8, "sham": 4, "refractory": 3},
            device="opto",
            device_state="rehearsal",
            makes_light=False,
        )

    def observe(self, **changes):
        """The next exposure of every arena."""
        for arena in self.session.arenas:
            self.say(f"observation.{arena.name}", self.observation(arena.name, **changes))
        self.index += 1

    def observation(self, arena, **changes):
        now = now_ns()
        media_s = self.index / self.fps
        doing = int(media_s / PERIOD_S) % len(LABELS)
        score = 0.25 + 0.1 * math.sin(media_s) + (0.3 if int(media_s / PERIOD_S) % 6 == 5 else 0.0)
        values = {
            "session_id": self.session.session_id,
            "index": self.index,
            "arena": arena,
            "media_ns": round(media_s * 1e9),
            "captured_ns": now,
            "received_ns": now,
            "newest_index": self.index + 2,
            "newest_media_ns": round(media_s * 1e9),
            "newest_captured_ns": now,
            "newest_received_ns": now,
            "composed_ns": now,
            "embedded_ns": now,
            "label_index": self.index,
            "label": LABELS[doing],
            "probabilities": tuple(0.7 + 0.2 * math.sin(media_s * 3) if n == doing else 0.1 for n in range(4)),
            "scores": {"selfee": score},
            "alarm": score > self.thresholds["selfee"],
            "stimulus": "off",
            "revision": 0,
            "observed_ns": now,
            "decided_ns": now,
        }
        return wire.ObservationMessage(**(values | changes))

    def bout(self, arena="left", label="winging", start=10, stop=40, source="predicted"):
        step = 1e9 / self.fps
        message = wire.BoutMessage(
            session_id=self.session.session_id,
            index=stop,
            arena=arena,
            label=label,
            start_index=start,
            stop_index=stop,
            start_media_ns=round(start * step),
            stop_media_ns=round(stop * step),
            source=source,
        )
        self.say(f"bout.{arena}", message)

    def show(self, image=None):
        """Publish a picture, (480, 640) uint8."""
        image = np.full((480, 640), 40, np.uint8) if image is None else image
        if self._encoder is None:
            self._encoder = JpegEncoder(image, widest_px=640)
        header = wire.PreviewHeader(
            session_id=self.session.session_id,
            seq=self.index,
            index=self.index,
            media_ns=round(self.index / self.fps * 1e9),
            captured_ns=now_ns(),
            received_ns=now_ns(),
            colour=False,
            width_px=640,
            height_px=480,
            scale=1.0,
            quality=4,
        )
        self._preview.send(wire.with_header(header, self._encoder.encode(image)))
