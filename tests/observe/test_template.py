"""Template files: what is saved is what is loaded, and nothing else is. The search turns matches into bouts."""

import io
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.errors import TemplateFileError
from selfee_rt.observe.reference import random_projection
from selfee_rt.observe.template import Origin, Template, TemplateSearch
from selfee_rt.types import Bout

MODEL = "5" * 64
RNG = np.random.default_rng(0)


def make_template(rows=5, dim=12, points_dim=4, threshold=0.1, name="wing", seed=0):
    rng = np.random.default_rng(seed)
    return Template(
        name=name,
        model_id=MODEL,
        embedding=rng.standard_normal((rows, dim)).astype(np.float16),
        mean=rng.standard_normal(dim).astype(np.float32) / 10,
        projection=random_projection(dim, points_dim, seed),
        threshold=threshold,
        how="lowest cost of a control",
        origin=Origin("a.mp4", "1" * 64, "arena", 100, 104, 30.0),
    )


def streamed(template, before=20, after=20):
    """Embeddings of other things, the template's own, and other things."""
    rng = np.random.default_rng(9)
    other = rng.standard_normal((before + after, template.embedding.shape[1])).astype(np.float32)
    own = template.embedding.astype(np.float32)
    return [template.project(row) for row in (*other[:before], *own, *other[before:])]


def test_what_is_saved_is_what_is_loaded(tmp_path):
    template = make_template()
    template.save(tmp_path / "t.npz")
    loaded = Template.load(tmp_path / "t.npz")
    for part in ("embedding", "mean", "projection", "points"):
        assert np.array_equal(getattr(loaded, part), getattr(template, part))
    for part in ("name", "model_id", "threshold", "how", "origin"):
        assert getattr(loaded, part) == getattr(template, part)
    assert list(tmp_path.iterdir()) == [tmp_path / "t.npz"]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "t.npz"
    make_template().save(path)
    content = path.read_bytes()

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TemplateFileError, match="No space left"):
        make_template(seed=1).save(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_its_likes_are_found_and_become_bouts():
    template = make_template()
    search = TemplateSearch(template, "left")
    bouts = [search.push(point, index, 7 * index) for index, point in enumerate(streamed(template))]
    expected = Bout("left", "template:wing", 20, 24, 140, 168, source="template")
    assert [bout for bout in bouts if bout] == [expected]
    assert search.finish() is None


def test_a_match_at_the_very_end_is_a_bout_too():
    template = make_template()
    search = TemplateSearch(template, "left")
    assert not any(search.push(point, index, 0) for index, point in enumerate(streamed(template, after=0)))
    assert search.finish().stop_index == 24


def test_a_break_inside_an_occurrence_hides_it():
    template = make_template()
    search = TemplateSearch(template, "left", 0.01)
    for index, point in enumerate(streamed(template)):
        if index == 22:
            search.reset("exposures are missing")
        assert search.push(point, index, 0) is None


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(1, 8), repeats=st.integers(1, 2), scale=st.floats(0.1, 50))
def test_neither_speed_nor_the_length_of_embeddings_matters(rows, repeats, scale):
    template = make_template(rows=rows)
    search = TemplateSearch(template, "left", 1e-4)
    slow = [point * np.float32(scale) for point in template.points for _ in range(repeats)]
    bouts = [search.push(point, index, 0) for index, point in enumerate(slow)]
    assert any([*bouts, search.finish()])


def test_the_callers_threshold_comes_first_and_there_must_be_one():
    stream = streamed(make_template())[:5]
    strict, generous = (TemplateSearch(make_template(), "a", limit) for limit in (1e-9, 1.9))
    for index, point in enumerate(stream):
        strict.push(point, index, 0)
        generous.push(point, index, 0)
    assert (strict.finish() is None, generous.finish() is None) == (True, False)
    with pytest.raises(TemplateFileError, match="has no threshold; give one"):
        TemplateSearch(make_template(threshold=None), "a")


def test_a_point_without_direction_is_at_distance_one_from_everything():
    search = TemplateSearch(make_template(), "a")
    for index in range(5):
        search.push(np.zeros(4, np.float32), index, 0)
    assert search.cost == 1.0


def test_another_model_is_refused():
    make_template().check_model(MODEL)
    with pytest.raises(TemplateFileError, match="made with another model: got model 666666666666"):
        make_template().check_model("6" * 64)


def test_another_projection_is_refused():
    template = make_template()
    template.check_projection(template.mean, template.projection)
    with pytest.raises(TemplateFileError, match="projected in another way"):
        template.check_projection(template.mean + 1, template.projection)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"embedding": np.zeros((0, 12), np.float16)}, "it has no exposure"),
        ({"embedding": np.full((2, 12), np.nan, np.float16)}, "not finite"),
        ({"embedding": np.zeros((2, 12), np.float32)}, "embedding is float32"),
        ({"embedding": np.zeros((2, 11), np.float16)}, "shapes do not fit"),
        ({"mean": np.zeros(3, np.float32)}, "shapes do not fit"),
        ({"projection": np.zeros(12, np.float32)}, "projection is float32 with shape"),
        ({"threshold": 0.0}, "its threshold is 0.0"),
        ({"threshold": float("nan")}, "its threshold is nan"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, expected):
    with pytest.raises(TemplateFileError, match=expected):
        replace(make_template(), **changes)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(TemplateFileError, match=r"there is no template .* make one with"):
        Template.load(tmp_path / "t.npz")


def test_a_damaged_file_is_refused_wherever_it_is_damaged(tmp_path):
    path = tmp_path / "t.npz"
    make_template().save(path)
    content = path.read_bytes()
    for position in range(0, len(content), 97):
        path.write_bytes(content[:position])
        with pytest.raises(TemplateFileError):
            Template.load(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "t.npz"
    np.savez(path, embedding=np.zeros(3))
    with pytest.raises(TemplateFileError, match="damaged or not a template"):
        Template.load(path)


def test_a_pickle_is_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    make_template().save(tmp_path / "t.npz")
    with zipfile.ZipFile(tmp_path / "t.npz", "a") as archive:
        content = io.BytesIO()
        np.lib.format.write_array(content, np.array([1]), allow_pickle=False)
        header = (
            content.getvalue()[:10] + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
        )
        archive.writestr("bomb.npy", header + pickle.dumps(Bomb()))
    with pytest.raises(TemplateFileError):
        Template.load(tmp_path / "t.npz")


def test_a_newer_version_or_a_part_too_many_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.npz"
    monkeypatch.setattr("selfee_rt.observe.template.VERSION", 2)
    make_template().save(path)
    monkeypatch.undo()
    with pytest.raises(TemplateFileError, match="version 2, expected 1"):
        Template.load(path)
    make_template().save(path)
    with np.load(path) as archive:
        parts = dict(archive)
    np.savez(path, **parts, more=np.zeros(1))
    with pytest.raises(TemplateFileError, match="parts missing or unknown: more"):
        Template.load(path)
