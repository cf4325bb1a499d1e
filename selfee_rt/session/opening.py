"""What a session opens before anything runs: source, model, devices, rules and folder, in this order."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.accounting import Ledger
from selfee_rt.compose.background_file import write_background
from selfee_rt.config import SessionConfig
from selfee_rt.decide import Decider
from selfee_rt.folder import Anchor, ContinuedRecord, create, write_blinding, write_record
from selfee_rt.folder.schema import BACKGROUND_FILE
from selfee_rt.protocols import Embedder
from selfee_rt.session.before import drawn_seeds, taken_over
from selfee_rt.session.capture import CaptureStage
from selfee_rt.session.crew import Crew
from selfee_rt.session.deciding import Round
from selfee_rt.session.describe import default_folder, session_record, stimulation_record
from selfee_rt.session.devices import Devices
from selfee_rt.session.parts import Parts
from selfee_rt.session.plan import make_plan


class Opening:
    """Opens one session; the attributes without a value are there when `open` has returned.

    Source and devices belong to stages of `crew` as soon as they are open: whoever abandons a session ends these.

    Raises:
        SelfeeRTError: model, reference and configuration do not fit together; nothing is open yet.
    """

    def __init__(
        self, config: SessionConfig, parts: Parts, crew: Crew, *, session_id: str, continues: Path | None
    ) -> None:
        self.config, self.session_id, self.continues = config, session_id, continues
        self.ledger = Ledger()
        self.round = Round()
        self.devices = Devices(config, parts.actuator, self.round, crew.stopping)
        self.plan = make_plan(config)
        meters = (crew.meters["acquire"], crew.meters["compose"])
        self.capture = CaptureStage(parts.source(), config.seconds, crew.stopping, meters)
        self.folder: Path
        self._parts, self._crew = parts, crew

    def open(self) -> None:
        """Open everything; on return the session folder says what the session is.

        Raises:
            SelfeeRTError: something cannot be opened or does not fit.
        """
        self._crew.run("acquire", self.capture.run)
        config, plan, info = self.config, self.plan, self.capture.info
        self._interval = plan.interval(info)
        exposures = self._interval.exposures
        self.composer = build.composer(config, plan.card, info, exposures, self.ledger.lost, self._keep_background)
        embedder = build.embedder(config.model, batch=len(config.arena))
        self.arenas = build.observers(config, plan.reference, info.fps, 4 * exposures)
        self.devices.open(self._crew.run, info)
        anchor = Anchor.now()
        self.before = taken_over(self.continues, anchor)
        seeds = drawn_seeds(config.trigger) | ({} if self.before is None else self.before.seeds)
        history = None if self.before is None else self.before.history
        self.rules = build.rules(config, seeds, self.arenas, info, exposures, history)
        self.decider = self._make_decider(embedder)
        self.folder = create(config.record.folder or default_folder(config, anchor))
        self._write_record(anchor, seeds, embedder.session_options_summary)
        for arena, picture in build.backgrounds(config, plan.card, info).items():
            self._keep_background(arena, picture)

    def _make_decider(self, embedder: Embedder) -> Decider:
        return Decider(
            embedder,
            self.arenas,
            build.projection(self.plan.reference, self.config, self.plan.card),
            frame_interval=self._interval.exposures,
            align=self.config.observe.align,
            rules=self._parts.rules(self.rules),
        )

    def _write_record(self, anchor: Anchor, seeds: dict[str, int], session_options: dict[str, Any]) -> None:
        """Write what the session is into its folder; where people are blinded, what they may not know apart."""
        config, before = self.config, self.before
        sealed = write_blinding(self.folder, seeds) if config.stimulation.blind else None
        self.record = session_record(
            self.plan,
            self.capture.info,
            self._interval,
            self.arenas[0],
            self.session_id,
            anchor,
            session_options,
            stimulation_record(config, self.devices.infos, seeds, sealed),
            None if before is None else ContinuedRecord(path=str(before.folder), session_id=before.session_id),
        )
        write_record(self.folder, self.record)

    def _keep_background(self, arena: str, picture: NDArray[np.uint8]) -> None:
        """Keep the picture that is subtracted in an arena, so that the same live frames can be composed again."""
        write_background(self.folder / BACKGROUND_FILE.format(arena=arena), picture)
