"""Training learns, repeats exactly, resumes exactly, and says when it fails."""

import json
import math
from pathlib import Path

import pytest

from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench import network as network_module  # noqa: E402
from selfee_rt.workbench.collapse import CollapseAlarm  # noqa: E402
from selfee_rt.workbench.objective_settings import ObjectiveSettings  # noqa: E402
from selfee_rt.workbench.passes import PlainPass  # noqa: E402
from selfee_rt.workbench.run_log import LOG  # noqa: E402
from selfee_rt.workbench.stored_run import load_checkpoint, load_network  # noqa: E402
from selfee_rt.workbench.trainer import StepReport, Trainer  # noqa: E402
from selfee_rt.workbench.training_run import LAST, PeriodicProbe, train_in  # noqa: E402
from tests.workbench.tiny_training import tiny_batches, tiny_settings, tiny_trainer  # noqa: E402


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


def equal(one, other) -> bool:
    """Equal states, however nested."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


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
    trainer, plain = tiny_trainer(precision="fp32"), tiny_trainer(precision="fp32")
    plain._pass = PlainPass(plain.network, plain._compute)
    assert trainer._gradients() == pytest.approx(plain._gradients(), rel=1e-4)
    for got, expected in zip(trainer.network.parameters(), plain.network.parameters(), strict=True):
        assert torch.allclose(got.grad, expected.grad, rtol=1e-4, atol=1e-6)


def test_the_running_statistics_are_those_of_both_views() -> None:
    trainer = tiny_trainer(precision="fp32")
    views = trainer._views(trainer._randoms()[:2])
    first_layer = trainer.network.backbone[0]
    means = [first_layer(view).mean(dim=(0, 2, 3)).detach() for view in views]
    trainer.advance()
    for network in (trainer.network, trainer._pass._twin):
        assert torch.allclose(network.backbone[1].running_mean, 0.1 * (means[0] + means[1]) / 2, atol=1e-5)


def test_the_learning_rate_rises_briefly_and_then_falls_to_nothing() -> None:
    reports = run(tiny_trainer(steps=20, batch=10, warm_up=0.2))
    rates = [r.learning_rate for r in reports]
    assert max(rates) == pytest.approx(0.05 * 10 / 256, rel=0.05)
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


@pytest.mark.parametrize(
    ("cut", "changes"),
    [
        (1, {}),
        (3, {"objective": ObjectiveSettings(method="byol", cld_ramp=True)}),
        (5, {"precision": "fp16", "objective": ObjectiveSettings(cld_weight=0)}),
    ],
)
def test_a_resumed_run_ends_with_exactly_the_weights_of_an_uninterrupted_one(
    tmp_path: Path, cut: int, changes: dict[str, object]
) -> None:
    whole = tiny_trainer(**changes)
    expected = [r.loss for r in run(whole)]
    first = tiny_trainer(**changes)
    losses = []
    first.run(lambda r: losses.append(r.loss), lambda: first.step == cut)
    assert (first.step, first.done) == (cut, False)
    first.save(tmp_path / LAST)
    second = tiny_trainer(**changes)
    second.resume(tmp_path / LAST)
    assert losses + [r.loss for r in run(second)] == expected
    for name, part in whole._parts().items():
        assert equal(part.state_dict(), second._parts()[name].state_dict()), name


def test_resuming_with_other_settings_is_refused(tmp_path: Path) -> None:
    tiny_trainer().save(tmp_path / LAST)
    with pytest.raises(ConfigError, match="use the same settings"):
        tiny_trainer(steps=7).resume(tmp_path / LAST)


def test_resuming_says_which_settings_are_others(tmp_path: Path) -> None:
    tiny_trainer().save(tmp_path / LAST)
    with pytest.raises(ConfigError, match=r"steps: 6 and 7; objective.groups: 10 and 9"):
        tiny_trainer(steps=7, objective=ObjectiveSettings(groups=9)).resume(tmp_path / LAST)


def test_another_run_can_begin_with_the_weights_of_one() -> None:
    first = tiny_trainer(steps=4)
    run(first)
    second = tiny_trainer(steps=9, seed=7, learning_rate=0.01, objective=ObjectiveSettings(method="byol"))
    second.start_from(weights(first))
    assert second.step == 0
    assert same(weights(first), weights(second))
    assert same(weights(first), second._pass._twin.state_dict())
    assert same(second._target.encoder.state_dict(), weights(first))


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


@pytest.mark.parametrize(
    ("changes", "message"), [({"steps": 1}, "greater than or equal to 2"), ({"batch": 8}, "10 groups for a batch of 8")]
)
def test_settings_that_cannot_train_are_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_trainer(**changes)


def test_a_probe_is_asked_now_and_then_and_its_figures_are_in_the_log(tmp_path: Path) -> None:
    told = []

    def asked(network) -> dict[str, float]:
        with torch.no_grad():
            return {"probe_f1": float(network.embed(torch.zeros(4, 3, 32, 32)).isfinite().all())}

    probe = PeriodicProbe(asked, 2, lambda step, figures: told.append((step, dict(figures))))
    train_in(tmp_path / "probed", tiny_trainer(steps=5), {}, lambda _: None, never, probe=probe)
    lines = [json.loads(line) for line in (tmp_path / "probed" / LOG).read_text().splitlines()]
    assert [line.get("probe_f1") for line in lines] == [None, 1.0, None, 1.0, None]
    assert told == [(2, {"probe_f1": 1.0}), (4, {"probe_f1": 1.0})]


def test_an_alarm_that_ends_the_run_reaches_the_caller() -> None:
    settings = tiny_settings(steps=99)
    trainer = Trainer(settings, tiny_batches(settings), alarm=CollapseAlarm(ends_run=True))
    trainer.network.projector[6].weight.data.zero_()
    trainer.network.projector[6].weight.requires_grad_(False)
    with pytest.raises(ModelError, match="step 50: for 50 steps the embeddings have been nearly the same"):
        run(trainer)


def test_raw_frames_are_embedded_from_the_current_exposure_alone(tmp_path: Path) -> None:
    trainer = tiny_trainer(steps=2, live_share=0.0)
    trainer.advance()
    trainer.save(tmp_path / LAST)
    network, _ = load_network(load_checkpoint(tmp_path / LAST))
    images = torch.rand(2, 3, 32, 32)
    other = images.clone()
    other[:, [0, 2]] = 0
    for each in (network, trainer.network.eval()):
        with torch.no_grad():
            assert torch.equal(each.embed(images), each.embed(other))
            assert not torch.equal(each.embed(images), each.embed(images.flip(3)))
