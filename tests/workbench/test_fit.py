"""Fitting a reference: what enters the bank, how it is projected, and where thresholds come from."""

import hashlib

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.config import KnnConfig, ModelConfig, ProbeConfig, SelfeeAnomalyConfig, VideoFileConfig
from selfee_rt.errors import ConfigError, LabelsError
from selfee_rt.observe.anomaly import SelfeeAnomaly
from selfee_rt.observe.calibrate import calibration_for, correction
from selfee_rt.observe.reference import Reference, unit
from selfee_rt.observe.threshold import threshold_for
from selfee_rt.workbench.embedding import Embedded, embed_whole, no_progress
from selfee_rt.workbench.fit import (
    FitSettings,
    choose_examples,
    fit,
    make_reference,
    principal_axes,
    thin,
)
from selfee_rt.workbench.parts import PartSettings
from selfee_rt.workbench.thresholds import ThresholdSettings, control_thresholds
from tests.support import need_module
from tests.tiny_model import write_tiny_model

DETECTOR = SelfeeAnomalyConfig(past_s=3, skip_exposures=5, warm_up_exposures=10)
THRESHOLDS = ThresholdSettings(detectors=(DETECTOR,))


def silent(name):
    return no_progress


def embedded(index, *, dim=4, seed=0, fps=30.0, name="a.mp4", exposures=None):
    rng = np.random.default_rng(seed)
    index = np.asarray(index, dtype=np.int64)
    return Embedded(
        name=name,
        sha256=None,
        model_id="5" * 64,
        fps=fps,
        exposures=exposures or int(index.max()) + 1,
        frame_index=index,
        embedding=rng.standard_normal((len(index), dim)).astype(np.float16),
    )


@given(
    labels=st.lists(st.sampled_from(["a", "b", "unlabel"]), min_size=6, max_size=40),
    skip=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 10)), max_size=3),
)
def test_the_bank_holds_every_labelled_exposure_that_is_not_skipped(labels, skip):
    recording = embedded(range(2, len(labels) - 2))
    ranges = [(first, first + length) for first, length in skip]
    wanted = [
        position
        for position, index in enumerate(recording.frame_index.tolist())
        if labels[index] != "unlabel" and not any(first <= index <= last for first, last in ranges)
    ]
    names = sorted(set(labels) - {"unlabel"})
    wanted_labels = [labels[position + 2] for position in wanted]
    if not wanted or set(wanted_labels) != set(names):
        with pytest.raises(ConfigError, match="is left"):
            choose_examples([recording], [tuple(labels)], ranges)
        return
    examples = choose_examples([recording], [tuple(labels)], ranges)
    np.testing.assert_array_equal(examples.embedding, recording.embedding[wanted])
    assert [examples.labels[label] for label in examples.label_of] == wanted_labels
    assert list(examples.labels) == names


def test_a_recording_without_labels_is_normal_behaviour_without_a_name():
    labelled, normal = embedded(range(5)), embedded(range(4), seed=1)
    examples = choose_examples([labelled, normal], [("a", "b", "a", "b", "a"), None], [])
    assert examples.label_of.tolist() == [0, 1, 0, 1, 0, -1, -1, -1, -1]


@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    most=st.integers(5, 120),
    seed=st.integers(0, 100),
)
def test_thinning_keeps_rare_labels_whole_and_cuts_the_others_alike(counts, most, seed):
    label_of = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)) - 1, counts))
    kept = thin(label_of, most)
    assert len(kept) == min(most, sum(counts)) or sum(counts) > most >= len(kept) > most - len(counts)
    assert (np.diff(kept) > 0).all()
    left = np.bincount(label_of[kept] + 1, minlength=len(counts))
    cut = [number for number, count in zip(left, counts, strict=True) if number < count]
    assert max(cut, default=0) - min(cut, default=0) <= 1
    if cut:
        assert left.max() <= max(cut) + 1  # of two that share an odd number, one may be left whole
    np.testing.assert_array_equal(kept, thin(label_of, most))


def test_thinning_covers_the_whole_recording():
    np.testing.assert_array_equal(thin(np.zeros(100, np.int64), 5), [0, 20, 40, 60, 80])


