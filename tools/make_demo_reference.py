"""The recipe of models/synthetic_arena.npz: what the demo knows of the synthetic arena.

    python tools/make_demo_reference.py

Two pairs of simulated animals with their true labels make the bank, two other pairs without anomalies the threshold of
the alarm; the demo itself shows a fifth pair. The arena is embedded as a session would, without a video in between.
To be made anew whenever the shipped model or the arena changes; about five minutes on two cores.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from selfee_rt.acquire.synthetic import SyntheticArena
from selfee_rt.config import ArenaConfig, ModelConfig, SyntheticConfig
from selfee_rt.observe.reference import Recording
from selfee_rt.workbench.embedding import Embedded, embed_whole
from selfee_rt.workbench.fit import choose_examples, make_reference
from selfee_rt.workbench.thresholds import ThresholdSettings, control_thresholds

BANK_SEEDS = (11, 12)
BANK_S = 180.0
CONTROL_SEEDS = (21, 22)
CONTROL_S = 600.0
MAX_BANK = 800
"""Examples of 512 numbers in half precision: 0.8 MB, so that all that is shipped stays within 25 MB."""


def embedded(seed: int, seconds: float) -> tuple[Embedded, tuple[str, ...]]:
    """One simulated recording and the true label of each of its exposures."""
    config = SyntheticConfig(seed=seed, seconds=seconds, speed="max")
    recording = embed_whole(config, ModelConfig(), ArenaConfig(name="arena"))
    arena = SyntheticArena(config)
    return recording, tuple(arena.truth(index) for index in range(recording.exposures))


def main() -> None:
    """Embed, choose, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("models/synthetic_arena.npz"))
    given = parser.parse_args()
    bank = [embedded(seed, BANK_S) for seed in BANK_SEEDS]
    controls = [embedded(seed, CONTROL_S)[0] for seed in CONTROL_SEEDS]
    recordings = [recording for recording, _ in bank]
    examples = choose_examples(recordings, [labels for _, labels in bank], skip=())
    bare = make_reference(examples, recordings[0].model_id, None, MAX_BANK)
    reference = replace(
        bare,
        thresholds=control_thresholds(bare, controls, ThresholdSettings()),
        made_from=(
            *(Recording(each.name, each.sha256, "bank", each.exposures) for each in recordings),
            *(Recording(each.name, each.sha256, "control", each.exposures) for each in controls),
        ),
    )
    reference.save(given.out)
    print(f"{len(reference.bank)} examples of {', '.join(reference.labels)}; thresholds {reference.thresholds}")
    print(f"{given.out}: {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
