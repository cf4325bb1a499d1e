"""What is to be timed: every runtime that is on offer, on every model file, one live frame at a time and all arenas."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import msgspec

from selfee_rt import __version__
from selfee_rt.config import ModelConfig
from selfee_rt.embed.onnx import cores
from selfee_rt.embed.providers import PROVIDERS
from selfee_rt.embed.runtimes import list_gpus
from selfee_rt.errors import ConfigError
from selfee_rt.workbench.bench.child import WORKER
from selfee_rt.workbench.bench.messages import Offer

OFFER_TIMEOUT_S = 120.0
NVIDIA = ("cuda",)
"""Tried wherever there is an NVIDIA GPU, so that a GPU which is not used has a row that says why."""


ENGINE = "our TensorRT engine"
"""Of the model file, from the cache that `selfee-rt engine` fills."""


@dataclass(frozen=True)
class Environment:
    """One Python and what it can run models with; two builds of ONNX Runtime cannot be in one."""

    python: Path
    offer: Offer
    letter: str = ""
    """A, B, … where several are timed."""


@dataclass(frozen=True)
class Candidate:
    """One row of the benchmark: one runtime on one file with one batch."""

    model: int
    """Number of the model file, from 0."""
    runtime: str
    """For people, for example "cpu, 1 thread"."""
    config: ModelConfig
    batch: int
    environment: Environment


def candidates(
    files: Sequence[Path],
    environments: Sequence[Environment],
    *,
    providers: Sequence[str],
    threads: Sequence[int],
    batches: Sequence[int],
) -> list[Candidate]:
    """Every runtime of every environment on every file, with every batch; `providers` empty: all that are on offer."""
    return [
        Candidate(model, _with_letter(name, environment), config.model_copy(update={"file": file}), batch, environment)
        for (model, file), environment in product(enumerate(files), environments)
        for name, config in runtimes(environment.offer.providers, providers, threads, has_gpu=bool(list_gpus()))
        for batch in dict.fromkeys(batches)
    ]


def runtimes(
    offered: Sequence[str], asked: Sequence[str], threads: Sequence[int], *, has_gpu: bool
) -> Iterator[tuple[str, ModelConfig]]:
    """Each runtime by its name for people, with the [model] section that chooses it.

    >>> [name for name, _ in runtimes(["azure", "cpu"], [], [1, 3], has_gpu=True)]
    ['our TensorRT engine', 'cuda', 'cpu, 1 thread', 'cpu, 3 threads']
    """
    if has_gpu and not asked:
        yield ENGINE, ModelConfig(runtime="tensorrt")
    nvidia = [name for name in NVIDIA if has_gpu and name not in offered]
    for provider in asked or [*nvidia, *(name for name in offered if name in PROVIDERS)]:
        if provider == "cpu":
            for count in dict.fromkeys(threads):
                yield f"cpu, {count} thread{'s' if count > 1 else ''}", ModelConfig(threads=count)
        else:
            yield provider, ModelConfig(providers=(provider,))


def default_threads() -> tuple[int, ...]:
    """One, and as many as a session takes: all cores but one."""
    return (1, max(1, cores() - 1))


def environments(pythons: Sequence[Path]) -> list[Environment]:
    """This Python's environment and those of `pythons`, lettered where there are several.

    Raises:
        ConfigError: one cannot be run, or has no selfee-rt, or another version of it; carries every problem.
    """
    found, problems = list[Environment](), list[str]()
    every = [Path(sys.executable), *pythons]
    for python, letter in zip(every, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", strict=False):
        try:
            found.append(Environment(python, _ask(python), letter if pythons else ""))
        except _NotUsable as error:
            problems.append(f"--python {python}: {error}; install selfee-rt {__version__} there, or leave it out")
    if problems:
        raise ConfigError(problems)
    return found


class _NotUsable(Exception):
    """A Python cannot be timed beside; the message is why."""


def _ask(python: Path) -> Offer:
    try:
        answer = subprocess.run(  # noqa: S603  our own program, in the Python that the user named
            [str(python), *WORKER, "offer"], capture_output=True, timeout=OFFER_TIMEOUT_S, check=False
        )
        offer = msgspec.json.decode(answer.stdout, type=Offer)
    except subprocess.TimeoutExpired as error:
        raise _NotUsable(f"did not answer for {OFFER_TIMEOUT_S:g} s") from error
    except OSError as error:
        raise _NotUsable(f"cannot be run ({error.strerror})") from error
    except msgspec.MsgspecError as error:
        said = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _NotUsable(f"cannot say what it offers ({said[-1] if said else 'no answer'})") from error
    if offer.version != __version__:
        raise _NotUsable(f"has selfee-rt {offer.version}, this is {__version__}")
    return offer


def _with_letter(name: str, environment: Environment) -> str:
    return f"{environment.letter}: {name}" if environment.letter else name
