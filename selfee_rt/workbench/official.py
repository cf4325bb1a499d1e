"""The checkpoints of Selfee's authors: what is in them, and the network that they make.

What is known of them is from the authors' code, github.com/EBGU/Selfee (`train_selfee.py`, `InferModel.py`,
`Selfee_inferPerVideo.py`); no file of theirs could be had to try.

- `train_selfee.py` keeps `model.state_dict()` as it is, in `eval()`, as `<FrameWork>_ResNet50_….pkl`: no dict around
  it, float32 (mixed precision leaves the weights alone), not under DataParallel. Half precision and the prefix
  `module.` are read here because labs save that way.
- The network is torchvision's ResNet-50 with `fc` replaced by nothing, then the projector: three linear layers *with*
  biases, 2,048 wide, each followed by a batch norm with scale and shift, the first two also by a ReLU. `infer` gives
  the projector's output, and that is the embedding.
- SimSiam: `backbone.backbone.*` is the ResNet, `backbone.projector.{0,1,3,4,6,7}.*` the projector.
  BYOL: `online_encoder.backbone.*` and `online_encoder.projector.*` are those that `infer` uses; `target_encoder.*`
  is their moving average with the same keys and shapes.
- In both, `predictor.predictor.{0,1,3}.*` is the predictor (2,048, 512, 2,048, with biases) and
  `predictor.groupDis.0.weight` the group branch of CLD, (in, out) = (2,048, 1,024); they exist with CLD off, too.
- Pictures are read in grey by OpenCV; past, current and future become one picture, which PIL resizes bilinearly to
  `input_size` = [224, 224] for flies, [256, 192] (height, width) for mice; `to_tensor` divides by 255. No mean is taken
  off and nothing is divided by a deviation. `frame_interval` is 1 for flies and 2 for mice, at 30 frames/s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from selfee_rt.errors import ModelError
from selfee_rt.workbench.differences import Expected, differences, few
from selfee_rt.workbench.network import NetworkShape, SelfeeNetwork

Form = Literal["SimSiam", "BYOL"]

WIDTH = 2048
"""Of the authors' projector: what is expected where a file does not say."""
GROUP = "predictor.groupDis.0.weight"
"""Kept as (in, out); ours is (out, in)."""

_HEADS = {"predictor.predictor.": "predictor.", "predictor.groupDis.0.": "group."}
_PARTS: dict[Form, dict[str, str]] = {
    "SimSiam": {"backbone.backbone.": "backbone.", "backbone.projector.": "projector.", **_HEADS},
    "BYOL": {"online_encoder.backbone.": "backbone.", "online_encoder.projector.": "projector.", **_HEADS},
}
"""How the parts of a form are called in the file, and in `SelfeeNetwork`."""
_AVERAGE = {"target_encoder.backbone.": "backbone.", "target_encoder.projector.": "projector."}
"""BYOL's moving average of the encoder: its shapes are checked, its weights not used."""
_RESNETS: dict[tuple[tuple[int, ...], bool], str] = {
    ((2, 2, 2, 2), False): "resnet18",
    ((3, 4, 6, 3), False): "resnet34",
    ((3, 4, 6, 3), True): "resnet50",
}
"""Blocks of each layer, and whether they are bottlenecks of three convolutions."""


@dataclass(frozen=True, slots=True, eq=False)
class OfficialCheckpoint:
    """A checkpoint of the authors' form, recognised and complete."""

    form: Form
    saved: str
    """How the weights were saved, in words: precision, DataParallel."""
    network: SelfeeNetwork
    """In float32, ready to embed."""


def official_checkpoint(path: Path, content: Any) -> OfficialCheckpoint:
    """Make the network of what `read_checkpoint` gave; widths and depth are told from the shapes.

    Raises:
        ModelError: it is no state dict, or not one of these forms; keys that are missing, left over or of another
            shape are named.
    """
    tensors, parallel = _without_module(_state_dict(path, content))
    form = _form(path, tensors)
    shape = _shape(form, tensors)
    wrong = differences(_expected(form, shape), tensors)
    if wrong:
        raise ModelError(f"{path} begins like the authors' {form} form but does not fit it: {wrong}")
    return OfficialCheckpoint(form, _saved(tensors, parallel), _network(path, form, shape, tensors))


