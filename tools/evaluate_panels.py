"""Measure how well models separate behaviours across recordings: one panel of every clip held out in turn; a table.

    python tools/evaluate_panels.py DATA/mouse_clips --leave-out inactive --model small=models/selfee_small.onnx

The folder holds clips of panels side by side, each panel from another recording, and `panels.csv` with the columns
file, label, panel_x0, panel_width, live_frames (the panel is frozen after so many exposures). The first panels of all
clips are held out together, then the second, then the third; centring comes from the others; cosine k-NN with k = 50,
tau = 0.07, balanced by label; no smoothing; macro F1 and mAP over all held-out live frames together, with a 95 %
block-bootstrap interval (blocks of 50 live frames, 1,000 resamples).
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from selfee_rt import build
from selfee_rt.config import ArenaConfig, KnnConfig, ModelConfig, VideoFileConfig
from selfee_rt.config.picture import Region
from selfee_rt.errors import SelfeeRTError
from selfee_rt.workbench.embedding import embed_whole
from selfee_rt.workbench.evaluate import centred, probabilities_of, with_intervals

BLOCK = 50
"""Live frames: clips are short."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One recording within a clip."""

    file: Path
    label: str
    position: int
    """Counted from 0 within its clip."""
    region: Region
    exposures: int
    """Before it is frozen."""


def panels_of(folder: Path, left_out: list[str]) -> list[Panel]:
    """Read `panels.csv`."""
    found: list[Panel] = []
    with (folder / "panels.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            if row["label"] in left_out:
                continue
            file = folder / row["file"]
            source = build.source(VideoFileConfig(path=file, speed="max"))
            height = source.open().height_px
            source.close()
            region = Region(x=int(row["panel_x0"]), y=0, width=int(row["panel_width"]), height=height)
            before = sum(each.file == file for each in found)
            found.append(Panel(file, row["label"], before, region, int(row["live_frames"])))
    return found


def embedded(panels: list[Panel], model: Path, name: str) -> Iterator[tuple[Panel, NDArray[np.float16]]]:
    """Embed every panel's live frames that lie before its end; tells on standard error."""
    for number, panel in enumerate(panels):
        print(f"{name}: {number} of {len(panels)} panels", file=sys.stderr)
        arena = ArenaConfig(name="arena", region=panel.region)
        whole = embed_whole(VideoFileConfig(path=panel.file, speed="max"), ModelConfig(file=model), arena)
        reach = int(whole.frame_index[0])  # a live frame's future is as far ahead as its past is behind
        yield panel, whole.embedding[whole.frame_index + reach < panel.exposures]


def row(name: str, panels: list[Panel], model: Path) -> str:
    """Evaluate and format one line of the table."""
    parts = list(embedded(panels, model, name))
    labels = tuple(sorted({panel.label for panel in panels}))
    rows = np.concatenate([part for _, part in parts])
    label_of = np.concatenate([np.full(len(part), labels.index(panel.label)) for panel, part in parts])
    position = np.concatenate([np.full(len(part), panel.position) for panel, part in parts])
    masks = [(position != each, position == each) for each in range(int(position.max()) + 1)]
    probabilities = probabilities_of(centred(rows), label_of, labels, masks, KnnConfig())
    f1, precision = with_intervals(label_of, probabilities, block=BLOCK)
    return f"| {name}, {rows.shape[1]}-d | {f1} | {precision} |"


def main() -> int:
    """Print the table of every model that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="append", required=True, metavar="NAME=FILE")
    parser.add_argument("--leave-out", action="append", default=[], metavar="LABEL")
    given = parser.parse_args()
    try:
        panels = panels_of(given.folder, given.leave_out)
        print("| embedding | macro F1 (95 %) | mAP (95 %) |\n|---|---|---|")
        for name, _, path in (text.partition("=") for text in given.model):
            print(row(name, panels, Path(path)), flush=True)
    except SelfeeRTError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
