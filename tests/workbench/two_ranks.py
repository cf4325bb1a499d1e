"""Trains tiny networks as one of several processes, or as all of them in one, and keeps what came out.

    python -m tests.workbench.two_ranks FOLDER [fail]

Both views of a live frame are made without chance, so that they are the same in whichever process.
"""

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from selfee_rt.errors import RankLost
from selfee_rt.workbench.objective_settings import ObjectiveSettings
from selfee_rt.workbench.passes import PlainPass
from selfee_rt.workbench.ranks import ALONE, Ranks, joined
from selfee_rt.workbench.trainer import Trainer
from selfee_rt.workbench.training_run import train_in
from tests.support import ROOT
from tests.workbench.tiny_training import tiny_trainer

STEPS = 3
CASES = {
    "simsiam": {"objective": ObjectiveSettings(groups=3, temperature=1.0)},
    "contrastive": {"objective": ObjectiveSettings(method="contrastive", groups=3, temperature=1.0)},
    "byol": {"objective": ObjectiveSettings(method="byol", groups=3, temperature=1.0, target_momentum=0.5)},
    "less memory": {
        "objective": ObjectiveSettings(groups=3, temperature=1.0, kmeans="cosine"),
        "gradient_checkpointing": True,
    },
}


def two_views(images, random):
    """The middle of the pictures, and for the second view its mirror image."""
    view = images[:, :, 4:36, 4:36].float() / 255
    return view if (random.initial_seed() & 0xFFFFFFFF) % 3 == 0 else view.flip(3)


def trainer_of(case: str, ranks: Ranks = ALONE) -> Trainer:
    """A trainer of 8 live frames a step, all processes together."""
    trainer = tiny_trainer(ranks=ranks, steps=STEPS, batch=8, precision="fp32", learning_rate=5e-4, **CASES[case])
    trainer._augment = two_views
    trainer._pass = PlainPass(trainer.network, trainer._compute)
    return trainer


def outcome(trainer: Trainer, folder: Path) -> dict[str, object]:
    """Train to the end; the reports, the gradients of the first step and the last state."""
    reports, gradients = [], []

    def keep(report):
        reports.append(asdict(report))
        if not gradients:
            gradients.extend(each.grad.clone() for each in trainer.network.parameters() if each.grad is not None)

    train_in(folder, trainer, {}, keep, lambda: False)
    state = {f"{name}.{key}": value for name in ("network", "target") for key, value in _state(trainer, name).items()}
    return {"reports": reports, "gradients": gradients, "state": state}


def _state(trainer, name):
    part = trainer._parts().get(name)
    return {} if part is None else part.state_dict()


def together(folder: Path, *arguments: str) -> list[subprocess.CompletedProcess]:
    """Run this module in two processes that find each other on loopback."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = os.environ | {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": "2",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "tests.workbench.two_ranks", str(folder), *arguments]
    processes = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=base | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        return [
            subprocess.CompletedProcess(command, process.wait(), output)
            for process in processes
            for output in [process.communicate(timeout=200)[0]]
        ]
    finally:
        for process in processes:
            process.kill()


def main() -> None:
    """Train every case, or let the second process fail after one step."""
    torch.set_num_threads(1)
    folder = Path(sys.argv[1])
    try:
        with joined(cuda=False) as ranks:
            if "fail" in sys.argv:
                trainer_of("simsiam", ranks).run(lambda _: os._exit(3) if ranks.rank else None, lambda: False)
            for case in CASES:
                found = outcome(trainer_of(case, ranks), folder / case)
                torch.save(found, folder / f"{case} {ranks.rank}.pt")
    except RankLost as error:
        sys.exit(f"lost: {error}")


if __name__ == "__main__":
    main()
