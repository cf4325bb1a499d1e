"""Networks as Selfee's authors build and save them, from torchvision and torch alone: nothing of this program is used.

Keys, biases and widths are those that the authors' code makes (github.com/EBGU/Selfee, `train_selfee.py`).
"""

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torchvision import models
from torchvision.transforms import functional


class Encoder(nn.Module):
    """A ResNet without classifier, then three linear layers with biases, each with a batch norm."""

    def __init__(self, resnet: str, width: int) -> None:
        super().__init__()
        self.backbone = models.get_model(resnet, weights=None)
        n = self.backbone.fc.in_features
        self.backbone.fc = nn.Identity()
        layers: list[nn.Module] = []
        for n_in in (n, width, width):
            layers += [nn.Linear(n_in, width), nn.BatchNorm1d(width), nn.ReLU()]
        self.projector = nn.Sequential(*layers[:-1])

    def forward(self, images: Tensor) -> Tensor:
        """Take (N, 3, H, W) in 0..1 to (N, width)."""
        embedding: Tensor = self.projector(self.backbone(images))
        return embedding


class GroupWeight(nn.Module):
    """The group branch's weight, (in, out)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out))


class Heads(nn.Module):
    """What only training uses."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = width // 4
        self.predictor = nn.Sequential(
            nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, width)
        )
        self.groupDis = nn.Sequential(GroupWeight(width, 2 * hidden))


class SimSiam(nn.Module):
    """The authors' default."""

    def __init__(self, resnet: str = "resnet18", width: int = 16) -> None:
        super().__init__()
        self.backbone = Encoder(resnet, width)
        self.predictor = Heads(width)

    @property
    def encoder(self) -> Encoder:
        """What embeds."""
        return self.backbone


class Byol(nn.Module):
    """With a second encoder that follows the first; its weights differ, and it does not embed."""

    def __init__(self, resnet: str = "resnet18", width: int = 16) -> None:
        super().__init__()
        self.online_encoder = Encoder(resnet, width)
        self.target_encoder = Encoder(resnet, width)
        self.predictor = Heads(width)

    @property
    def encoder(self) -> Encoder:
        """What embeds."""
        return self.online_encoder


def settled(network: nn.Module, size_px: tuple[int, int], seed: int) -> Any:
    """Give the batch norms statistics of pictures, and scales and shifts that are not 1 and 0; seeded.

    The last scale of each residual block is small, as in trained networks: with scales around 1, the 50 layers
    amplify the rounding of float32 until two correct implementations differ by more than 1e-4.
    """
    torch.manual_seed(seed)
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.momentum = 1.0
            nn.init.uniform_(module.weight, *((0.1, 0.3) if name.endswith("bn3") else (0.5, 1.5)))
            nn.init.normal_(module.bias, 0.0, 0.2)
    with torch.no_grad():
        network.train().encoder(torch.from_numpy(_chequered(32, size_px, seed)).float() / 255)  # type: ignore[union-attr,operator]
    return network.eval()


def _chequered(n: int, size_px: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    """(n, 3, H, W) of random tiles, large and small, bright and dark."""
    random = np.random.default_rng(seed)
    pictures = []
    for _ in range(n):
        tiles = random.integers(0, 256, (*random.integers(2, 12, 2), 3)) * random.uniform(0.1, 1)
        picture = cv2.resize(tiles.astype(np.uint8), size_px[::-1], interpolation=cv2.INTER_NEAREST)
        pictures.append(picture.transpose(2, 0, 1))
    return np.stack(pictures)


def recording(frames: int, size_px: tuple[int, int] = (90, 120), seed: int = 3) -> NDArray[np.uint8]:
    """(T, H, W, 3) BGR as OpenCV reads it: a coloured patch that walks over a structured ground of changing light."""
    random = np.random.default_rng(seed)
    height, width = size_px
    ground = cv2.resize(random.integers(0, 120, (12, 16, 3), dtype=np.uint8), (width, height))
    pictures = []
    for i in range(frames):
        picture = (ground * (0.4 + 0.6 * np.abs(np.sin(i / 3)))).astype(np.uint8)
        x, y = (7 * i) % (width - 20), int((height - 20) * (0.5 + 0.45 * np.cos(i / 2)))
        picture[y : y + 20, x : x + 20] = (250, 60 + 5 * (i % 30), 200)
        pictures.append(picture + random.integers(0, 20, picture.shape, dtype=np.uint8))
    return np.stack(pictures)


def prepared(pictures: NDArray[np.uint8], interval: int, size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Every live frame of a recording by the authors' own way: (N, 3, H, W) uint8 before it is divided by 255."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures]
    live = []
    for i in range(interval, len(grey) - interval):
        merged = Image.fromarray(cv2.merge([grey[i - interval], grey[i], grey[i + interval]]))
        live.append(np.asarray(functional.resize(merged, list(size_px))))
    return np.ascontiguousarray(np.stack(live).transpose(0, 3, 1, 2))


def embedded(encoder: Encoder, live: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Embed (N, 3, H, W) uint8 live frames as the authors do: `to_tensor`, nothing else, evaluation mode."""
    tensors = torch.stack([functional.to_tensor(Image.fromarray(image.transpose(1, 2, 0))) for image in live])
    with torch.inference_mode():
        result: NDArray[np.float32] = encoder.eval()(tensors).numpy()
    return result
