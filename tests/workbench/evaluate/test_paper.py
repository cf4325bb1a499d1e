"""The preset is the paper's classifier: k = 200, tau = 0.07, mode of 21, balanced, edges padded, nothing centred.

The other implementation is written here from the paper's text and the published script's steps, in plain numpy.
"""

import numpy as np
import pytest

from selfee_rt.config import ArenaConfig, ModelConfig, VideoFileConfig
from selfee_rt.workbench.embedding import embed_whole, no_progress
from selfee_rt.workbench.evaluate.centred_windows import centred_mode
from selfee_rt.workbench.evaluate.padded import embed_padded
from selfee_rt.workbench.evaluate.reading import Inputs
from selfee_rt.workbench.evaluate.run import Run
from selfee_rt.workbench.evaluate.scores import Scoring
from selfee_rt.workbench.evaluate.settings import PAPER_CLASSIFIER, PAPER_SMOOTHING
from selfee_rt.workbench.evaluate.training import Preparation
from selfee_rt.workbench.evaluate.variants import classifier_of, smoothing_of
from selfee_rt.workbench.labels import read_labels
from tests.support import need_data
from tests.tiny_model import write_tiny_model
from tests.workbench.evaluate.material import block, labelled, settings
from tests.workbench.test_fit import write_video

PAPER = Preparation(paper=True)


def of_the_paper(bank, label_of, queries, labels):
    """Labels before and after the mode of 21, and the balanced votes, with float64 throughout."""
    bank, queries = bank.astype(np.float64), queries.astype(np.float64)
    bank /= np.linalg.norm(bank, axis=1, keepdims=True)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    votes = np.zeros((len(queries), labels))
    for row, similarity in enumerate(queries @ bank.T):
        nearest = np.argsort(-similarity, kind="stable")[:200]
        for label in range(labels):
            share = len(label_of) / np.sum(label_of == label)
            votes[row, label] = share * np.exp(similarity[nearest][label_of[nearest] == label] / 0.07).sum()
    single = votes.argmax(axis=1)
    windows = [single[max(0, row - 10) : min(row + 10, len(single) - 1) + 1] for row in range(len(single))]
    mode = np.array([np.bincount(window, minlength=labels).argmax() for window in windows])
    return single, mode, votes / votes.sum(axis=1, keepdims=True)


def evaluated(recordings, parts, labels):
    """Every variant of the preset."""
    names = tuple("abcdefgh"[:labels])
    given = settings(
        Inputs((), (), ModelConfig(), ArenaConfig(name="arena")),
        classifiers=(PAPER_CLASSIFIER,),
        smoothings=("none", PAPER_SMOOTHING),
        preparation=PAPER,
    )
    scoring = Scoring(names, 40.0, 8, False, 250, 0.5, 2, 0)
    run = Run(given, recordings, parts, scoring, no_progress)
    return {(each.smoothing, each.window): each for each in run.variants("current")}


def test_the_preset_says_what_the_options_say():
    config = classifier_of(PAPER_CLASSIFIER)
    assert (config.k, config.tau, config.balance) == (200, 0.07, True)
    assert smoothing_of(PAPER_SMOOTHING).window == 21


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_labels_and_votes_are_those_of_the_other_implementation_on_random_data(seed):
    rng = np.random.default_rng(seed)
    label_of = np.repeat(rng.choice(4, 60, p=(0.6, 0.2, 0.1, 0.1)), 15)
    rows = (rng.standard_normal((4, 24))[label_of] * 0.3 + rng.standard_normal((900, 24))).astype(np.float16)
    whole = labelled(label_of, embedding=rows, frame_index=np.arange(900))
    part = block(600, 900)
    found = evaluated([whole], [part], 4)
    single, mode, votes = of_the_paper(rows[:600], label_of[:600], rows[600:], 4)
    np.testing.assert_array_equal(found["none", "current"].said[0].label_of, single)
    np.testing.assert_array_equal(found["mode:21", "centred"].said[0].label_of, mode)
    np.testing.assert_allclose(found["none", "current"].said[0].probabilities, votes, atol=1e-5)
    assert len(set(mode.tolist())) > 1
    assert (single != mode).any(), "a mode that changes nothing shows nothing"


