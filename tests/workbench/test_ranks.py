"""Two processes with half a batch each do what one does with the whole, and neither waits for one that ended."""

from pathlib import Path

import pytest

from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.errors import ConfigError  # noqa: E402
from selfee_rt.workbench.ranks import Ranks  # noqa: E402
from selfee_rt.workbench.stored_run import load_checkpoint  # noqa: E402
from tests.workbench.tiny_training import tiny_trainer  # noqa: E402
from tests.workbench.two_ranks import CASES, STEPS, outcome, together, trainer_of  # noqa: E402


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left of every case."""
    folder = tmp_path_factory.mktemp("ranks")
    for process in together(folder):
        assert process.returncode == 0, process.stdout
    return folder


def near(got, expected, tolerance: float) -> bool:
    """Equal but for the order of sums, against the largest value; what is tiny throughout is not looked at."""
    return float((got - expected).abs().max()) <= tolerance * float(expected.abs().max()) + 1e-6


@pytest.mark.parametrize("case", CASES)
def test_two_halves_of_a_batch_train_as_the_whole_does(two: Path, tmp_path: Path, case: str) -> None:
    whole = outcome(trainer_of(case), tmp_path)
    for rank in range(2):
        half = torch.load(two / f"{case} {rank}.pt", weights_only=True)
        for got, expected in zip(half["gradients"], whole["gradients"], strict=True):
            assert near(got, expected, 1e-3)
        for got, expected in zip(half["reports"], whole["reports"], strict=True):
            for figure in ("loss", "agreement", "cld", "collapse", "effective_rank"):
                assert got[figure] == pytest.approx(expected[figure], rel=1e-2)
        assert half["state"].keys() == whole["state"].keys()
        for name, expected in whole["state"].items():
            assert near(half["state"][name], expected, 1e-2), name


def test_both_processes_hold_the_same_weights_and_the_first_wrote_the_files(two: Path) -> None:
    first, second = (torch.load(two / f"byol {rank}.pt", weights_only=True)["state"] for rank in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)
    checkpoint = load_checkpoint(two / "byol" / "last.ckpt")
    assert checkpoint["step"] == STEPS
    assert all(torch.equal(first[f"target.{name}"], value) for name, value in checkpoint["target"].items())
    assert len((two / "byol" / "log.jsonl").read_text().splitlines()) == STEPS


def test_a_process_whose_other_ended_says_so_and_ends(tmp_path: Path) -> None:
    first, second = together(tmp_path, "fail")
    assert second.returncode == 3
    assert first.returncode == 1
    assert "lost: another process of this training ended" in first.stdout
    assert "Traceback" not in first.stdout


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    ranks = Ranks()
    ranks.size = 5
    with pytest.raises(ConfigError, match="5 processes cannot share a batch of 12"):
        tiny_trainer(ranks=ranks)
