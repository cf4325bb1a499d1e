"""The optional parts of a reference come back exactly, and damage to them is refused in words."""

import dataclasses

import msgspec
import numpy as np
import pytest

from selfee_rt.errors import ConfigError, ReferenceFileError
from selfee_rt.observe.reference import Reference
from selfee_rt.observe.reference_parts import Boosted, Calibration, Curve, Transitions, check_fps
from tests.observe.support import boosted_reference, make_reference
from tests.support import ROOT, need_module

TRANSITIONS = Transitions(((5, 1, 0), (1, 7, 0), (0, 0, 3)), (6, 8, 4), 29.97)
CALIBRATIONS = {
    "knn": Calibration("temperature", "on two recordings", {"k": 50.0, "tau": 0.07, "balance": 1.0}, temperature=1.7),
    "probe": Calibration(
        "isotonic",
        "on three",
        {"l2": 0.1},
        curves=(Curve((0.0, 1 / 3, 1.0), (0.1, 0.1, 0.9)), *[Curve((0.5,), (0.2,))] * 2),
    ),
}


def full():
    return dataclasses.replace(make_reference(), calibrations=CALIBRATIONS, transitions=TRANSITIONS)


def changed(path, **changes):
    """Change the description in a reference file."""
    with np.load(path) as archive:
        arrays = dict(archive)
    metadata = msgspec.json.decode(arrays["metadata"].tobytes())
    for name, value in changes.items():
        metadata[name] = value(metadata[name]) if callable(value) else value
    arrays["metadata"] = np.frombuffer(msgspec.json.encode(metadata), np.uint8)
    np.savez(path, **arrays)
    return path


def test_calibrations_and_transitions_come_back_exactly(tmp_path):
    full().save(tmp_path / "r.npz")
    loaded = Reference.load(tmp_path / "r.npz")
    assert (loaded.calibrations, loaded.transitions) == (CALIBRATIONS, TRANSITIONS)
    assert (loaded.boosted, loaded.boosted_text) == (None, None)


def test_a_model_comes_back_exactly(tmp_path):
    need_module("lightgbm")
    boosted_reference().save(tmp_path / "r.npz")
    loaded = Reference.load(tmp_path / "r.npz")
    assert loaded.boosted == boosted_reference().boosted
    np.testing.assert_array_equal(loaded.boosted_text, boosted_reference().boosted_text)


def test_a_file_of_version_one_is_still_read(tmp_path):
    make_reference().save(tmp_path / "r.npz")
    path = changed(tmp_path / "r.npz", version=1)
    with np.load(path) as archive:
        arrays = dict(archive)
    metadata = msgspec.json.decode(arrays["metadata"].tobytes())
    for name in ("calibrations", "transitions", "boosted"):
        del metadata[name]
    arrays["metadata"] = np.frombuffer(msgspec.json.encode(metadata), np.uint8)
    np.savez(path, **arrays)
    loaded = Reference.load(path)
    assert (loaded.calibrations, loaded.transitions, loaded.boosted) == ({}, None, None)
    np.testing.assert_array_equal(loaded.bank, make_reference().bank)


def test_the_shipped_reference_is_read():
    assert Reference.load(ROOT / "models" / "synthetic_arena.npz").labels


TEMPERATURE = msgspec.to_builtins(CALIBRATIONS["knn"])
ISOTONIC = msgspec.to_builtins(CALIBRATIONS["probe"])


def calibration(of=TEMPERATURE, **changes):
    return {"calibrations": {"knn": of | changes}}


def curve(given, found):
    return calibration(ISOTONIC, curves=[{"given": given, "found": found}] * 3)


def transitions(**changes):
    return {"transitions": msgspec.to_builtins(TRANSITIONS) | changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (calibration(temperature=0.0), "the calibration of knn has temperature 0.0, expected one number above 0"),
        (calibration(temperature=-2.0), r"has temperature -2\.0"),
        (calibration(temperature=None), "has temperature None"),
        (calibration(curves=ISOTONIC["curves"]), "expected one number above 0 and no curves"),
        (calibration(method="guess"), "Invalid enum value 'guess'"),
        (calibration(surprise=1), "surprise"),
        (calibration(ISOTONIC, curves=ISOTONIC["curves"][:2]), "has 2 curves, expected one for each of 3 labels"),
        (calibration(ISOTONIC, temperature=1.0), "has 3 curves, expected one for each of 3 labels"),
        (curve([], []), "a curve has 0 and 0 numbers"),
        (curve([0.1, 0.2], [0.1]), "a curve has 2 and 1 numbers"),
        (curve([0.1, 0.1], [0.1, 0.2]), "a curve does not rise"),
        (curve([0.1, 0.2], [0.3, 0.2]), "a curve does not rise"),
        (curve([-0.1, 0.2], [0.3, 0.3]), r"leaves 0\.\.1"),
        (curve([0.1, 0.2], [0.3, 1.3]), r"leaves 0\.\.1"),
        (curve([0.1, 0.2], [0.0, 0.3]), "comes down to 0"),
        (transitions(counts=[[1, 2], [3, 4]]), "the transitions are not those of 3 labels"),
        (transitions(counts=[[1, 2, 3], [3, 4, 5], [6]]), "the transitions are not those of 3 labels"),
        (transitions(exposures=[1, 2]), "the transitions are not those of 3 labels"),
        (transitions(counts=[[1, 2, 3], [3, -4, 5], [6, 7, 8]]), "count less than nothing"),
        (transitions(exposures=[1, 0, 2]), "lack exposures of a label"),
        (transitions(fps=0.0), "the transitions were learned at 0 fps"),
        ({"boosted": {"window_exposures": 8, "fps": 30.0, "sha256": "", "lightgbm": ""}}, "without its description"),
    ],
)
def test_a_part_that_is_wrong_is_named(tmp_path, changes, words):
    full().save(tmp_path / "r.npz")
    with pytest.raises(ReferenceFileError, match=words):
        Reference.load(changed(tmp_path / "r.npz", **changes))


def test_a_model_that_is_not_the_one_described_is_refused():
    text = np.frombuffer(b"tree", np.uint8)
    described = Boosted(8, 30.0, "0" * 64, "4.7.0")
    for part, words in (
        ({"boosted": described}, "without its description"),
        ({"boosted_text": text}, "without its description"),
        ({"boosted": described, "boosted_text": text}, "is not the one that was stored"),
    ):
        with pytest.raises(ReferenceFileError, match=words):
            dataclasses.replace(make_reference(), **part)


@pytest.mark.parametrize(("fps", "fits"), [(30.0, True), (24.1, True), (35.9, True), (23.9, False), (36.1, False)])
def test_what_is_counted_in_exposures_holds_for_frame_rates_within_a_fifth(fps, fits):
    if fits:
        check_fps("the transitions", 30.0, fps)
        return
    with pytest.raises(ConfigError, match=f"the transitions of the reference .* got {fps:g} fps, expected 30"):
        check_fps("the transitions", 30.0, fps)
