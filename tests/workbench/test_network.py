"""The network has Selfee's parts, under the names that checkpoints use."""

import pytest

from selfee_rt.errors import ModelError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")

from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork  # noqa: E402

SMALL = NetworkShape("resnet18", projector_dim=24, embedding_dim=16)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return SelfeeNetwork(SMALL)


def images(n: int = 4):
    return torch.rand(n, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_a_view_becomes_embedding_prediction_and_a_group_of_unit_length(network) -> None:
    out = network.train()(images())
    assert out.embedding.shape == out.prediction.shape == (4, 16)
    assert out.group.shape == (4, 8)
    assert out.group.norm(dim=1).tolist() == pytest.approx([1] * 4, abs=1e-5)


def test_the_heads_are_as_wide_as_selfees() -> None:
    shape = NetworkShape("resnet50", 2048, 2048)
    assert (shape.predictor_dim, shape.group_dim) == (512, 1024)


def test_the_projector_is_three_layers_and_its_output_is_normalised_per_batch(network) -> None:
    kinds = [type(layer).__name__ for layer in network.projector]
    assert kinds == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear", "BatchNorm1d"]
    embedding = network.train().embed(images(8)).detach()
    assert embedding.mean(dim=0).abs().max() < 1e-5
    assert [k.split(".")[1] for k in network.state_dict() if k.startswith("projector") and k.endswith("weight")] == [
        *"01346"
    ]


def test_the_classifier_is_gone(network) -> None:
    assert not any(".fc." in name for name in network.state_dict())
    assert network.backbone(images()).shape == (4, 512)


def test_bfloat16_touches_the_backbone_only(network) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        features = network.eval().backbone(images())
        out = network(images())
    assert features.dtype == torch.bfloat16
    assert {out.embedding.dtype, out.prediction.dtype, out.group.dtype} == {torch.float32}


def test_embedding_one_live_frame_does_not_depend_on_the_others(network) -> None:
    with torch.inference_mode():
        together = network.eval().embed(images())
        alone = network.embed(images()[2:3])
    assert torch.allclose(together[2:3], alone, atol=1e-5)


def test_an_unknown_backbone_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match="'vgg'; expected one of resnet18"):
        SelfeeNetwork(NetworkShape("vgg"))
