"""A video embedded whole, by choice with the paper's padded edges."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from selfee_rt import build
from selfee_rt.config import ArenaConfig, ModelConfig, SourceConfig
from selfee_rt.decide import Decider
from selfee_rt.errors import ConfigError
from selfee_rt.types import LiveFrames, read_only
from selfee_rt.workbench.embedding import OpenRecording, Progress, too_short
from selfee_rt.workbench.evaluate.recordings import Embeddings


def embed_padded(
    source: SourceConfig, model: ModelConfig, arena: ArenaConfig, *, pad: bool, progress: Progress
) -> Embeddings:
    """Embed one arena of one recording; with `pad` the exposures at its two ends too.

    There the missing past or future is the current picture, as in the paper's code, so that each exposure has an
    embedding. Live there is none for the first ones, and the last ones are never needed.
    Source: Jia et al. 2022, eLife 11:e76218, `Selfee_inferPerVideo.py` of its repository.

    Raises:
        ConfigError: the recording is too short for a single live frame; further as `OpenRecording`.
    """
    index, vectors = [], []
    with OpenRecording(source, model, arena, progress=progress) as recording:
        embedder = build.embedder(model, batch=1)
        try:
            decider = Decider(embedder, (), None, frame_interval=recording.interval, align="current")
            for exposure, image in _pictures(recording, pad):
                index.append(exposure)
                vectors.append(decider.embed(image).vector[0].astype(np.float16))
        finally:
            embedder.close()
        if not index:
            raise ConfigError([too_short(recording)])
        return Embeddings(
            name=Path(recording.info.name).name,
            kind="video",
            identity=recording.info.content_sha256 or "",
            model_id=recording.model_id,
            model_name=f"{recording.card.name} {recording.card.version}",
            fps=recording.info.fps,
            interval=recording.interval,
            exposures=recording.exposures,
            frame_index=read_only(np.array(index, dtype=np.int64)),
            embedding=read_only(np.stack(vectors)),
            notes=(*recording.info.notes, recording.ended or ""),
        )


def _pictures(recording: OpenRecording, pad: bool) -> Iterator[tuple[int, LiveFrames]]:
    """The exposures that have a live frame, or with `pad` all, in order."""
    if not pad:
        yield from ((live.exposure.index, live) for live in recording.live_frames())
        return
    interval = recording.interval
    first: list[LiveFrames] = []
    newest: deque[LiveFrames] = deque(maxlen=interval)
    for live in recording.live_frames():
        newest.append(live)
        if live.exposure.index < 2 * interval:
            first.append(live)
            continue
        yield from _opening(first, interval)
        first.clear()
        yield live.exposure.index, live
    yield from _opening(first, interval)
    for live in newest:
        exposure = live.exposure.newest_index
        if exposure > recording.exposures - 1 - interval:
            yield exposure, _with(live, [1, 2, 2])


def _opening(first: list[LiveFrames], interval: int) -> Iterator[tuple[int, LiveFrames]]:
    """The padded first exposures, made of the first live frames, and then those."""
    for live in first:
        yield live.exposure.index - interval, _with(live, [0, 0, 1])
    yield from ((live.exposure.index, live) for live in first)


def _with(live: LiveFrames, channels: list[int]) -> LiveFrames:
    picture = read_only(np.ascontiguousarray(live.image[:, channels]))
    return LiveFrames(live.exposure, picture, live.image_stats, live.composed_ns)
