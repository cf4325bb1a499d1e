"""Weights to begin with: of another run, of the authors, or torchvision's for ImageNet, from a user's file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.checkpoint import read_checkpoint
from selfee_rt.workbench.imported import import_checkpoint
from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork

RESNET = {"conv1.weight", "layer4.1.bn2.weight"}
"""By these names torchvision's weights are known."""
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
        ModelError: the file is missing, or none of these.
        ConfigError: its network has another shape.
    """
    found = _recognised(path, read_checkpoint(path))
    network = SelfeeNetwork(shape).state_dict()
    parts = {name.partition(".")[0] for name in found.weights}
    expected = {name: weight for name, weight in network.items() if name.partition(".")[0] in parts}
    problems = _problems(found.weights, expected)
    if problems:
        raise ConfigError([f"{path} ({found.said}) does not fit {shape}: {'; '.join(problems)}; use the same shape"])
    return found


def _recognised(path: Path, content: Any) -> StartWeights:
    """Tell what a file is by what it holds."""
    if isinstance(content, dict) and content.keys() >= RESNET:
        weights = {f"backbone.{name}": weight for name, weight in content.items() if not name.startswith("fc.")}
        return StartWeights("torchvision's weights of a ResNet, the classifier left out", weights)
    imported = import_checkpoint(path)
    return StartWeights(imported.form, imported.network.state_dict())


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
