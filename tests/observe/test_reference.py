"""The reference file: what it holds comes back exactly, and damage is refused in words."""

import io
import itertools
import zipfile

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfee_rt.errors import ReferenceFileError
from selfee_rt.observe.reference import Recording, Reference, random_projection, unit
from tests.observe.support import MODEL, make_reference, threshold


def saved(folder, **changes):
    path = folder / "reference.npz"
    make_reference(**changes).save(path)
    return path


def rewritten(path, change):
    """Apply `change` to the dict of arrays in a reference file and write it back."""
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)
    return path


def set_to(name, value):
    return lambda arrays: arrays.__setitem__(name, value(arrays[name]) if callable(value) else value)


def test_what_is_saved_comes_back_exactly(tmp_path):
    made_from = (Recording("a.mp4", "ab" * 32, "bank", 60, "cd" * 32, ((3, 7), (9, 9))),)
    before = make_reference(thresholds={"selfee": threshold(0.25)})
    before = Reference(
        before.model_id,
        before.labels,
        before.label_of,
        before.embedding,
        before.mean,
        before.projection,
        before.thresholds,
        made_from,
    )
    before.save(tmp_path / "r.npz")
    after = Reference.load(tmp_path / "r.npz")
    for name in ("label_of", "embedding", "mean", "projection", "bank"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        assert getattr(after, name).dtype == getattr(before, name).dtype
        assert not getattr(after, name).flags.writeable
    for name in ("model_id", "labels", "thresholds", "made_from"):
        assert getattr(after, name) == getattr(before, name)


def test_a_row_of_the_bank_is_its_embedding_centred_projected_and_of_length_one():
    reference = make_reference()
    for row, vector in zip(reference.bank, reference.embedding.astype(np.float64), strict=True):
        expected = (vector - reference.mean) @ reference.projection
        np.testing.assert_allclose(row, expected / np.linalg.norm(expected), rtol=2e-4, atol=1e-5)


def test_a_row_of_the_bank_is_bit_equal_to_projecting_its_embedding_live():
    reference = make_reference(rows=40, dim=257, points_dim=64)
    for row, vector in zip(reference.bank, reference.embedding, strict=True):
        np.testing.assert_array_equal(row, unit(reference.project(vector.astype(np.float32))))


def test_the_zero_vector_keeps_length_zero():
    np.testing.assert_array_equal(unit(np.zeros((2, 3), np.float32)), np.zeros((2, 3)))


def test_only_embeddings_of_the_same_model_are_taken():
    reference = make_reference()
    reference.check_model(MODEL)
    with pytest.raises(ReferenceFileError, match=r"got model 666666666666…, expected 555555555555…; run the session"):
        reference.check_model("6" * 64)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReferenceFileError, match=r"there is no reference .*gone\.npz; make one"):
        Reference.load(tmp_path / "gone.npz")


def test_a_folder_is_no_reference(tmp_path):
    with pytest.raises(ReferenceFileError, match="damaged or not a reference"):
        Reference.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"not a reference at all", b"\x93NUMPY\x01\x00"])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "r.npz"
    path.write_bytes(content)
    with pytest.raises(ReferenceFileError, match=r"cannot use the reference .*expected a file made by `selfee-rt fit`"):
        Reference.load(path)


