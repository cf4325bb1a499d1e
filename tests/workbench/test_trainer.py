"""Training learns, repeats exactly, resumes exactly, and says when it fails."""

import json
import logging
import math
from pathlib import Path

import pytest

from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench import network as network_module  # noqa: E402
from selfee_rt.workbench import trainer as trainer_module  # noqa: E402
from selfee_rt.workbench.network import NetworkShape  # noqa: E402
from selfee_rt.workbench.objective import selfee_loss  # noqa: E402
from selfee_rt.workbench.run_log import LOG  # noqa: E402
from selfee_rt.workbench.stored_run import load_checkpoint, load_network  # noqa: E402
from selfee_rt.workbench.trainer import StepReport  # noqa: E402
from selfee_rt.workbench.training_run import LAST, train_in  # noqa: E402
from tests.workbench.tiny_training import tiny_settings, tiny_trainer  # noqa: E402


@pytest.fixture(autouse=True)
def small_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backbone of two layers, with batch norm as ResNets have: the loop is tested here, not the network."""

    def build(name: str):
        layers = [
            torch.nn.Conv2d(3, 8, 5, stride=4, bias=False),
            torch.nn.BatchNorm2d(8),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(2),
            torch.nn.Flatten(),
        ]
        return torch.nn.Sequential(*layers), 32

    monkeypatch.setattr(network_module, "_backbone", build)


def weights(trainer):
    return {name: value.clone() for name, value in trainer.network.state_dict().items()}


def same(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def never() -> bool:
    return False


def run(trainer) -> list[StepReport]:
    reports: list[StepReport] = []
    trainer.run(reports.append, never)
    return reports


def test_the_loss_falls() -> None:
    reports = run(tiny_trainer(steps=120, learning_rate=1.0))
    first, last = (sum(r.loss for r in part) / 10 for part in (reports[:10], reports[-10:]))
    assert last < 0.8 * first


def test_two_views_side_by_side_give_the_gradient_of_both_together() -> None:
    trainer, plain = tiny_trainer(bf16=False), tiny_trainer(bf16=False)
    trainer._gradients()
    images = torch.from_numpy(plain._sampler.draw(0))
    randoms = [torch.Generator().manual_seed((1 << 40) + i) for i in range(3)]
    one, two = (plain.network.train()(plain._augment(images, random)) for random in randoms[:2])
    selfee_loss(one, two, plain._objective, randoms[2]).total.backward()
    for got, expected in zip(trainer.network.parameters(), plain.network.parameters(), strict=True):
        assert torch.allclose(got.grad, expected.grad, rtol=1e-4, atol=1e-7)


def test_the_running_statistics_are_those_of_both_views() -> None:
    trainer = tiny_trainer(bf16=False)
    images = torch.from_numpy(trainer._sampler.draw(0))
    views = [trainer._augment(images, torch.Generator().manual_seed((1 << 40) + i)) for i in range(2)]
    first_layer = trainer.network.backbone[0]
    means = [first_layer(view).mean(dim=(0, 2, 3)).detach() for view in views]
    trainer.advance()
    for network in (trainer.network, trainer._twin):
        assert torch.allclose(network.backbone[1].running_mean, 0.1 * (means[0] + means[1]) / 2, atol=1e-5)


def test_the_learning_rate_rises_briefly_and_then_falls_to_nothing() -> None:
    reports = run(tiny_trainer(steps=20, batch=4, warm_up=0.2))
    rates = [r.learning_rate for r in reports]
    assert max(rates) == pytest.approx(0.05 * 4 / 256, rel=0.05)
    assert rates.index(max(rates)) in (3, 4)
    assert rates[-1] < max(rates) / 1000


def test_two_runs_with_one_seed_are_equal_and_another_seed_is_another_run() -> None:
    one, two, other = tiny_trainer(steps=3), tiny_trainer(steps=3), tiny_trainer(steps=3, seed=2)
    assert same(weights(one), weights(two))
    torch.rand(5)  # the caller's own random numbers do not matter
    losses = [[r.loss for r in run(each)] for each in (one, two, other)]
    assert losses[0] == losses[1] != losses[2]
    assert same(weights(one), weights(two))


def test_building_a_trainer_leaves_the_callers_random_state_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    tiny_trainer()
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_resumed_run_ends_with_exactly_the_weights_of_an_uninterrupted_one(tmp_path: Path, cut: int) -> None:
    whole = tiny_trainer()
    expected = [r.loss for r in run(whole)]
    first = tiny_trainer()
    losses = []
    first.run(lambda r: losses.append(r.loss), lambda: first.step == cut)
    assert (first.step, first.done) == (cut, False)
    first.save(tmp_path / LAST)
    second = tiny_trainer()
    second.resume(tmp_path / LAST)
    assert losses + [r.loss for r in run(second)] == expected
    assert same(weights(whole), weights(second))


def test_resuming_with_other_settings_is_refused(tmp_path: Path) -> None:
    tiny_trainer().save(tmp_path / LAST)
    with pytest.raises(ConfigError, match="use the same settings"):
        tiny_trainer(steps=7).resume(tmp_path / LAST)


def test_another_run_can_begin_with_the_weights_of_one(tmp_path: Path) -> None:
    first = tiny_trainer(steps=4)
    run(first)
    first.save(tmp_path / LAST)
    second = tiny_trainer(steps=9, seed=7, learning_rate=0.01)
    second.start_from(tmp_path / LAST)
    assert second.step == 0
    assert same(weights(first), weights(second))
    assert same(weights(first), second._twin.state_dict())
    with pytest.raises(ConfigError, match="use the same shape"):
        tiny_trainer(shape=NetworkShape("resnet18", 16, 8)).start_from(tmp_path / LAST)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04N."])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ckpt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a checkpoint"):
        load_checkpoint(path)
    with pytest.raises(ModelError, match="not a checkpoint"):
        load_checkpoint(tmp_path / "missing.ckpt")


def test_a_checkpoint_of_another_program_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(ModelError, match="expected format 1"):
        load_checkpoint(tmp_path / "other.ckpt")


def test_a_checkpoint_that_would_execute_something_is_not_read(tmp_path: Path) -> None:
    torch.save({"format": 1, "settings": Path("x").joinpath}, tmp_path / "evil.ckpt")
    with pytest.raises(ModelError, match="not a checkpoint"):
        load_checkpoint(tmp_path / "evil.ckpt")


def test_the_network_of_a_checkpoint_is_the_one_that_was_trained(tmp_path: Path) -> None:
    trainer = tiny_trainer()
    trainer.advance()
    trainer.save(tmp_path / LAST, {"recordings": [{"name": "one"}]})
    checkpoint = load_checkpoint(tmp_path / LAST)
    network, settings = load_network(checkpoint)
    assert settings == tiny_settings()
    assert not network.training
    assert same(weights(trainer), network.state_dict())
    assert checkpoint["notes"]["recordings"][0]["name"] == "one"


def test_a_run_in_a_folder_keeps_its_state_and_a_line_per_step_when_stopped(tmp_path: Path) -> None:
    trainer = tiny_trainer()
    seen: list[int] = []
    path = train_in(tmp_path / "run", trainer, {}, lambda r: seen.append(r.step), lambda: len(seen) == 2)
    assert load_checkpoint(path)["step"] == 2
    again = tiny_trainer()
    again.resume(path)
    train_in(tmp_path / "run", again, {}, lambda r: seen.append(r.step), never, checkpoint_every_s=0)
    lines = [json.loads(line) for line in (tmp_path / "run" / LOG).read_text().splitlines()]
    assert [line["step"] for line in lines] == seen == [1, 2, 3, 4, 5, 6]
    assert load_checkpoint(path)["step"] == 6
    assert sorted(p.name for p in path.parent.iterdir()) == [LAST, LOG]


def test_a_loss_that_is_no_number_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = tiny_trainer()
    with torch.no_grad():
        trainer.network.projector[0].weight.fill_(math.nan)
    before = trainer.step
    with pytest.raises(ModelError, match="at step 0; lower the learning rate"):
        trainer.advance()
    assert trainer.step == before


def test_a_collapsing_network_is_warned_about(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(trainer_module, "COLLAPSED", -1.0)
    monkeypatch.setattr(trainer_module, "WARN_EVERY", 2)
    with caplog.at_level(logging.WARNING):
        run(tiny_trainer(steps=3))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "step 2: collapse level" in caplog.text


@pytest.mark.parametrize("changes", [{"steps": 1}, {"batch": 1}])
def test_settings_that_cannot_train_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="at least 2 of each"):
        tiny_trainer(**changes)