def test_fewer_examples_than_labels_are_refused():
    with pytest.raises(ConfigError, match="--max-bank 1 is less than the number of labels, 2"):
        thin(np.array([0, 1]), 1)


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(8, 60), dim=st.integers(2, 7), wanted=st.integers(1, 7), seed=st.integers(0, 1000))
def test_principal_axes_are_those_of_a_singular_value_decomposition(rows, dim, wanted, seed):
    wanted = min(dim, wanted)
    embedding = (np.random.default_rng(seed).standard_normal((rows, dim)) * np.arange(1, dim + 1)).astype(np.float32)
    mean, axes = principal_axes(embedding, wanted)
    np.testing.assert_allclose(mean, embedding.mean(axis=0), atol=1e-5)
    centred = embedding.astype(np.float64) - embedding.astype(np.float64).mean(axis=0)
    spread = np.linalg.svd(centred, compute_uv=False)
    np.testing.assert_allclose(np.linalg.norm(centred @ axes, axis=0), spread[:wanted], rtol=1e-4)
    np.testing.assert_allclose(axes.T @ axes, np.eye(wanted), atol=1e-5)
    assert (axes[np.abs(axes).argmax(axis=0), np.arange(wanted)] > 0).all()
    np.testing.assert_array_equal(axes, principal_axes(embedding, wanted)[1])


@pytest.mark.parametrize(("wanted", "most"), [(5, 4), (64, 4)])
def test_more_dimensions_than_there_are_is_refused(wanted, most):
    examples = choose_examples([embedded(range(30))], [None], [])
    with pytest.raises(ConfigError, match=f"--project {wanted}: the embedding has 4 dimensions .* at most {most}"):
        make_reference(examples, "5" * 64, wanted, 100)


def test_the_threshold_is_the_highest_score_of_the_live_detector_over_the_controls():
    reference = make_reference(choose_examples([embedded(range(50))], [None], []), "5" * 64, 3, 100)
    controls = [embedded(range(40), seed=seed, name=f"/somewhere/c{seed}.mp4") for seed in (1, 2)]
    highest = []
    for control in controls:
        past = []
        for vector in control.embedding.astype(np.float32):
            point = unit(reference.project(vector)).astype(np.float64)
            own = past[-90:][: max(len(past[-90:]) - 5, 0)]
            if len(own) >= 10:
                highest.append(max(own @ point) - max(reference.bank @ point))
            past.append(point)
    threshold = control_thresholds(reference, controls, THRESHOLDS)["selfee"]
    assert threshold.value == pytest.approx(max(highest), abs=1e-5)
    assert threshold.how == "highest score of the same causal detector over 2 control recordings: c1.mp4, c2.mp4"
    assert threshold.settings == {"past_s": 3.0, "skip_exposures": 5, "warm_up_exposures": 10, "fps": 30.0}


def test_a_control_too_short_for_a_score_is_refused():
    reference = make_reference(choose_examples([embedded(range(50))], [None], []), "5" * 64, 3, 100)
    with pytest.raises(
        ConfigError, match=r"control a\.mp4 is too short for a score of 'selfee': got 15 live frames, .* least 16"
    ):
        control_thresholds(reference, [embedded(range(15))], THRESHOLDS)
    assert control_thresholds(reference, [embedded(range(16))], THRESHOLDS)


def test_controls_of_different_frame_rates_are_refused():
    reference = make_reference(choose_examples([embedded(range(50))], [None], []), "5" * 64, 3, 100)
    with pytest.raises(ConfigError, match=r"control b\.mp4 has 60 fps, the first 30"):
        control_thresholds(reference, [embedded(range(40)), embedded(range(40), fps=60.0, name="b.mp4")], THRESHOLDS)


# --- from real files ---------------------------------------------------------------------------------------------


