"""A finished session decided again, from its stored embeddings and its logged actions."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.build.continued import continuation, seeds_of, taught_in
from selfee_rt.config import SessionConfig
from selfee_rt.decide import Decider, Decision
from selfee_rt.embed.model import read_card
from selfee_rt.errors import FolderError, ModelError
from selfee_rt.folder import ContinuedRecord, SessionFolder, SessionRecord
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.teaching import Teachings
from selfee_rt.trigger.grammar import parse
from selfee_rt.trigger.history import History
from selfee_rt.trigger.syntax import looks_at_picture
from selfee_rt.types import Embeddings, Observation, read_only
from selfee_rt.workbench.changes import Changes


class _Stored:
    """Stands where the embedder would: the vectors are there already."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Refuse: there are no live frames to embed."""
        raise ModelError(f"got {len(images)} live frames while rescoring; expected stored embeddings alone")

    def close(self) -> None:
        """Nothing is open."""


def rescore(folder: Path) -> Iterator[Decision]:
    """Decide a session's stored exposures again, with what was set and taught during it.

    On the same machine with the same versions the observations are equal, bit for bit, to those of the session,
    host times aside.

    Raises:
        FolderError: not every exposure's embedding was stored, or a rule looked at the picture.
        ReferenceFileError, TemplateFileError: the reference or a template is missing, or was made with another model.
    """
    with SessionFolder(folder) as session:
        record = session.record
        store = session.embedding_store
        if store is None or store.every != 1:
            raise FolderError(
                f"{folder} holds {'no embeddings' if store is None else f'every {store.every}. embedding'}, "
                "expected all: what is missing cannot be rescored; record with embeddings_every = 1"
            )
        config = SessionConfig.model_validate(record.config)
        known = build.reference(config, record.model.sha256)
        build.templates(config, known, record.model.sha256)
        arenas = build.observers(config, known, record.source.fps, 4 * record.frame_interval)
        _check_rules(config)
        rules = build.rules(
            config, seeds_of(folder, record), arenas, record.source, record.frame_interval, _history(record)
        )
        decider = Decider(
            _Stored(record.model.sha256),
            arenas,
            build.projection(known, config, read_card(build.model_path(config.model))),
            frame_interval=record.frame_interval,
            align=config.observe.align,
            rules=rules,
        )
        most = config.observe.teach_exposures
        teachings = None if known is None else _teachings(record.continues, known, most)
        changes = Changes(decider, arenas, teachings, rules, session.actions())
        vectors = zip(*(session.embeddings(arena) for arena in record.arenas), strict=True)
        observed = session.observations(record.arenas[0])
        for at, said in zip(vectors, observed, strict=True):
            changes.apply(said.exposure.index)
            embeddings = _embeddings(np.stack([vector for _, vector in at]), said, record.model.sha256)
            decision = decider.observe(embeddings, said.decided_ns)
            changes.observed(decision)
            yield decision


def _check_rules(config: SessionConfig) -> None:
    """Refuse rules that looked at what was not stored, instead of deciding otherwise than the session did."""
    for trigger in config.trigger:
        if trigger.when is not None and looks_at_picture(parse(trigger.when).root):
            raise FolderError(
                f"trigger {trigger.name!r} looked at the brightness of the picture, which is not stored with the "
                "embeddings, so it cannot be decided again; its decisions are in the log"
            )


def _history(record: SessionRecord) -> History | None:
    """What its rules had done before a session began."""
    if record.continues is None:
        return None
    return continuation(Path(record.continues.path), datetime.fromisoformat(record.started.utc)).history


def _teachings(continues: ContinuedRecord | None, known: Reference, most_exposures: int) -> Teachings:
    """What a session had been taught before it began."""
    if continues is None:
        return Teachings(known, most_exposures)
    return taught_in(Path(continues.path), known, most_exposures)


def _embeddings(vectors: NDArray[np.float32], said: Observation, model_id: str) -> Embeddings:
    return Embeddings(said.exposure, read_only(vectors), model_id, said.composed_ns, said.embedded_ns, image_stats=None)
