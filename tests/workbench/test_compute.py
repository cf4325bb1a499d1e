"""Where and how exactly a network is trained."""

import pytest

from selfee_rt.errors import ConfigError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench.compute import compute_on  # noqa: E402
from selfee_rt.workbench.objective_settings import ObjectiveSettings  # noqa: E402
from tests.workbench.tiny_training import tiny_trainer  # noqa: E402


@pytest.mark.parametrize(
    ("precision", "said"),
    [("auto", "cpu in bfloat16"), ("bf16", "cpu in bfloat16"), ("fp16", "cpu in float16"), ("fp32", "cpu in float32")],
)
def test_on_a_cpu_every_precision_can_be_had(precision: str, said: str) -> None:
    compute = compute_on("cpu", precision)
    assert str(compute) == said
    with compute.autocast():
        assert torch.mm(torch.ones(2, 2), torch.ones(2, 2)).dtype == compute.dtype


def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="use --device cpu, or start fewer processes"):
        compute_on("cuda", "auto", local=64)


def test_float16_gradients_are_scaled_and_an_overflow_leaves_the_weights_alone() -> None:
    trainer = tiny_trainer(precision="fp16", steps=4, objective=ObjectiveSettings(cld_weight=0))
    first = trainer.advance()
    assert first.loss_scale == 65536
    before = {name: value.clone() for name, value in trainer.network.named_parameters()}
    trainer._scaler.load_state_dict({**trainer._scaler.state_dict(), "scale": 2.0**120})
    trainer.advance()
    assert all(torch.equal(before[name], value) for name, value in trainer.network.named_parameters())
    assert trainer.advance().loss_scale == 2.0**119


def test_without_float16_nothing_is_scaled() -> None:
    assert tiny_trainer(steps=2).advance().loss_scale == 1


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
def test_a_gpu_trains_as_the_cpu_does(precision: str) -> None:
    if not torch.cuda.is_available():
        pytest.skip("absent: an NVIDIA GPU")
    losses = []
    for device in ("cpu", "cuda"):
        trainer = tiny_trainer(compute_on(device, precision), steps=2, precision=precision)
        losses.append(trainer.advance().loss)
        assert trainer.advance().step == 2
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
