"""Whatever classifies and smooths, a replay at max, the workbench and a rescored session say the same, bit for bit."""

import dataclasses

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ModelConfig
from selfee_rt.decide import Decider
from selfee_rt.folder import SessionFolder
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Calibration, Curve
from selfee_rt.workbench.embedding import Embedded, OpenRecording
from selfee_rt.workbench.held_out import Scored
from selfee_rt.workbench.rescore import rescore
from selfee_rt.workbench.transitions import count_transitions
from tests.session.rig import configure, run, told
from tests.support import need_module

KNN_SETTINGS = {"k": 50.0, "tau": 0.07, "balance": 1.0}
TREES = {"model": "river.anomaly.HalfSpaceTrees", "arguments": {"window_size": 10}, "warm_up": 10}
DETECTORS = [
    {"kind": "selfee", "past_s": 2, "skip_exposures": 5, "warm_up_exposures": 10, "threshold": 0.0},
    {"kind": "mahalanobis", "threshold": 1.0},
    {"kind": "river", "name": "trees", **TREES, "threshold": 0.5},
    {"kind": "river", "name": "svm", "model": "river.anomaly.OneClassSVM", "warm_up": 10},
]


@pytest.fixture(scope="module")
def full_reference(rig, tmp_path_factory):
    """The rig's reference with transitions, a calibration and a LightGBM model."""
    need_module("lightgbm")
    from selfee_rt.workbench.boosting import train_boosted

    bare = Reference.load(rig / "reference.npz")
    count = len(bare.label_of)
    recording = Embedded("rig", None, bare.model_id, 30.0, count, np.arange(count), bare.embedding)
    scored = [Scored(recording, bare.label_of)]
    curves = (Curve((0.0, 0.5, 1.0), (0.1, 0.3, 0.9)),) * len(bare.labels)
    known = dataclasses.replace(
        bare,
        transitions=count_transitions(scored, len(bare.labels)),
        calibrations={"knn": Calibration("isotonic", "by hand", KNN_SETTINGS, curves=curves)},
    )
    path = tmp_path_factory.mktemp("parity") / "reference.npz"
    train_boosted(known, scored, 12, longest_bridged_jump=8).save(path)
    return path


def revised(decisions):
    return [revision for decision in decisions for revision in decision.revisions]


def offline(config, rig):
    """The same arena, embedded and decided without a session; its decisions, and what was pending at its end."""
    model = ModelConfig(file=rig / "model.onnx", threads=1)
    with OpenRecording(config.source, model, config.arena[0]) as recording:
        embedder = build.embedder(model, batch=1)
        known = build.reference(config, embedder.model_id)
        observers = build.observers(config, known, recording.info.fps, 4 * recording.interval)
        decider = Decider(embedder, observers, known.project, frame_interval=recording.interval, align="current")
        decisions = [decider.step(live) for live in recording.live_frames()]
        return decisions, decider.finish().revisions


def said(decisions):
    return [
        (o.exposure.index, o.exposure.media_ns, o.label_index, o.label, o.probabilities, o.scores, o.alarm, o.revision)
        for decision in decisions
        for o in decision.observations
    ]


@pytest.mark.parametrize(
    "observe",
    [
        {"classifier": {"kind": "probe"}, "smoothing": {"kind": "mean", "exposures": 5}},
        {"classifier": {"kind": "lightgbm"}, "smoothing": {"kind": "hmm", "lag_exposures": 4}},
        {"classifier": {"kind": "knn"}, "smoothing": {"kind": "hmm"}, "abstain": {"below_confidence": 0.99}},
        {"classifier": {"kind": "knn"}, "smoothing": {"kind": "none"}, "abstain": {"beyond_distance": 0.13}},
        {"classifier": {"kind": "river", "model": "river.naive_bayes.GaussianNB"}},
        {"detector": DETECTORS},
    ],
    ids=["probe-mean", "lightgbm-hmm-lag", "calibrated-hmm-abstain", "knn-abstain", "river", "detectors"],
)
def test_a_replay_at_max_the_workbench_and_rescoring_agree(rig, full_reference, tmp_path, observe):
    observe = {"reference": str(full_reference), **observe}
    config = configure(rig, tmp_path / "s", source={"seed": 7}, observe=observe)  # another animal than the reference's
    run(config)
    decisions, ending = offline(config, rig)
    live = told(tmp_path / "s")
    assert live == said(decisions)
    rescored = list(rescore(tmp_path / "s"))
    assert live == said(rescored)
    assert revised(rescored) == revised(decisions)
    with SessionFolder(tmp_path / "s") as session:
        assert list(session.revisions("arena")) == [*revised(decisions), *ending]
    assert any(row[3] is not None for row in live)
    scores = [row[5] for row in live]
    assert all(any(each[name] is not None for each in scores) for name in scores[0]), "a detector never scored"
    if "abstain" in observe:
        assert any(row[3] is None and row[4] is not None for row in live), "it never abstained"
