"""Measure how well models separate the labels of a recording, by blocked cross-validation; prints a Markdown table.

    python tools/evaluate_blocked.py VIDEO LABELS.csv --model trained=models/selfee_small.onnx --model random=r.onnx

The protocol: exposures labelled `unlabel` are left out; 6 contiguous blocks are held out in turn, 25 exposures dropped
from training on either side; centring (and projection) come from the training blocks; cosine k-NN with k = 50,
tau = 0.07, balanced by label; no smoothing; macro F1 and mAP over all held-out exposures together, with a 95 %
block-bootstrap interval (blocks of 250 exposures, 1,000 resamples).
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.config.picture import Region
from selfee_rt.errors import SelfeeRTError
from selfee_rt.workbench.embedding import OpenRecording, Progress, embed_whole
from selfee_rt.workbench.evaluate import (
    Blocked,
    Points,
    centred,
    held_out_probabilities,
    projected,
    projected_pixels,
    with_intervals,
)
from selfee_rt.workbench.labels import UNLABELLED, check_length, read_labels

PIXEL_AXES = 50
PROJECTED_DIM = 64


def rows_of_model(
    name: str, path: Path, video: Path, arena: ArenaConfig, labels: tuple[str, ...], labels_path: Path
) -> Iterator[str]:
    """Table rows of one model, without and with projection."""
    model = ModelConfig(file=path)
    recording = embed_whole(VideoFileConfig(path=video, speed="max"), model, arena, progress=progress(name))
    check_length(labels, recording.exposures, labels_path)
    scored = np.array([labels[index] != UNLABELLED for index in recording.frame_index.tolist()])
    index, rows = recording.frame_index[scored], recording.embedding[scored]
    yield row(f"{name}, {rows.shape[1]}-d", centred(rows), index, labels)
    if rows.shape[1] > PROJECTED_DIM:
        yield row(f"{name}, projected to {PROJECTED_DIM}-d", projected(rows, PROJECTED_DIM), index, labels)


def row_of_pixels(path: Path, video: Path, arena: ArenaConfig, labels: tuple[str, ...]) -> str:
    """Table row of the live frames' pixels, at the size and interval of the model at `path`."""
    pixels, index = [], []
    with OpenRecording(
        VideoFileConfig(path=video, speed="max"), ModelConfig(file=path), arena, progress=progress("pixels")
    ) as recording:
        for live in recording.live_frames():
            if labels[live.exposure.index] != UNLABELLED:
                pixels.append(live.image[0].reshape(-1))
                index.append(live.exposure.index)
    name = f"pixels of the live frames, PCA to {PIXEL_AXES}"
    return row(name, projected_pixels(np.stack(pixels), PIXEL_AXES), np.array(index), labels)


def row(name: str, points: Points, index: NDArray[np.int64], labels: tuple[str, ...]) -> str:
    """Evaluate and format one line of the table."""
    names = tuple(sorted(set(labels) - {UNLABELLED}))
    label_of = np.array([names.index(labels[position]) for position in index.tolist()])
    probabilities = held_out_probabilities(points, index, label_of, names, exposures=len(labels), protocol=Blocked())
    f1, mean_precision = with_intervals(label_of, probabilities)
    return f"| {name} | {f1} | {mean_precision} |"


def progress(name: str) -> Progress:
    """Report every 500 exposures on standard error."""

    def report(done: int, promised: int | None) -> None:
        if done % 500 == 0:
            print(f"{name}: {done} of {promised}", file=sys.stderr)

    return report


def main() -> int:
    """Print the table of every model that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("video", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--model", action="append", required=True, metavar="NAME=FILE")
    parser.add_argument("--pixels", action="store_true", help="add the row of raw pixels (about 150 MB of memory)")
    parser.add_argument("--region", type=int, nargs=4, metavar=("X", "Y", "WIDTH", "HEIGHT"), help="embed this part")
    given = parser.parse_args()
    region = (
        None if given.region is None else Region(**dict(zip(("x", "y", "width", "height"), given.region, strict=True)))
    )
    arena = ArenaConfig(name="arena", region=region)
    models = [(name, Path(path)) for name, _, path in (text.partition("=") for text in given.model)]
    try:
        labels = read_labels(given.labels)
        print("| embedding | macro F1 (95 %) | mAP (95 %) |\n|---|---|---|")
        for name, path in models:
            for line in rows_of_model(name, path, given.video, arena, labels, given.labels):
                print(line, flush=True)
        if given.pixels:
            print(row_of_pixels(models[0][1], given.video, arena, labels), flush=True)
    except SelfeeRTError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
