"""Selfee's augmentations, on a whole batch at once: two views of a live frame differ by what should not matter.

Crop, rotation and flips are one affine resampling; then the turbo colour map, which makes each channel's intensity
look different, and colour jitter. From Jia et al. 2022 (eLife 11:e76218); the colour map is the polynomial
approximation of turbo published by its authors.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

_TURBO = torch.tensor(
    [
        [0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943],
        [0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604],
        [0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973],
    ]
)
"""(3, 6): red, green, blue; coefficients of x^0 … x^5."""

_LUMA = torch.tensor([0.299, 0.587, 0.114])
"""(3,) weights of red, green and blue in the grey value (BT.601)."""

_TO_YIQ = torch.tensor([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_FROM_YIQ = torch.linalg.inv(_TO_YIQ)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far two views may differ; the defaults are Selfee's."""

    smallest_crop: float = 0.7
    """Width and height of the crop are each drawn from this..1 of the side."""
    rotation_deg: float = 45.0
    """Rotation is drawn from -this..this."""
    flip: float = 0.5
    """Probability of a horizontal, and of a vertical, flip."""
    turbo: float = 0.5
    """Probability of the turbo colour map."""
    jitter: float = 0.1
    """Largest change of brightness, contrast and saturation (factor 1 ± this) and hue (± this turn)."""


class Augmenter:
    """Makes random views of live frames."""

    def __init__(self, size_px: int | tuple[int, int], settings: Augmentation | None = None) -> None:
        self._size_px = (size_px, size_px) if isinstance(size_px, int) else size_px
        self._settings = settings or Augmentation()

    def __call__(self, images: Tensor, random: Generator) -> Tensor:
        """Take (N, 3, S, S) uint8 to one view (N, 3, *size_px) float32 in 0..1."""
        view = self._resampled(images.float().div_(255), random)
        mapped = torch.rand(len(view), generator=random) < self._settings.turbo
        view[mapped] = turbo(view[mapped])
        return self._jittered(view, random)

    def _resampled(self, images: Tensor, random: Generator) -> Tensor:
        """Crop, rotate and flip; what lies outside the picture is black."""
        theta = self._affine(len(images), random)
        shape = [len(images), 3, *self._size_px]
        grid = F.affine_grid(theta, shape, align_corners=False)
        return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    def _affine(self, n: int, random: Generator) -> Tensor:
        """Return (n, 2, 3): where in the picture (-1..1) each point of the view (-1..1) comes from."""
        s = self._settings
        side = s.smallest_crop + (1 - s.smallest_crop) * torch.rand(n, 2, generator=random)
        centre = (1 - side) * (2 * torch.rand(n, 2, generator=random) - 1)
        mirror = 1 - 2 * (torch.rand(n, 2, generator=random) < s.flip).float()
        angle = math.radians(s.rotation_deg) * (2 * torch.rand(n, generator=random) - 1)
        rotation = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1).view(n, 2, 2)
        linear = side[:, :, None] * rotation * mirror[:, None, :]
        return torch.cat([linear, centre[:, :, None]], dim=2)

    def _jittered(self, view: Tensor, random: Generator) -> Tensor:
        """Change brightness, contrast, saturation and hue, in an order drawn per batch, by amounts drawn per view.

        Each change is linear in the colours, so that all four are one matrix per view; only the result is clamped.
        """
        mean = view.mean(dim=(2, 3))  # (N, 3)
        matrix, offset = torch.eye(3).repeat(len(view), 1, 1), torch.zeros(len(view), 3)
        for which in torch.randperm(len(_CHANGES), generator=random).tolist():
            amount = self._settings.jitter * (2 * torch.rand(len(view), generator=random) - 1)
            change, shift = _CHANGES[which](amount[:, None, None], mean)
            matrix = change @ matrix
            offset = _applied(change, offset) + shift
            mean = _applied(change, mean) + shift
        mixed = torch.baddbmm(offset[:, :, None], matrix, view.flatten(2))
        return mixed.view_as(view).clamp_(0, 1)


def turbo(view: Tensor) -> Tensor:
    """Pass channel c of (N, 3, H, W) in 0..1 through column c (red, green, blue) of the turbo colour map."""
    columns = _TURBO.t()[:, :, None, None]  # (6, 3, 1, 1)
    mapped = columns[5] * view
    for power in range(4, 0, -1):
        mapped.add_(columns[power]).mul_(view)
    return mapped.add_(columns[0]).clamp_(0, 1)


def _applied(matrix: Tensor, colour: Tensor) -> Tensor:
    """Multiply (N, 3, 3) with (N, 3)."""
    return torch.bmm(matrix, colour[:, :, None])[:, :, 0]


def _brightness(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Scale all colours; `amount` (N, 1, 1), `mean` colour (N, 3): matrix (N, 3, 3) and offset (N, 3)."""
    return (1 + amount) * torch.eye(3), torch.zeros_like(mean)


def _contrast(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Move away from the view's mean grey."""
    return (1 + amount) * torch.eye(3), -amount[:, :, 0] * (mean @ _LUMA)[:, None].expand_as(mean)


def _saturation(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Move away from each pixel's own grey."""
    return (1 + amount) * torch.eye(3) - amount * _LUMA.expand(3, 3), torch.zeros_like(mean)


def _hue(amount: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Turn the colours by `amount` of a full turn about the grey axis, in YIQ space."""
    angle = 2 * math.pi * amount[:, 0, 0]
    turn = torch.eye(3).repeat(len(angle), 1, 1)
    turn[:, 1, 1] = turn[:, 2, 2] = angle.cos()
    turn[:, 1, 2] = -angle.sin()
    turn[:, 2, 1] = angle.sin()
    return _FROM_YIQ @ turn @ _TO_YIQ, torch.zeros_like(mean)


_CHANGES = (_brightness, _contrast, _saturation, _hue)