def write_video(path, frames, *, seed, fps=30):
    """A bright square that walks; where it goes depends on the seed."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=fps)
        stream.width = stream.height = 64
        stream.pix_fmt = "gray"
        place = np.array([20.0, 20.0])
        for _ in range(frames):
            place = np.clip(place + rng.normal(0, 4, 2), 0, 48)
            picture = np.full((64, 64), 20, np.uint8)
            row, column = place.astype(int)
            picture[row : row + 16, column : column + 16] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="gray")))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A tiny model, a labelled video, and a control."""
    folder = tmp_path_factory.mktemp("fit")
    write_tiny_model(folder / "model.onnx")
    write_video(folder / "bank.mkv", 60, seed=1)
    write_video(folder / "control.mkv", 50, seed=2)
    rows = [f"{frame},{('still', 'moving', 'unlabel')[frame // 20]}\n" for frame in range(60)]
    (folder / "labels.csv").write_text("frame,label\n" + "".join(rows))
    return folder


def asked(files, out, **changes):
    settings = {
        "videos": (files / "bank.mkv",),
        "labels": (files / "labels.csv",),
        "controls": (files / "control.mkv",),
        "skip": ((10, 14),),
        "out": out,
        "model": ModelConfig(file=files / "model.onnx", threads=1),
        "project": 8,
        "thresholds": THRESHOLDS,
    }
    return FitSettings(**(settings | changes))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_reference_is_made_from_videos_and_read_back(files, tmp_path):
    made = fit(asked(files, tmp_path / "r.npz"), progress=silent)
    loaded = Reference.load(tmp_path / "r.npz")
    np.testing.assert_array_equal(loaded.bank, made.bank)
    assert loaded.model_id == sha256(files / "model.onnx")
    assert loaded.labels == ("moving", "still")
    # Exposures 2..39 are embedded and labelled, less the five that are skipped.
    assert np.bincount(loaded.label_of).tolist() == [20, 13]
    bank, control = loaded.made_from
    assert (bank.name, bank.sha256, bank.use, bank.skipped) == (
        "bank.mkv",
        sha256(files / "bank.mkv"),
        "bank",
        ((10, 14),),
    )
    assert bank.labels_sha256 == sha256(files / "labels.csv")
    assert (control.name, control.sha256, control.use, control.exposures) == (
        "control.mkv",
        sha256(files / "control.mkv"),
        "control",
        50,
    )


def test_no_score_of_a_control_is_above_its_threshold_and_one_reaches_it(files, tmp_path):
    reference = fit(asked(files, tmp_path / "r.npz"), progress=silent)
    control = embed_whole(
        VideoFileConfig(path=files / "control.mkv", speed="max"),
        ModelConfig(file=files / "model.onnx", threads=1),
        asked(files, tmp_path).arena,
    )
    threshold = threshold_for(reference.thresholds, DETECTOR, control.fps)
    detector = SelfeeAnomaly(reference, DETECTOR, control.fps)
    scores = []
    for vector in control.embedding:
        point = reference.project(vector.astype(np.float32))
        scores.append(detector.score(point))
        detector.observe(point)
    assert max(score for score in scores if score is not None) == threshold


