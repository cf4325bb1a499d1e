"""What a classifier says of exposures that it was not taught with: blocked cross-validation within recordings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from selfee_rt.errors import ConfigError
from selfee_rt.observe.reference import Reference
from selfee_rt.protocols import Classifier
from selfee_rt.workbench.embedding import Embedded

BLOCKS = 6
"""Contiguous blocks of each recording, held out in turn."""

GUARD_EXPOSURES = 25
"""Left out of training on either side of a held-out block, whose neighbours look alike; at least a window."""

SAME_FPS = 0.01
"""Frame rates this close (as a fraction) are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One recording with what is known of its exposures."""

    recording: Embedded
    label_of: NDArray[np.int64]
    """(N,) position in the reference's labels of each embedded exposure; -1: not scored, or left out."""

    def part(self, keep: NDArray[np.bool_]) -> "Scored":
        """Return the exposures where `keep` (N,) is true."""
        recording = self.recording
        kept = replace(recording, frame_index=recording.frame_index[keep], embedding=recording.embedding[keep])
        return Scored(kept, self.label_of[keep])


def score(
    recordings: Sequence[Embedded],
    labels: Sequence[tuple[str, ...] | None],
    names: tuple[str, ...],
    skip: Sequence[tuple[int, int]],
) -> list[Scored]:
    """Join recordings with the labels of all their exposures; `skip` holds ranges that count as not scored."""
    scored = []
    for recording, given in zip(recordings, labels, strict=True):
        index = recording.frame_index
        label_of = np.full(len(index), -1, dtype=np.int64)
        if given is not None:
            label_of[:] = [names.index(given[each]) if given[each] in names else -1 for each in index.tolist()]
        for first, last in skip:
            label_of[(index >= first) & (index <= last)] = -1
        scored.append(Scored(recording, label_of))
    return scored


def common_fps(scored: Sequence[Scored]) -> float | None:
    """Frame rate of the recordings of which something is scored; None where none is, or their rates differ."""
    rates = [each.recording.fps for each in scored if (each.label_of >= 0).any()]
    return rates[0] if rates and max(rates) - min(rates) <= SAME_FPS * min(rates) else None


MakeReference = Callable[[Sequence[Scored]], Reference]
"""Centres, projects and chooses a bank as for the whole reference, from the exposures given alone."""

MakeClassifier = Callable[[Reference, Sequence[Scored]], Classifier]
"""Trains a classifier on a reference and the recordings that it was made from."""


def held_out_probabilities(
    scored: Sequence[Scored],
    labels: tuple[str, ...],
    make_reference: MakeReference,
    make_classifier: MakeClassifier,
    *,
    guard_exposures: int,
    longest_bridged_jump: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities (M, C) and true labels (M,) of the scored exposures, each said without training on its block.

    An exposure that the classifier says nothing of, since its window is not full, is left out.

    Raises:
        ConfigError: a label lies in one block alone, so that nothing is left to train on without it.
    """
    said: list[NDArray[np.float64]] = []
    truth: list[int] = []
    for block in range(BLOCKS):
        training = [each.part(~_near(each, block, guard_exposures, guard_exposures)) for each in scored]
        _check(training, labels)
        reference = make_reference(training)
        classifier = make_classifier(reference, training)
        for each in scored:
            held_out = each.part(_near(each, block, guard_exposures, 0))  # the guard before it fills the window
            start = _edges(each, block)[0]
            answers = answers_of(classifier, reference, held_out.recording, longest_bridged_jump)
            for index, label, probabilities in zip(
                held_out.recording.frame_index.tolist(), held_out.label_of.tolist(), answers, strict=True
            ):
                if index >= start and label >= 0 and probabilities is not None:
                    said.append(probabilities)
                    truth.append(label)
    return np.array(said), np.array(truth, dtype=np.int64)


def answers_of(
    classifier: Classifier, reference: Reference, recording: Embedded, longest_bridged_jump: int
) -> Iterator[NDArray[np.float64] | None]:
    """Ask a classifier about every exposure of a recording, as a session would, starting anew."""
    classifier.reset("another recording")
    before = None
    for index, vector in zip(recording.frame_index.tolist(), recording.embedding, strict=True):
        if before is not None and index - before > longest_bridged_jump:
            classifier.reset(f"exposures {before + 1} to {index - 1} are missing")
        before = index
        point = reference.project(vector.astype(np.float32))
        yield classifier.probabilities(point)
        classifier.observe(point)


def _edges(scored: Scored, block: int) -> tuple[int, int]:
    """First exposure of a block, and the one after its last."""
    edges = np.linspace(0, scored.recording.exposures, BLOCKS + 1).round().astype(np.int64)
    return int(edges[block]), int(edges[block + 1])


def _near(scored: Scored, block: int, before: int, after: int) -> NDArray[np.bool_]:
    """Mask (N,) of the exposures of a block and so many before and after it."""
    start, stop = _edges(scored, block)
    index = scored.recording.frame_index
    return (index >= start - before) & (index < stop + after)


def _check(training: Sequence[Scored], labels: tuple[str, ...]) -> None:
    left = {label for each in training for label in np.unique(each.label_of).tolist()}
    problems = [
        f"--calibrate: the label {name!r} lies within one of {BLOCKS} blocks of the recordings, so that nothing of it "
        "is left when that is held out; score more bouts of it, or leave --calibrate out"
        for position, name in enumerate(labels)
        if position not in left
    ]
    if problems:
        raise ConfigError(problems)