def _state_dict(path: Path, content: Any) -> dict[str, Tensor]:
    """Return the content if it is a bare state dict."""
    if not isinstance(content, Mapping):
        raise ModelError(f"{path} is not a checkpoint: it holds a {type(content).__name__}, expected a state dict")
    if not content or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in content.items()):
        raise ModelError(
            f"{path} is not a checkpoint of a form that is known here: it holds a dict of {few(map(str, content))}; "
            "expected the state dict alone (names and tensors), as torch.save(model.state_dict(), …) keeps it"
        )
    return dict(content)


def _without_module(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], bool]:
    """Take off the prefix that DataParallel puts before every key; say whether it was there."""
    if not all(key.startswith("module.") for key in tensors):
        return tensors, False
    return {key.removeprefix("module."): tensor for key, tensor in tensors.items()}, True


def _form(path: Path, tensors: Mapping[str, Tensor]) -> Form:
    """Which form the keys begin like."""
    for form, parts in _PARTS.items():
        own = [prefix for prefix, part in parts.items() if part in ("backbone.", "projector.")]
        if any(key.startswith(tuple(own)) for key in tensors):
            return form
    missing = [key for key in _expected("SimSiam", _shape("SimSiam", tensors)) if key not in tensors]
    raise ModelError(
        f"{path} is not a checkpoint of a form that is known here: missing {few(missing)}; left over {few(tensors)}; "
        "expected backbone.backbone.*, backbone.projector.* and predictor.* (SimSiam), online_encoder.*, "
        "target_encoder.* and predictor.* (BYOL), or a checkpoint of `selfee-rt train`"
    )


def _shape(form: Form, tensors: Mapping[str, Tensor]) -> NetworkShape:
    """Tell depth and widths from the file; the authors' own where it does not say."""
    encoder, projector = list(_PARTS[form])[:2]
    return NetworkShape(
        backbone=_resnet(encoder, tensors),
        projector_dim=_rows(tensors, f"{projector}0"),
        embedding_dim=_rows(tensors, f"{projector}6"),
        biases=True,
        output_affine=True,
    )


def _resnet(prefix: str, tensors: Mapping[str, Tensor]) -> str:
    keys = [key.removeprefix(prefix).split(".") for key in tensors if key.startswith(prefix)]
    blocks = tuple(len({key[1] for key in keys if key[0] == f"layer{i}" and len(key) > 1}) for i in range(1, 5))
    bottleneck = any("conv3" in key for key in keys)
    return _RESNETS.get((blocks, bottleneck), "resnet50")


def _rows(tensors: Mapping[str, Tensor], layer: str) -> int:
    """Width of a linear layer, by its weight or, where that is missing, its bias."""
    for part, dimensions in (("weight", 2), ("bias", 1)):
        found = tensors.get(f"{layer}.{part}")
        if found is not None and found.ndim == dimensions and found.shape[0] >= 4:
            return int(found.shape[0])
    return WIDTH


def _expected(form: Form, shape: NetworkShape) -> dict[str, Expected]:
    """Every key of this form with its shape, and whether it holds fractions."""
    with torch.device("meta"):
        ours = SelfeeNetwork(shape).state_dict()
    names = list(_PARTS[form].items()) + (list(_AVERAGE.items()) if form == "BYOL" else [])
    return {
        theirs + key.removeprefix(part): Expected(
            tuple(tensor.T.shape if theirs + key.removeprefix(part) == GROUP else tensor.shape),
            tensor.is_floating_point(),
        )
        for theirs, part in names
        for key, tensor in ours.items()
        if key.startswith(part)
    }


def _saved(tensors: Mapping[str, Tensor], parallel: bool) -> str:
    kinds = sorted({str(t.dtype).removeprefix("torch.") for t in tensors.values() if t.is_floating_point()})
    return "saved in " + " and ".join(kinds) + (" under DataParallel" if parallel else "")


def _network(path: Path, form: Form, shape: NetworkShape, tensors: Mapping[str, Tensor]) -> SelfeeNetwork:
    """Put the weights, in float32, into a network of ours."""
    ours = {}
    for theirs, part in _PARTS[form].items():
        for key in (key for key in tensors if key.startswith(theirs)):
            tensor = tensors[key].T if key == GROUP else tensors[key]
            ours[part + key.removeprefix(theirs)] = tensor.float() if tensor.is_floating_point() else tensor
    broken = [key for key, tensor in ours.items() if not bool(torch.isfinite(tensor).all())]
    if broken:
        raise ModelError(f"{path} holds weights that are no numbers, in {few(broken)}; use an earlier checkpoint")
    with torch.device("meta"):
        network = SelfeeNetwork(shape)
    network.load_state_dict(ours, assign=True)
    return network.eval().requires_grad_(False)
