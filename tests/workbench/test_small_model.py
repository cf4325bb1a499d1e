"""A smaller model file is written only if it stays like its source; each floor refuses by itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from selfee_rt.embed.model import ModelCard, read_card
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ModelError
from tests.support import need_module
from tests.tiny_model import write_tiny_model
from tests.workbench.walking import write_labels, write_walk

need_module("onnx")

from selfee_rt.workbench.floors import Floors  # noqa: E402
from selfee_rt.workbench.knn_f1 import LabelledClip  # noqa: E402
from selfee_rt.workbench.quantise import quantised  # noqa: E402
from selfee_rt.workbench.small_model import Material, make_small, material  # noqa: E402

EXPOSURES = 600
NO_FLOORS = Floors(centred_cosine_median=-2, centred_cosine_p5=-2, neighbours_kept=-1, knn_f1_drop=2)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> LabelledClip:
    folder = tmp_path_factory.mktemp("walk")
    return LabelledClip(write_walk(folder / "walk.mkv", EXPOSURES), write_labels(folder / "walk.csv", EXPOSURES))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    write_tiny_model(path)
    return path


@pytest.fixture(scope="module")
def given(clip: LabelledClip, source: Path) -> Material:
    return material([clip.video], [], read_card(source), no_bars)


def no_bars(_name: str):
    return lambda _done, _promised: None


def new_card(source: Path) -> ModelCard:
    return replace_in(read_card(source), name="small")


def replace_in(card: ModelCard, **changes: object) -> ModelCard:
    import msgspec

    return msgspec.structs.replace(card, **changes)


def in_the_dark(model, images):
    """Calibrated on live frames an eighth as bright, so that everything brighter saturates."""
    return quantised(model, images // 8)


def test_the_small_file_embeds_like_its_source(source: Path, given: Material, tmp_path: Path) -> None:
    out = tmp_path / "small.onnx"
    verdict = make_small(source, new_card(source), out, given, None, no_bars)
    one, other = OnnxEmbedder(source, threads=1), OnnxEmbedder(out, threads=1)
    images = given.comparison.images
    a, b = one.embed(images), other.embed(images)
    assert not np.array_equal(a, b)
    a, b = a - a.mean(axis=0), b - a.mean(axis=0)
    cosines = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert np.median(cosines) == pytest.approx(verdict.alike.centred_cosine_median, abs=0.02)
    assert verdict.alike.neighbours_kept > 0.75
    assert list(tmp_path.iterdir()) == [out]


def test_the_card_has_the_figures_and_the_floors(
    source: Path, given: Material, clip: LabelledClip, tmp_path: Path
) -> None:
    verdict = make_small(source, new_card(source), tmp_path / "small.onnx", given, clip, no_bars)
    card = read_card(tmp_path / "small.onnx")
    assert (card.name, card.precision, card.embedding_dim) == ("small", "int8", 16)
    said = card.verification
    assert said["centred_cosine_median"] == pytest.approx(verdict.alike.centred_cosine_median, abs=1e-4)
    assert said["neighbours_kept"] == pytest.approx(verdict.alike.neighbours_kept, abs=1e-3)
    assert verdict.f1 is not None
    assert said["knn_f1"]["int8"] == pytest.approx(verdict.f1.smaller, abs=1e-3)
    assert said["knn_f1"]["source"] == pytest.approx(verdict.f1.source, abs=1e-3)
    assert said["floors"] == Floors().as_dict()
    assert said["on"] == "walk.mkv (not those calibrated on)"
    assert (said["live_frames"], said["calibration_live_frames"]) == (256, 128)


def test_without_a_labelled_clip_the_card_says_so(source: Path, given: Material, tmp_path: Path) -> None:
    make_small(source, new_card(source), tmp_path / "small.onnx", given, None, no_bars)
    assert read_card(tmp_path / "small.onnx").verification["knn_f1"] == "not checked: no labelled clip was given"


@pytest.mark.parametrize(
    ("floor", "message"),
    [
        ("centred_cosine_median", r"centred cosine, median 0\.\d+, expected 0.97 \(missed\)"),
        ("centred_cosine_p5", r"5th percentile -?0\.\d+, expected 0.9 \(missed\)"),
        ("neighbours_kept", r"share kept of the 10 nearest 0\.\d+, expected 0.75 \(missed\)"),
        ("knn_f1_drop", r"macro F1 0\.\d+, expected at most 0.03 less than its source's 0\.\d+"),
    ],
)
def test_each_floor_refuses_a_ruined_model_by_itself(
    floor: str, message: str, source: Path, given: Material, clip: LabelledClip, tmp_path: Path
) -> None:
    out = tmp_path / "small.onnx"
    out.write_bytes(b"what was there")
    floors = replace(NO_FLOORS, **{floor: getattr(Floors(), floor)})
    asked = clip if floor == "knn_f1_drop" else None
    with pytest.raises(ModelError, match=message):
        make_small(source, new_card(source), out, given, asked, no_bars, change=in_the_dark, floors=floors)
    assert out.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [out]


def test_what_is_no_number_is_refused(source: Path, given: Material, tmp_path: Path) -> None:
    impossible = replace(NO_FLOORS, centred_cosine_p5=float("nan"))
    with pytest.raises(ModelError, match="Nothing was written"):
        make_small(source, new_card(source), tmp_path / "small.onnx", given, None, no_bars, floors=impossible)
    assert not list(tmp_path.iterdir())


def test_no_live_frame_is_both_calibrated_and_compared_on(given: Material) -> None:
    calibrated = {each.tobytes() for each in given.calibration}
    compared = {each.tobytes() for each in given.comparison.images}
    assert (len(calibrated), len(compared)) == (128, 256)
    assert not calibrated & compared


def test_live_frames_are_spread_over_the_whole_video(given: Material) -> None:
    time_s = given.comparison.time_s
    assert time_s[0] < 0.5
    assert time_s[-1] > EXPOSURES / 30 - 0.5
    assert np.diff(time_s).max() < 0.2


def test_several_videos_share_and_are_apart_in_time(clip: LabelledClip, source: Path, tmp_path: Path) -> None:
    other = write_walk(tmp_path / "other.mkv", 300, seed=1)
    found = material([clip.video, other], [], read_card(source), no_bars)
    assert len(found.calibration) + len(found.comparison) == 384
    assert (np.diff(found.comparison.time_s) > 0).all()
    assert found.calibrated_on == "walk.mkv, other.mkv"


def test_another_video_can_be_compared_on(clip: LabelledClip, source: Path, tmp_path: Path) -> None:
    other = write_walk(tmp_path / "other.mkv", 300, seed=1)
    found = material([clip.video], [other], read_card(source), no_bars)
    assert (len(found.calibration), len(found.comparison), found.compared_on) == (128, 256, "other.mkv")


def test_a_video_too_short_to_calibrate_on_is_refused(source: Path, tmp_path: Path) -> None:
    short = write_walk(tmp_path / "short.mkv", 90)
    with pytest.raises(ModelError, match=r"at least 32 live frames, short.mkv leaves 29 for it; give a longer video"):
        material([short], [], read_card(source), no_bars)
