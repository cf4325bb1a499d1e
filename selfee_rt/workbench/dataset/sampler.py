"""Draws batches of live frames; a draw depends on the seed and the step alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.workbench.dataset.live import LiveFrameSet
from selfee_rt.workbench.dataset.order import Epochs, Numbers, Order, Weighted


class BatchSampler:
    """Draws batches of live frames, none twice in a batch.

    With `inner_shuffle` a batch comes from one recording, since differences between recordings would drown all others;
    without, from all of them. Without `weights` an epoch takes every live frame once, in an order of its own, and
    leaves over what does not fill a batch (of each recording with `inner_shuffle`); so recordings count by their
    length. With weights every batch is drawn by itself: one recording, or with mixed batches every live frame's, is
    drawn by weight.

    Both, and `live_share`, are the authors' (EBGU/Selfee, train_selfee.py: innerShuffle, p_RGB_3F), with their
    defaults; they leave `innerShuffle` off for flies. An epoch of theirs never takes what lies behind a recording's
    last whole batch; ours leaves over others each time.

    A draw depends on the seed and the step alone, so that a resumed run sees what an uninterrupted one would have.

    Raises:
        ConfigError: a recording holds fewer live frames than a batch, or weights do not fit.
    """

    def __init__(
        self,
        sets: Sequence[LiveFrameSet],
        weights: Sequence[float] | None,
        batch: int,
        seed: int,
        *,
        inner_shuffle: bool = True,
        live_share: float = 1.0,
    ) -> None:
        """Take `batch` live frames a step, of all ranks together; `live_share` of the batches hold no raw frames."""
        problems = _problems(sets, weights, batch, inner_shuffle)
        if not 0 <= live_share <= 1:
            problems.append(f"got a share of live frames of {live_share:g}; expected 0..1")
        if problems:
            raise ConfigError(problems)
        self._sets, self._batch, self._seed, self._live_share = tuple(sets), batch, seed, live_share
        counts = [len(each) for each in sets]
        self._first = np.concatenate(([0], np.cumsum(counts)))
        if weights is None:
            self._order: Order = Epochs(counts, batch, seed, inner_shuffle)
        else:
            self._order = Weighted(counts, weights, batch, seed, inner_shuffle)

    def draw(self, step: int, rank: int = 0, ranks: int = 1) -> NDArray[np.uint8]:
        """Return the share of one of several ranks in the batch of one step: (batch / ranks, 3, H, W) uint8.

        Raises:
            ConfigError: the batch cannot be shared equally.
        """
        numbers = self.numbers(step, rank, ranks)
        recording = np.searchsorted(self._first, numbers, side="right") - 1
        live = self._live_share == 1 or np.random.default_rng((self._seed, step, 1)).random() < self._live_share
        height, width = self._sets[0].recording.grey.shape[1:]
        images = np.empty((len(numbers), 3, height, width), np.uint8)
        for each in np.unique(recording).tolist():
            which, chosen = recording == each, self._sets[each]
            own = numbers[which] - self._first[each]
            images[which] = chosen.images(own) if live else chosen.raw(own)
        return images

    def numbers(self, step: int, rank: int = 0, ranks: int = 1) -> Numbers:
        """Which live frames `draw` returns: (batch / ranks,), counted through all recordings.

        Raises:
            ConfigError: the batch cannot be shared equally.
        """
        if self._batch % ranks:
            raise ConfigError(
                [f"a batch of {self._batch} cannot be shared equally by {ranks} processes; choose a multiple"]
            )
        share = self._batch // ranks
        return self._order.batch_of(step)[rank * share : (rank + 1) * share]


def _problems(
    sets: Sequence[LiveFrameSet], weights: Sequence[float] | None, batch: int, inner_shuffle: bool
) -> list[str]:
    """Say everything that does not fit together."""
    problems = []
    if inner_shuffle or weights is not None:
        problems = [
            f"{s.recording.name} holds {len(s)} live frames, a batch needs {batch}; leave it out or lower the batch"
            for s in sets
            if len(s) < batch
        ]
    elif sum(map(len, sets)) < batch:
        problems.append(
            f"all recordings hold {sum(map(len, sets))} live frames, a batch needs {batch}; lower the batch"
        )
    if not sets or (weights is not None and (len(sets) != len(weights) or min(weights) <= 0)):
        problems.append(f"got {len(sets)} recordings and weights {weights}; expected one positive each")
    sizes = sorted({s.recording.grey.shape[1:] for s in sets})
    if len(sizes) > 1:
        problems.append(f"got recordings of several sizes, {sizes}; prepare all of them at one size")
    return problems
