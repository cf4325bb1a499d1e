"""Selfee's augmentations, on a whole batch at once: two views of a live frame differ by what should not matter.

Crop, rotation and flips are one affine resampling; then the turbo colour map, which makes each channel's intensity
look different, and colour jitter. From Jia et al. 2022 (eLife 11:e76218) and the authors' code (EBGU/Selfee). Theirs
draws sides in whole pixels, rotates without interpolating, rounds to 255ths between steps and turns hue in HSV; ours
resamples once, changes colours once and turns hue about the grey axis.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset import Size, size_of
from selfee_rt.workbench.turbo import turbo

_LUMA = torch.tensor([0.299, 0.587, 0.114])
"""(3,) weights of red, green and blue in the grey value (BT.601)."""

_TO_YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_FROM_YIQ = torch.linalg.inv(_TO_YIQ)

_FRACTIONS = ("smallest_crop", "horizontal_flip", "vertical_flip", "turbo", "brightness", "contrast", "saturation")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far two views may differ; the defaults are the authors'.

    Source: EBGU/Selfee, train_selfee.py, RandomTransformed: min_scale, degrees, p_hflip, p_vflip, p_turbo, brightness,
    contrast, saturation, hue. Its 37 degrees are for one set of recordings, and 45 for all others, as it says.

    Raises:
        ConfigError: a value is out of its range; names all.
    """

    smallest_crop: float = 0.7
    """Width and height of the crop are each drawn from this..1 of the side."""
    rotation_deg: float = 45.0
    """Rotation is drawn from -this..this."""
    horizontal_flip: float = 0.5
    """Probability."""
    vertical_flip: float = 0.5
    """Probability."""
    turbo: float = 0.5
    """Probability of the turbo colour map."""
    brightness: float = 0.1
    """Its factor is drawn from 1 - this..1 + this."""
    contrast: float = 0.1
    """Its factor is drawn from 1 - this..1 + this."""
    saturation: float = 0.1
    """Its factor is drawn from 1 - this..1 + this."""
    hue: float = 0.1
    """Hue is turned by -this..this of a full turn."""
    beyond_crop: Literal["black", "picture"] = "black"
    """What the corners of a rotated crop show; what lies outside the picture is black in any case."""

    def __post_init__(self) -> None:
        limits = {**dict.fromkeys(_FRACTIONS, 1.0), "rotation_deg": 180.0, "hue": 0.5}
        problems = [
            f"{name}: got {value:g}, expected 0..{most:g}"
            for name, most in limits.items()
            if not 0 <= (value := getattr(self, name)) <= most
        ]
        if not self.smallest_crop > 0:
            problems.append(f"smallest_crop: got {self.smallest_crop:g}, expected more than 0, up to 1")
        if self.beyond_crop not in ("black", "picture"):
            problems.append(f"beyond_crop: got {self.beyond_crop!r}, expected black or picture")
        if problems:
            raise ConfigError(problems)


