"""The recipe of models/synthetic_arena.npz: what the demo knows of the synthetic arena.

    python tools/make_demo_reference.py --work /tmp/demo_reference

Two simulated recordings with their true labels make the bank, two others (no anomalies) the alarm's threshold; the
demo itself runs on a fifth pair of animals. Made anew whenever the shipped model or the arena changes.
"""

import argparse
from pathlib import Path

from selfee_rt.config import SyntheticConfig
from selfee_rt.workbench.embedding import no_progress
from selfee_rt.workbench.fit import FitSettings, fit
from selfee_rt.workbench.synthetic_recording import write_recording

BANK_SEEDS = (11, 12)
BANK_S = 180.0
CONTROL_SEEDS = (21, 22)
CONTROL_S = 600.0
MAX_BANK = 800
"""Examples of 512 numbers in half precision: 0.8 MB, so that all that is shipped stays within 25 MB."""


def recording(work: Path, seed: int, seconds: float) -> tuple[Path, Path]:
    """A recording and its labels; one that is there from an earlier run is taken."""
    video, labels = work / f"seed_{seed}.mkv", work / f"seed_{seed}.csv"
    if not labels.exists():
        video.unlink(missing_ok=True)
        write_recording(SyntheticConfig(seed=seed), video, labels, seconds)
    return video, labels


def main() -> None:
    """Simulate, embed, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/synthetic_arena.npz"))
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    bank = [recording(given.work, seed, BANK_S) for seed in BANK_SEEDS]
    controls = [recording(given.work, seed, CONTROL_S)[0] for seed in CONTROL_SEEDS]
    given.out.unlink(missing_ok=True)
    reference = fit(
        FitSettings(
            videos=tuple(video for video, _ in bank),
            labels=tuple(labels for _, labels in bank),
            controls=tuple(controls),
            skip=(),
            out=given.out,
            max_bank=MAX_BANK,
        ),
        progress=lambda _: no_progress,
    )
    print(f"{len(reference.bank)} examples of {', '.join(reference.labels)}; thresholds {reference.thresholds}")
    print(f"{given.out}: {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