def test_a_bare_array_is_refused(tmp_path):
    with (tmp_path / "r.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ReferenceFileError, match="one bare array"):
        Reference.load(tmp_path / "r.npz")


def test_pickled_objects_are_never_loaded(tmp_path):
    path = rewritten(saved(tmp_path), set_to("label_of", np.array([print], dtype=object)))
    with pytest.raises(ReferenceFileError, match="allow_pickle"):
        Reference.load(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(fraction=st.floats(0, 0.999))
def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path, fraction):
    content = saved(tmp_path).read_bytes()
    path = tmp_path / "cut.npz"
    path.write_bytes(content[: int(fraction * len(content))])
    with pytest.raises(ReferenceFileError):
        Reference.load(path)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_changes_nothing(tmp_path, data):
    before = make_reference()
    content = bytearray(saved(tmp_path).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "changed.npz"
    path.write_bytes(bytes(content))
    try:
        after = Reference.load(path)
    except ReferenceFileError:
        return
    np.testing.assert_array_equal(after.embedding, before.embedding)
    np.testing.assert_array_equal(after.label_of, before.label_of)
    np.testing.assert_array_equal(after.bank, before.bank)
    assert after.labels == before.labels


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_to("embedding", lambda a: a.astype(np.float32)), "embedding is float32"),
        (set_to("embedding", lambda a: a[0]), r"embedding is float16 with shape \(12,\), expected float16 with 2 dim"),
        (set_to("embedding", lambda a: np.full_like(a, np.nan)), "embedding holds numbers that are not finite"),
        (set_to("mean", lambda a: np.full_like(a, np.inf)), "mean holds numbers that are not finite"),
        (set_to("projection", lambda a: np.full_like(a, np.nan)), "projection holds numbers that are not finite"),
        (set_to("mean", lambda a: a[1:]), "shapes do not fit"),
        (set_to("label_of", lambda a: a[1:]), "shapes do not fit"),
        (set_to("projection", lambda a: a[1:]), "shapes do not fit"),
        (set_to("projection", lambda a: np.ones((12, 13), np.float32)), "projection goes to 13 dimensions"),
        (set_to("projection", lambda a: np.ones((12, 0), np.float32)), "projection goes to 0 dimensions"),
        (set_to("label_of", lambda a: np.zeros_like(a)), r"labels \[0\], expected every one of \[0, 1, 2\]"),
        (set_to("label_of", lambda a: a + 1), r"labels \[0, 1, 2, 3\], expected"),
        (set_to("label_of", lambda a: a - 1), r"labels \[-2, 0, 1\], expected"),
        (lambda arrays: arrays.pop("mean"), "parts missing or unknown: mean"),
        (set_to("extra", np.zeros(1)), "parts missing or unknown: extra"),
        (lambda arrays: arrays.pop("metadata"), "description is missing"),
        (set_to("metadata", np.frombuffer(b"{}", np.uint8)), "missing required field"),
        (set_to("metadata", np.frombuffer(b"\xff\xfe", np.uint8)), "description is missing or not as expected"),
    ],
)
def test_parts_that_are_wrong_are_named(tmp_path, change, words):
    path = saved(tmp_path)
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays.setdefault("extra", np.zeros(1))
    if "extra" not in words:
        del arrays["extra"]
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(ReferenceFileError, match=words):
        Reference.load(path)


def changed_metadata(path, **changes):
    def change(arrays):
        metadata = msgspec.json.decode(arrays["metadata"].tobytes()) | changes
        arrays["metadata"] = np.frombuffer(msgspec.json.encode(metadata), np.uint8)

    return rewritten(path, change)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 3}, "it has version 3, expected at most 2"),
        ({"format": "something else"}, "something else"),
        ({"surprise": 1}, "surprise"),
        ({"labels": ["a", "a", "b"]}, "a label is there twice: a, a, b"),
        ({"labels": []}, r"expected every one of \[\] and no other"),
        ({"thresholds": {"selfee": {"value": "high", "how": "", "settings": {}}}}, "thresholds"),
    ],
)
def test_a_wrong_description_is_refused(tmp_path, changes, words):
    with pytest.raises(ReferenceFileError, match=words):
        Reference.load(changed_metadata(saved(tmp_path), **changes))


def test_a_reference_without_labels_is_one_of_normal_behaviour():
    reference = make_reference()
    normal = Reference(MODEL, (), np.full(60, -1), reference.embedding, reference.mean, reference.projection)
    assert normal.bank.shape == (60, 5)


def test_a_reference_without_examples_is_refused():
    reference = make_reference()
    with pytest.raises(ReferenceFileError, match="it has no examples"):
        Reference(MODEL, (), np.zeros(0, np.int64), reference.embedding[:0], reference.mean, reference.projection)


def test_saving_replaces_the_file_whole_and_leaves_nothing_beside_it(tmp_path):
    path = saved(tmp_path)
    make_reference(rows=30).save(path)
    assert len(Reference.load(path).label_of) == 30
    assert [each.name for each in tmp_path.iterdir()] == ["reference.npz"]


def test_a_reference_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = saved(tmp_path)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ReferenceFileError, match="No space left on device; choose a writable folder"):
        make_reference(rows=30).save(path)
    assert len(Reference.load(path).label_of) == 60
    assert [each.name for each in tmp_path.iterdir()] == ["reference.npz"]


def test_a_reference_for_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ReferenceFileError, match="No such file"):
        make_reference().save(tmp_path / "gone" / "r.npz")


def test_the_arrays_lie_in_an_ordinary_zip_that_numpy_reads_without_pickle(tmp_path):
    with zipfile.ZipFile(io.BytesIO(saved(tmp_path).read_bytes())) as archive:
        names = {name.removesuffix(".npy") for name in archive.namelist()}
    assert names == {"metadata", "label_of", "embedding", "mean", "projection"}


def test_a_random_projection_repeats_and_keeps_distances_roughly():
    matrix = random_projection(512, 64, seed=3)
    np.testing.assert_array_equal(matrix, random_projection(512, 64, seed=3))
    assert not np.array_equal(matrix, random_projection(512, 64, seed=4))
    vectors = np.random.default_rng(0).standard_normal((20, 512)).astype(np.float32)
    for a, b in itertools.combinations(vectors, 2):
        ratio = np.linalg.norm((a - b) @ matrix) / np.linalg.norm(a - b)
        assert 0.6 < ratio < 1.4
