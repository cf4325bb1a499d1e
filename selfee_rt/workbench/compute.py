"""Where a network is trained and in which precision."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import torch

from selfee_rt.errors import ConfigError

Precision = Literal["auto", "fp32", "bf16", "fp16"]
_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Compute:
    """A device and the type that the backbone computes with; projector, heads and losses stay float32."""

    device: torch.device
    dtype: torch.dtype

    def autocast(self) -> AbstractContextManager[None]:
        """The context that the network runs in."""
        reduced = self.dtype != torch.float32
        return torch.autocast(
            self.device.type,
            self.dtype if reduced else torch.bfloat16,
            enabled=reduced,
            cache_enabled=self.device.type == "cuda",  # on a CPU two threads share the weights, but not the cache
        )

    def scaler(self) -> torch.amp.GradScaler:
        """Keeps the gradients of float16 from vanishing; does nothing for the other types."""
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)

    def __str__(self) -> str:
        return f"{self.device} in {str(self.dtype).removeprefix('torch.')}"


def compute_on(device: Literal["cpu", "cuda"] | None, precision: Precision, local: int = 0) -> Compute:
    """Choose the device, None: a GPU where there is one; and the type, auto: float16 on a GPU, bfloat16 on a CPU.

    On a GPU, kernels are fixed and TF32 is off, so that a run repeats as far as CUDA lets it.

    Args:
        device: what the user asked for.
        precision: what the settings say.
        local: number of this process on this computer, which is the number of its GPU.

    Raises:
        ConfigError: there is no such GPU, or it does not know bfloat16.
    """
    cuda = torch.cuda.is_available() if device is None else device == "cuda"
    if not cuda:
        return Compute(torch.device("cpu"), _TYPES["bf16" if precision == "auto" else precision])
    _check_gpu(precision, local)
    _fix_kernels()
    return Compute(torch.device("cuda", local), _TYPES["fp16" if precision == "auto" else precision])


def _check_gpu(precision: Precision, local: int) -> None:
    """Refuse a GPU that is not there, or lacks what is asked of it."""
    if torch.cuda.device_count() <= local:
        raise ConfigError(
            [
                f"training on CUDA: got {torch.cuda.device_count()} GPUs that torch {torch.__version__} can use, "
                f"expected at least {local + 1}; use --device cpu, or start fewer processes"
            ]
        )
    torch.cuda.set_device(local)
    if precision == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False):
        raise ConfigError([f"{torch.cuda.get_device_name(local)} does not know bfloat16; use fp16 or fp32"])


def _fix_kernels() -> None:
    """Give up a little speed for runs that repeat."""
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
