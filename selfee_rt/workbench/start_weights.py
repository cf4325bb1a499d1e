"""Weights to begin with: another run's, or torchvision's for ImageNet, from a file that the user gives."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from selfee_rt.errors import ConfigError, ModelError
from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork
from selfee_rt.workbench.stored_run import CHECKPOINT_FORMAT, read_file, stored_settings

FEW = 3
"""So many names are given in a message."""


@dataclass(frozen=True, slots=True, eq=False)
class StartWeights:
    """What was recognised in a file."""

    said: str
    """For the user: what it is."""
    weights: dict[str, Tensor]
    """By the names of `SelfeeNetwork`; the whole network or its backbone."""


def start_weights(path: Path, shape: NetworkShape) -> StartWeights:
    """Read weights that a network of this shape can begin with; nothing in the file is executed.

    Raises:
        ModelError: the file is missing, or is neither a checkpoint of ours nor torchvision's weights of a ResNet.
        ConfigError: its network has another shape.
    """
    content = read_file(path)
    found = _recognised(path, content)
    network = SelfeeNetwork(shape).state_dict()
    parts = {name.partition(".")[0] for name in found.weights}
    expected = {name: weight for name, weight in network.items() if name.partition(".")[0] in parts}
    problems = _problems(found.weights, expected)
    if problems:
        raise ConfigError([f"{path} ({found.said}) does not fit {shape}: {'; '.join(problems)}; use the same shape"])
    return found


def _recognised(path: Path, content: Any) -> StartWeights:
    """Tell what a file is by what it holds."""
    if isinstance(content, dict) and content.get("format") == CHECKPOINT_FORMAT:
        settings = stored_settings(content)
        return StartWeights(f"a run's checkpoint, {settings.shape.backbone}, step {content['step']}", content["network"])
    if isinstance(content, dict) and "conv1.weight" in content and "layer4.1.bn2.weight" in content:
        weights = {f"backbone.{name}": weight for name, weight in content.items() if not name.startswith("fc.")}
        return StartWeights("torchvision's weights of a ResNet, the classifier left out", weights)
    raise ModelError(
        f"{path} is not a checkpoint to begin with; expected one of selfee-rt train, or torchvision's weights of a "
        "ResNet (a .pth file with conv1.weight, …, fc.bias)"
    )


def _problems(got: dict[str, Tensor], expected: dict[str, Tensor]) -> list[str]:
    """Say which weights are missing, left over or of another shape."""
    other = [
        f"{name} is {tuple(got[name].shape)}, expected {tuple(expected[name].shape)}"
        for name in expected
        if name in got and got[name].shape != expected[name].shape
    ]
    missing = [f"{name} is missing" for name in expected if name not in got]
    left = [f"{name} is left over" for name in got if name not in expected]
    return [*other[:FEW], *missing[:FEW], *left[:FEW]]