@pytest.mark.slow
def test_labels_are_those_of_the_other_implementation_on_fly_courtship():
    video, labels_path = need_data("fly_courtship.mp4"), need_data("fly_courtship_labels.csv")
    source = VideoFileConfig(path=video, speed="max")
    stored = embed_padded(source, ModelConfig(), ArenaConfig(name="arena"), pad=True, progress=no_progress)
    np.testing.assert_array_equal(stored.frame_index, np.arange(3000))
    texts = read_labels(labels_path)
    names = sorted(set(texts) - {"unlabel"})
    label_of = np.array([names.index(text) if text in names else -1 for text in texts])
    whole = labelled(label_of, embedding=stored.embedding, frame_index=stored.frame_index)
    part = block(2000, 3000)
    found = evaluated([whole], [part], len(names))
    known = label_of[:2000] >= 0
    single, mode, votes = of_the_paper(
        stored.embedding[:2000][known], label_of[:2000][known], stored.embedding[2000:], 3
    )
    near_tie = np.sort(votes, axis=1)[:, -1] - np.sort(votes, axis=1)[:, -2] < 1e-4
    agree = found["none", "current"].said[0].label_of == single
    assert (agree | near_tie).all()
    np.testing.assert_allclose(found["none", "current"].said[0].probabilities, votes, atol=1e-3)
    if agree.all():
        np.testing.assert_array_equal(found["mode:21", "centred"].said[0].label_of, mode)


def test_of_equally_frequent_labels_in_a_window_the_first_in_order_is_said():
    np.testing.assert_array_equal(centred_mode(np.eye(3)[[2, 1, 2, 1]], 21).label_of, [1, 1, 1, 1])


def test_padded_edges_give_every_exposure_an_embedding_with_the_current_picture_for_what_is_missing(tmp_path):
    write_tiny_model(tmp_path / "model.onnx")
    write_video(tmp_path / "a.mkv", 20, seed=1)
    source, model = VideoFileConfig(path=tmp_path / "a.mkv", speed="max"), ModelConfig(file=tmp_path / "model.onnx")
    arena = ArenaConfig(name="arena")
    plain = embed_whole(source, model, arena)
    bare, padded = (embed_padded(source, model, arena, pad=pad, progress=no_progress) for pad in (False, True))
    np.testing.assert_array_equal(bare.frame_index, plain.frame_index)
    np.testing.assert_array_equal(bare.embedding, plain.embedding)
    np.testing.assert_array_equal(padded.frame_index, np.arange(20))
    np.testing.assert_array_equal(padded.embedding[2:18], plain.embedding)
    expected = edges_of(source, model, arena)
    np.testing.assert_array_equal(padded.embedding[[0, 1, 18, 19]], expected)


def edges_of(source, model, arena):
    """Embeddings of exposures 0, 1, 18 and 19, from live frames put together by hand."""
    from selfee_rt import build
    from selfee_rt.workbench.embedding import OpenRecording

    with OpenRecording(source, model, arena) as recording:
        live = {each.exposure.index: each.image for each in recording.live_frames()}
    single = {index: image[:, 1] for index, image in live.items()}
    single |= {0: live[2][:, 0], 1: live[3][:, 0], 18: live[16][:, 2], 19: live[17][:, 2]}
    embedder = build.embedder(model, batch=1)
    chosen = [(0, 0, 2), (1, 1, 3), (16, 18, 18), (17, 19, 19)]
    return np.concatenate([embedder.embed(np.stack([single[i] for i in three], axis=1)) for three in chosen]).astype(
        np.float16
    )
