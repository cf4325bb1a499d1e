"""Computing a stage again changes neither gradients nor what the batch norms remember."""

import copy

import pytest

from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench.gradient_checkpointing import STAGES, CheckpointedStage, checkpoint_stages  # noqa: E402
from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork  # noqa: E402
from selfee_rt.workbench.objective_settings import ObjectiveSettings  # noqa: E402
from tests.workbench.tiny_training import tiny_trainer  # noqa: E402


@pytest.fixture(scope="module")
def pair():
    """A network, and its copy that keeps less, after one pass backward of each."""
    torch.manual_seed(0)
    plain = SelfeeNetwork(NetworkShape("resnet18", 16, 16)).train()
    lean = copy.deepcopy(plain)
    checkpoint_stages(lean.backbone)
    images = torch.rand(4, 3, 32, 32)
    for network in (plain, lean):
        network.embed(images).square().mul(torch.arange(16)).sum().backward()
    return plain, lean


def test_the_gradients_are_the_same(pair) -> None:
    plain, lean = pair
    for (name, one), (other_name, other) in zip(plain.named_parameters(), lean.named_parameters(), strict=True):
        assert name == other_name
        assert (one.grad is None) == (other.grad is None)
        assert one.grad is None or torch.equal(one.grad, other.grad), name


def test_the_batch_norms_see_each_batch_once(pair) -> None:
    plain, lean = pair
    for (name, one), (_, other) in zip(plain.named_buffers(), lean.named_buffers(), strict=True):
        assert torch.equal(one, other), name
    assert int(lean.backbone.layer1[0].bn1.num_batches_tracked) == 1


def test_less_is_kept_until_the_gradient_is_computed() -> None:
    kept = {}
    for lean in (False, True):
        network = SelfeeNetwork(NetworkShape("resnet18", 16, 16)).train()
        if lean:
            checkpoint_stages(network.backbone)
        sizes = {}

        def note(tensor, sizes=sizes):
            sizes[tensor.data_ptr()] = tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            network.embed(torch.rand(4, 3, 64, 64))
        weights = sum(weight.numel() for weight in network.parameters())
        kept[lean] = sum(sizes.values()) - weights
    assert kept[True] < 0.5 * kept[False]


def test_a_run_with_less_memory_is_the_same_run() -> None:
    plain, lean = (
        tiny_trainer(
            steps=2, gradient_checkpointing=lean, precision="fp32", batch=4, objective=ObjectiveSettings(groups=2)
        )
        for lean in (False, True)
    )
    for name in STAGES:
        assert isinstance(getattr(lean.network.backbone, name), CheckpointedStage)
    for trainer in (plain, lean):
        trainer.run(lambda _: None, lambda: False)
    expected, got = plain.network.state_dict(), lean.network.state_dict()
    assert all(torch.equal(expected[name], got[name]) for name in expected)