class Augmenter:
    """Makes random views of live frames, on the device that they are on.

    Every number is drawn on the CPU, from the generator that is given: the same seed means the same crops, angles and
    colours on every device, and views that differ by rounding only.
    """

    def __init__(self, size_px: int | Size, settings: Augmentation | None = None) -> None:
        """Make views of (height, width) `size_px`, or of a square."""
        self.size_px = size_of(size_px)
        self.settings = settings or Augmentation()

    def __call__(self, images: Tensor, random: Generator) -> Tensor:
        """Take (N, 3, H, W) uint8 to one view (N, 3, height, width) float32 in 0..1."""
        view = self._resampled(images.float().div_(255), random)
        mapped = torch.rand(len(view), generator=random) < self.settings.turbo
        which = mapped.nonzero()[:, 0].to(view.device)
        view[which] = turbo(view[which])
        return self._jittered(view, random)

    def _resampled(self, images: Tensor, random: Generator) -> Tensor:
        """Crop, bring to size, rotate and flip; what lies outside the crop, or at least the picture, is black."""
        side, centre, turn = (drawn.to(images.device) for drawn in self._drawn(len(images), random))
        in_crop = F.affine_grid(turn, [len(images), 3, *self.size_px], align_corners=False)  # (N, h, w, 2) in -1..1
        in_picture = in_crop * side[:, None, None] + centre[:, None, None]
        view = F.grid_sample(images, in_picture, mode="bilinear", padding_mode="zeros", align_corners=False)
        if self.settings.beyond_crop == "black":
            view *= (in_crop.abs() <= 1).all(dim=3)[:, None]
        return view

    def _drawn(self, n: int, random: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Draw each crop's side (n, 2) as a fraction, its centre (n, 2) in -1..1, and turn and flip (n, 2, 3).

        The last says where in the crop (-1..1) each point of the view (-1..1) comes from; angles are those of the
        view's pixels, whatever its height and width.
        """
        s = self.settings
        side = s.smallest_crop + (1 - s.smallest_crop) * torch.rand(n, 2, generator=random)
        centre = (1 - side) * (2 * torch.rand(n, 2, generator=random) - 1)
        flips = torch.tensor([s.horizontal_flip, s.vertical_flip])
        mirror = 1 - 2 * (torch.rand(n, 2, generator=random) < flips).float()
        angle = math.radians(s.rotation_deg) * (2 * torch.rand(n, generator=random) - 1)
        aspect = self.size_px[0] / self.size_px[1]
        rotation = torch.stack([angle.cos(), -angle.sin() * aspect, angle.sin() / aspect, angle.cos()], dim=1)
        linear = rotation.view(n, 2, 2) * mirror[:, None, :]
        return side, centre, torch.cat([linear, torch.zeros(n, 2, 1)], dim=2)

    def _jittered(self, view: Tensor, random: Generator) -> Tensor:
        """Change brightness, contrast, saturation and hue, in an order drawn per batch, by amounts drawn per view.

        Each change is linear in the colours, so that all four are one matrix per view; only the result is clamped.
        """
        mean, device = view.mean(dim=(2, 3)), view.device  # (N, 3)
        matrix, offset = torch.eye(3, device=device).repeat(len(view), 1, 1), torch.zeros_like(mean)
        s = self.settings
        changes = (_brightness, s.brightness), (_contrast, s.contrast), (_saturation, s.saturation), (_hue, s.hue)
        for which in torch.randperm(len(changes), generator=random).tolist():
            change_of, most = changes[which]
            amount = most * (2 * torch.rand(len(view), generator=random) - 1)
            change, shift = change_of(amount.to(device)[:, None, None], mean)
            matrix = change @ matrix
            offset = _applied(change, offset) + shift
            mean = _applied(change, mean) + shift
        mixed = torch.baddbmm(offset[:, :, None], matrix, view.flatten(2))
        return mixed.view_as(view).clamp_(0, 1)


def _applied(matrix: Tensor, colour: Tensor) -> Tensor:
    """Multiply (N, 3, 3) with (N, 3)."""
    return torch.bmm(matrix, colour[:, :, None])[:, :, 0]


def _brightness(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Scale all colours; `amount` (N, 1, 1), `mean` colour (N, 3): matrix (N, 3, 3) and offset (N, 3)."""
    return (1 + amount) * _unchanged(amount), torch.zeros_like(mean)


def _contrast(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Move away from the view's mean grey."""
    grey = mean @ _LUMA.to(mean.device)
    return (1 + amount) * _unchanged(amount), -amount[:, :, 0] * grey[:, None].expand_as(mean)


def _saturation(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Move away from each pixel's own grey."""
    grey = _LUMA.to(mean.device).expand(3, 3)
    return (1 + amount) * _unchanged(amount) - amount * grey, torch.zeros_like(mean)


def _hue(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Turn the colours by `amount` of a full turn about the grey axis, in YIQ space."""
    angle = 2 * math.pi * amount[:, 0, 0]
    turn = _unchanged(amount).repeat(len(angle), 1, 1)
    turn[:, 1, 1] = turn[:, 2, 2] = angle.cos()
    turn[:, 1, 2] = -angle.sin()
    turn[:, 2, 1] = angle.sin()
    return _FROM_YIQ.to(angle.device) @ turn @ _TO_YIQ.to(angle.device), torch.zeros_like(mean)


def _unchanged(amount: Tensor) -> Tensor:
    """(3, 3) that leaves colours as they are, on the device of `amount`."""
    return torch.eye(3, device=amount.device)
