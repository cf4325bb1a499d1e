"""LightGBM is trained on the windows that a session would see, and in the same way every time."""

import numpy as np
import pytest

from selfee_rt.errors import ConfigError
from selfee_rt.observe.windows import causal_features
from selfee_rt.workbench.boosting import reference_points, scored_windows, train_boosted
from selfee_rt.workbench.embedding import Embedded
from selfee_rt.workbench.held_out import Scored
from tests.observe.support import MODEL, make_reference
from tests.support import need_module

need_module("lightgbm")


def scored(index=range(120), *, label_of=None, fps=30.0, seed=0):
    """Exposures whose embedding lies where their label is."""
    rng = np.random.default_rng(seed)
    index = np.asarray(index, np.int64)
    label_of = (np.arange(len(index)) // 10) % 3 if label_of is None else label_of
    embedding = (rng.standard_normal((len(index), 12)) + 3 * label_of[:, None]).astype(np.float16)
    return Scored(Embedded("a.mp4", None, MODEL, fps, int(index.max()) + 1, index, embedding), label_of)


def trained(*recordings, window=5):
    return train_boosted(make_reference(), recordings, window, longest_bridged_jump=8)


def test_windows_are_those_of_unbroken_runs_and_labels_those_of_their_last_exposures():
    index = [*range(20), *range(40, 52), *range(55, 70)]
    label_of = np.arange(len(index)) % 4 - 1
    given, reference = scored(index, label_of=label_of), make_reference()
    points = reference_points(reference, given.recording.embedding)
    features, labels = scored_windows(reference, [given], 5, longest_bridged_jump=8)
    # Exposures 20 to 39 are a break; 52 to 54 are bridged, as in a session.
    expected = [
        (row, label)
        for first, last in ((0, 20), (20, 47))
        for row, label in zip(causal_features(points[first:last], 5), label_of[first + 4 : last], strict=True)
        if label >= 0
    ]
    np.testing.assert_array_equal(features, [row for row, _ in expected])
    np.testing.assert_array_equal(labels, [label for _, label in expected])


def test_the_same_recordings_give_the_same_model():
    first, second = trained(scored(), scored(seed=1)), trained(scored(), scored(seed=1))
    np.testing.assert_array_equal(first.boosted_text, second.boosted_text)
    assert first.boosted == second.boosted
    assert first.boosted.fps == 30.0


def test_it_tells_apart_what_it_was_taught():
    import lightgbm

    given = scored()
    reference = trained(given)
    features, labels = scored_windows(reference, [given], 5, 8)
    model = lightgbm.Booster(model_str=reference.boosted_text.tobytes().decode())
    assert (model.predict(features).argmax(axis=1) == labels).mean() > 0.9


def test_a_rare_label_weighs_as_much_as_a_frequent_one():
    import lightgbm

    label_of = np.where(np.arange(300) % 30 == 0, 0, np.where(np.arange(300) % 30 == 1, 2, 1))
    given = scored(range(300), label_of=label_of)
    same = Scored(
        given.recording.__class__(
            **{name: getattr(given.recording, name) for name in ("name", "sha256", "model_id", "fps", "exposures")},
            frame_index=given.recording.frame_index,
            embedding=np.ones_like(given.recording.embedding),
        ),
        label_of,
    )
    reference = trained(same)
    model = lightgbm.Booster(model_str=reference.boosted_text.tobytes().decode())
    np.testing.assert_allclose(model.predict(np.ones((1, 30)))[0], np.full(3, 1 / 3), atol=0.02)


def test_a_label_without_a_full_window_is_named():
    label_of = np.array([0] * 3 + [1] * 60 + [2] * 57)
    with pytest.raises(ConfigError, match="no exposure of the label 'chasing' has 4 consecutive ones before it"):
        trained(scored(label_of=label_of))


def test_one_label_is_nothing_to_tell_apart():
    with pytest.raises(ConfigError, match="got 1 labels, expected at least 2"):
        train_boosted(make_reference(labels=("only",)), [scored(label_of=np.zeros(120, np.int64))], 5, 8)


def test_recordings_of_different_frame_rates_have_no_common_window():
    with pytest.raises(ConfigError, match="a window of exposures needs one frame rate"):
        trained(scored(), scored(fps=60.0))