def test_the_same_recordings_give_the_same_file(files, tmp_path):
    fit(asked(files, tmp_path / "a.npz"), progress=silent)
    fit(asked(files, tmp_path / "b.npz"), progress=silent)
    first, second = Reference.load(tmp_path / "a.npz"), Reference.load(tmp_path / "b.npz")
    for name in ("bank", "label_of", "mean", "projection"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.thresholds == second.thresholds


def test_everything_that_shows_before_the_work_is_said_at_once(files, tmp_path):
    out = tmp_path / "r.npz"
    out.write_text("precious")
    with pytest.raises(ConfigError) as caught:
        fit(
            asked(files, out, labels=(), skip=((5, 4),), controls=(files / "bank.mkv", files / "gone.mkv")),
            progress=silent,
        )
    text = "\n".join(caught.value.problems)
    for words in (
        "exists; nothing is ever overwritten",
        "got 0 label files for 1 videos",
        "--skip 5:4: expected A:B",
        "bank.mkv is the same recording as",
        "there is no file",
    ):
        assert words in text
    assert out.read_text() == "precious"


def test_an_output_in_a_folder_that_is_not_there_is_refused_first(files, tmp_path):
    with pytest.raises(ConfigError, match="there is no folder"):
        fit(asked(files, tmp_path / "gone" / "r.npz"), progress=silent)


def test_labels_of_another_length_are_refused_and_nothing_is_written(files, tmp_path):
    (tmp_path / "short.csv").write_text("frame,label\n0,a\n")
    with pytest.raises(LabelsError, match=r"short\.csv, line 2: the labels end with frame 0, .* exposure 59"):
        fit(asked(files, tmp_path / "r.npz", labels=(tmp_path / "short.csv",)), progress=silent)
    assert not (tmp_path / "r.npz").exists()


# --- transitions, classifiers, calibration -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_files(files, tmp_path_factory):
    """A longer labelled video, whose labels change often enough to be held out."""
    folder = tmp_path_factory.mktemp("long")
    write_video(folder / "bank.mkv", 400, seed=5)
    rows = [f"{frame},{('still', 'moving')[frame // 15 % 2]}\n" for frame in range(400)]
    (folder / "labels.csv").write_text("frame,label\n" + "".join(rows))
    return folder


def with_parts(files, long_files, out, **parts):
    videos, labels = (long_files / "bank.mkv",), (long_files / "labels.csv",)
    return asked(files, out, videos=videos, labels=labels, controls=(), skip=(), parts=PartSettings(**parts))


def test_transitions_are_counted_wherever_there_are_labels(files, tmp_path):
    reference = fit(asked(files, tmp_path / "r.npz"), progress=silent)
    # still 2..19 without 10..14, moving 20..39; one change; nothing across what is skipped
    assert reference.transitions.counts == ((19, 0), (1, 11))
    assert reference.transitions.exposures == (20, 13)
    assert Reference.load(tmp_path / "r.npz").transitions == reference.transitions


def test_a_reference_without_labels_has_no_transitions(files, tmp_path):
    assert fit(asked(files, tmp_path / "r.npz", labels=(None,)), progress=silent).transitions is None


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_every_classifier_that_is_asked_for_is_calibrated(files, long_files, tmp_path, method):
    settings = with_parts(files, long_files, tmp_path / "r.npz", classifiers=("knn", "probe"), calibrate=method)
    fit(settings, progress=silent)
    loaded = Reference.load(tmp_path / "r.npz")
    assert set(loaded.calibrations) == {"knn", "probe"}
    assert loaded.calibrations["knn"].how == "396 exposures of 1 recordings, 6 blocks of each held out in turn"
    for config in (KnnConfig(), ProbeConfig()):
        calibration = calibration_for(loaded, config, wanted=True)
        assert correction(calibration)(np.array([0.3, 0.7])).sum() == pytest.approx(1)


def test_a_lightgbm_model_is_trained_and_calibrated(files, long_files, tmp_path):
    need_module("lightgbm")
    from selfee_rt.observe.boosted import BoostedClassifier

    parts = {"classifiers": ("lightgbm",), "calibrate": "temperature", "window_exposures": 8}
    made = fit(with_parts(files, long_files, tmp_path / "r.npz", **parts), progress=silent)
    loaded = Reference.load(tmp_path / "r.npz")
    assert loaded.boosted == made.boosted
    assert loaded.boosted.window_exposures == 8
    # All but the first 7 of a recording have a full window, also when their block is held out.
    assert loaded.calibrations["lightgbm"].how.startswith("389 exposures")
    assert BoostedClassifier(loaded, 30.0).labels == ("moving", "still")


def test_what_needs_labels_is_refused_without_them(files, tmp_path):
    parts = PartSettings(classifiers=("lightgbm",), calibrate="isotonic")
    with pytest.raises(ConfigError) as caught:
        fit(asked(files, tmp_path / "r.npz", labels=(None,), parts=parts), progress=silent)
    assert caught.value.problems == (
        "--calibrate needs labelled exposures, and there are none; give --labels",
        "--classifier lightgbm needs labelled exposures, and there are none; give --labels",
    )


def test_labels_too_rare_to_be_held_out_are_refused_and_nothing_is_written(files, tmp_path):
    settings = asked(files, tmp_path / "r.npz", parts=PartSettings(calibrate="temperature"))
    with pytest.raises(ConfigError, match="lies within one of 6 blocks"):
        fit(settings, progress=silent)
    assert not (tmp_path / "r.npz").exists()
