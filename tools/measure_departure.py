"""Measure how far the live anomaly score departs from the paper's offline score; prints a Markdown table.

    python tools/measure_departure.py REFERENCE.npz VIDEO... --warm-up-exposures 100

The live score knows only the past, and none of its newest 50 exposures; the offline score knows the whole recording
but 50 exposures on either side. Both come from the same functions. Alarms: the highest hundredth of each score.
"""

import argparse
import sys
from pathlib import Path

from selfee_rt.config import ArenaConfig, ModelConfig, SelfeeAnomalyConfig, VideoFileConfig
from selfee_rt.errors import SelfeeRTError
from selfee_rt.observe.reference import Reference
from selfee_rt.workbench.embedding import embed_whole
from selfee_rt.workbench.offline_anomaly import departure

HEAD = "| recording | exposures | rank correlation | live less offline | alarms live / offline / both | kappa |"


def row(reference: Reference, video: Path, config: SelfeeAnomalyConfig) -> str:
    """Table row of one recording."""
    recording = embed_whole(VideoFileConfig(path=video, speed="max"), ModelConfig(), ArenaConfig(name="arena"))
    reference.check_model(recording.model_id)
    found = departure(reference, recording, config)
    kappa = "-" if found.kappa is None else f"{found.kappa:.2f}"
    return (
        f"| {video.name} | {found.compared} | {found.rank_correlation:.2f} | {found.mean_difference:+.3f} | "
        f"{found.alarms_live} / {found.alarms_offline} / {found.alarms_both} | {kappa} |"
    )


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", type=Path)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--warm-up-exposures", type=int, default=500)
    given = parser.parse_args()
    config = SelfeeAnomalyConfig(warm_up_exposures=given.warm_up_exposures, threshold=0.0)
    try:
        reference = Reference.load(given.reference)
        print(f"{HEAD}\n|---|---|---|---|---|---|")
        for video in given.videos:
            print(row(reference, video, config), flush=True)
    except SelfeeRTError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
