"""A process that records as a session would until it is killed, and prints when it has handed over each exposure.

python -m tests.record.writer FOLDER [h264|ffv1]
"""

import sys
import time
from pathlib import Path

import numpy as np

from selfee_rt.clock import now_ns
from selfee_rt.config import RecordConfig
from selfee_rt.record.embeddings import EmbeddingStore
from selfee_rt.record.log import SessionLog
from selfee_rt.record.video import VideoRecorder
from tests.record.history import INFO, MODEL_ID, PERIOD_NS, embeddings, frame, make_folder, observation


def main(path: Path, codec: str) -> None:
    """Record at 100 fps for ever."""
    folder = make_folder(path)
    log, store = SessionLog(folder), EmbeddingStore(folder, 2, MODEL_ID)
    video = VideoRecorder(folder, RecordConfig(video=codec, segment_s=1), INFO)
    image = np.random.default_rng(0).integers(0, 256, (48, 64), np.uint8)
    began_ns = now_ns()
    index = 0
    while True:
        time.sleep(max(0, (began_ns + index * PERIOD_NS - now_ns()) / 1e9))
        start_ns = now_ns() - index * PERIOD_NS
        log.write(video.write(frame(index, np.roll(image, index, axis=1), start_ns)))
        for arena in ("left", "right"):
            log.write(observation(arena, index, start_ns))
        store.write(embeddings(index, start_ns=start_ns))
        store.commit_if_due(now_ns())
        log.commit_if_due(now_ns())
        sys.stdout.write(f"{now_ns()}\n")
        sys.stdout.flush()
        index += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
