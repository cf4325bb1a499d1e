"""The process that runs one runtime: `python -m selfee_rt.workbench.bench.worker`, told by a benchmark what to do.

It ends when its standard input does, so that it never outlives the benchmark. With `offer` as its argument it only says
what its Python can run models with.
"""

import gc
import os
import signal
import sys
from itertools import count
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from selfee_rt import __version__, build
from selfee_rt.clock import NS_PER_MS, now_ns
from selfee_rt.config import ModelConfig
from selfee_rt.embed.plugins import installed_plugins
from selfee_rt.embed.runtimes import list_runtimes
from selfee_rt.errors import SelfeeRTError
from selfee_rt.protocols import Embedder
from selfee_rt.signals import peak_memory_bytes
from selfee_rt.workbench.bench.messages import Block, Failed, Offer, Ready, Reply, Task, Times


def main() -> None:
    """Say what is on offer, or run the one task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Windows has no sessions: Ctrl-C reaches us there
    with _private_stdout() as out:
        if sys.argv[1:] == ["offer"]:
            _say(out, offer())
        else:
            serve(sys.stdin.buffer, out)


def _private_stdout() -> BinaryIO:
    """Standard output for us alone; whatever a library prints goes to standard error."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out


def offer() -> Offer:
    """What this Python can run models with."""
    (onnxruntime,) = list_runtimes()
    providers = [*onnxruntime.providers, *installed_plugins()]
    return Offer(__version__, f"{onnxruntime.name} {onnxruntime.version}", providers)


def serve(orders: BinaryIO, out: BinaryIO) -> None:
    """Start the runtime of the task, then time one block after the other until `orders` end."""
    task = msgspec.json.decode(orders.readline(), type=Task)
    try:
        _serve(task, orders, out)
    except SelfeeRTError as error:
        _say(out, Failed(str(error)))


def _serve(task: Task, orders: BinaryIO, out: BinaryIO) -> None:
    start = now_ns()
    embedder = build.embedder(ModelConfig.model_validate(task.model), batch=task.batch)
    started = now_ns()
    images: NDArray[np.uint8] = np.load(task.images)
    np.save(task.embeddings, embed_all(embedder, images, task.batch))
    batches = batches_of(images, task.batch)
    gc.collect()
    gc.freeze()
    _say(out, Ready(embedder.session_options_summary, (started - start) / NS_PER_MS))
    turn = count()
    for order in orders:
        block = msgspec.json.decode(order, type=Block)
        for _ in range(block.settle):
            embedder.embed(batches[next(turn) % len(batches)])
        durations = [_timed(embedder, batches[next(turn) % len(batches)]) for _ in range(block.inferences)]
        _say(out, Times(durations, peak_memory_bytes()))
    embedder.close()


def _timed(embedder: Embedder, images: NDArray[np.uint8]) -> int:
    start = now_ns()
    embedder.embed(images)
    return now_ns() - start


def batches_of(images: NDArray[np.uint8], batch: int) -> list[NDArray[np.uint8]]:
    """Cut (N, 3, H, W) into batches of exactly `batch`, each an array of its own; the last wraps round.

    >>> [each[:, 0, 0, 0].tolist() for each in batches_of(np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1), 2)]
    [[0, 1], [2, 3], [4, 0]]
    """
    starts = range(0, len(images), batch)
    return [images[np.arange(start, start + batch) % len(images)] for start in starts]


def embed_all(embedder: Embedder, images: NDArray[np.uint8], batch: int) -> NDArray[np.float32]:
    """Embed (N, 3, H, W) live frames in batches of exactly `batch`: (N, D) float32."""
    return np.concatenate([embedder.embed(each) for each in batches_of(images, batch)])[: len(images)]


def _say(out: BinaryIO, what: Reply | Offer) -> None:
    out.write(msgspec.json.encode(what) + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
