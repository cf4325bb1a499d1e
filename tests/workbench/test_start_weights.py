"""A run begins with weights of a run, of Selfee's authors, or of torchvision, and with no others."""

from pathlib import Path

import pytest

from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
torchvision = need_module("torchvision")

from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork  # noqa: E402
from selfee_rt.workbench.start_weights import start_weights  # noqa: E402
from tests.workbench.tiny_training import tiny_trainer  # noqa: E402

SHAPE = NetworkShape("resnet18", 16, 16)


def test_a_runs_checkpoint_gives_the_whole_network(tmp_path: Path) -> None:
    trainer = tiny_trainer(steps=2)
    trainer.save(tmp_path / "run.ckpt")
    found = start_weights(tmp_path / "run.ckpt", SHAPE)
    assert found.said == "our own, resnet18, 0 steps"
    expected = trainer.network.state_dict()
    assert found.weights.keys() == expected.keys()
    assert all(torch.equal(found.weights[name], expected[name]) for name in expected)


def test_torchvisions_weights_give_the_backbone(tmp_path: Path) -> None:
    weights = torchvision.models.resnet18(weights=None).state_dict()
    torch.save(weights, tmp_path / "resnet18.pth")
    found = start_weights(tmp_path / "resnet18.pth", SHAPE)
    trainer = tiny_trainer(steps=2)
    heads = trainer.network.state_dict()
    trainer.start_from(found.weights)
    for name, value in trainer.network.state_dict().items():
        expected = weights[name.removeprefix("backbone.")] if name.startswith("backbone.") else heads[name]
        assert torch.equal(value, expected), name


def test_the_authors_checkpoint_gives_the_whole_network(tmp_path: Path) -> None:
    shape = NetworkShape("resnet18", 16, 16, biases=True, output_affine=True)
    network = SelfeeNetwork(shape)
    theirs = {}
    for name, value in network.state_dict().items():
        part = name.partition(".")[0]
        if part == "group":
            theirs["predictor.groupDis.0.weight"] = value.T.contiguous()
        else:
            theirs[f"predictor.{name}" if part == "predictor" else f"backbone.{name}"] = value
    torch.save(theirs, tmp_path / "selfee.pkl")
    found = start_weights(tmp_path / "selfee.pkl", shape)
    assert "the SimSiam form of Selfee's authors" in found.said
    assert all(torch.equal(found.weights[name], value) for name, value in network.state_dict().items())


def test_another_shape_is_refused_with_what_differs(tmp_path: Path) -> None:
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), tmp_path / "resnet18.pth")
    with pytest.raises(ConfigError, match=r"backbone.layer1.0.conv1.weight is \(64, 64, 3, 3\), expected"):
        start_weights(tmp_path / "resnet18.pth", NetworkShape("resnet50", 16, 16))
    tiny_trainer(steps=2).save(tmp_path / "run.ckpt")
    with pytest.raises(ConfigError, match=r"projector\.7\.weight is missing"):
        start_weights(tmp_path / "run.ckpt", NetworkShape("resnet18", 16, 16, output_affine=True))


@pytest.mark.parametrize("content", [{}, {"weight": torch.ones(2)}, {"conv1.weight": torch.ones(2)}])
def test_what_is_none_of_these_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"other.pth is not a checkpoint"):
        start_weights(tmp_path / "other.pth", SHAPE)
