"""The LightGBM classifier: what it needs, and what it refuses."""

import dataclasses
import hashlib

import numpy as np
import pytest

from selfee_rt.errors import ConfigError, ReferenceFileError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import boosted_text
from selfee_rt.observe.windows import causal_features
from tests.observe.support import boosted_reference, make_reference, points
from tests.support import need_module

lightgbm = need_module("lightgbm")
from selfee_rt.observe.boosted import BoostedClassifier  # noqa: E402 (it imports lightgbm, which may be absent)


def with_text(text):
    """A reference whose model is `text`, described as if that were right."""
    stored, reference = boosted_text(text), boosted_reference()
    described = reference.boosted.__struct_fields__
    parts = {name: getattr(reference.boosted, name) for name in described}
    parts["sha256"] = hashlib.sha256(stored.tobytes()).hexdigest()
    return dataclasses.replace(reference, boosted=type(reference.boosted)(**parts), boosted_text=stored)


def test_it_says_what_the_stored_model_says_of_the_window():
    reference, stream = boosted_reference(window=8), points(30)
    classifier = BoostedClassifier(reference, 30.0)
    model = lightgbm.Booster(model_str=reference.boosted_text.tobytes().decode())
    said = []
    for point in stream:
        said.append(classifier.probabilities(point))
        classifier.observe(point)
    assert [each is None for each in said] == [True] * 7 + [False] * 23
    np.testing.assert_array_equal(said[7:], [model.predict(row[None])[0] for row in causal_features(stream, 8)])


def test_the_model_comes_back_from_the_file_as_it_was(tmp_path):
    boosted_reference().save(tmp_path / "r.npz")
    loaded = Reference.load(tmp_path / "r.npz")
    first, second = (BoostedClassifier(each, 30.0) for each in (boosted_reference(), loaded))
    for point in points(12):
        assert (first.probabilities(point) is None) == (second.probabilities(point) is None)
        for each in (first, second):
            each.observe(point)
    np.testing.assert_array_equal(first.probabilities(points(1)[0]), second.probabilities(points(1)[0]))


def test_a_reference_without_a_model_is_refused():
    with pytest.raises(ConfigError, match="holds no LightGBM model; make one with `selfee-rt fit --classifier light"):
        BoostedClassifier(make_reference(), 30.0)


def test_another_frame_rate_is_another_window():
    BoostedClassifier(boosted_reference(), 29.97)
    with pytest.raises(ConfigError, match=r"learned at another frame rate: got 60 fps, expected 30; use that rate"):
        BoostedClassifier(boosted_reference(), 60.0)


@pytest.mark.parametrize("text", ["", "tree\nversion=v4\n", "not a model at all"])
def test_a_text_that_is_no_model_is_refused_in_words(text):
    with pytest.raises(ReferenceFileError, match="cannot read the reference's model"):
        BoostedClassifier(with_text(text), 30.0)


def test_a_model_of_other_features_or_labels_is_refused():
    rng = np.random.default_rng(0)
    data = lightgbm.Dataset(rng.standard_normal((60, 7)), label=np.arange(60) % 2, params={"verbose": -1})
    other = lightgbm.train({"objective": "multiclass", "num_class": 2, "verbose": -1}, data, num_boost_round=2)
    with pytest.raises(ReferenceFileError, match=r"has 7 features and 2 labels, expected 30 and 3; make"):
        BoostedClassifier(with_text(other.model_to_string()), 30.0)
