"""The models that ship: small enough, what their recipes say, and of use on the arena that ships with them."""

import importlib
from types import ModuleType

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ModelConfig, SyntheticConfig
from selfee_rt.embed.model import ModelCard, read_card, sha256_of, shipped_model
from selfee_rt.workbench.dataset import live_frames, read_recording
from tests.support import ROOT, need_module

FREE = {"Clear BSD", "BSD-3-Clause", "MIT"}


MODELS = ROOT / "models"
RECIPES = {"selfee_small": "make_model", "selfee_resnet50": "make_resnet50"}
"""The tool that made each."""

of_each = pytest.mark.parametrize("name", RECIPES)


def card_of(name: str) -> ModelCard:
    return read_card(MODELS / f"{name}.onnx")


@pytest.fixture
def recipe(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    need_module("torch")
    need_module("torchvision")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module(RECIPES[name])


def test_what_is_shipped_is_named_and_weighs_less_than_100_mb() -> None:
    assert sorted(file.stem for file in MODELS.glob("*.onnx")) == sorted(RECIPES)
    assert sum(file.stat().st_size for file in MODELS.iterdir()) < 100_000_000


def test_the_one_that_is_installed_is_small() -> None:
    assert shipped_model().stem == "selfee_small"
    assert shipped_model().stat().st_size < 24_000_000


@of_each
def test_its_weights_come_from_recordings_that_may_be_used_for_it(name: str) -> None:
    recordings = card_of(name).training["recordings"]
    assert {each["licence"] for each in recordings} <= FREE
    assert not {"mouse_open_field", "mouse_clips"} & {each["name"] for each in recordings}


@of_each
def test_its_card_agrees_with_the_recipe(name: str, recipe: ModuleType) -> None:
    training = card_of(name).training
    said = [(each["name"], each["weight"], each["licence"]) for each in training["recordings"]]
    assert said == [(each.name, each.weight, each.licence) for each in importlib.import_module("make_model").RECORDINGS]
    asked = recipe.SETTINGS.as_dict()
    assert training["steps_done"] == recipe.SETTINGS.steps
    assert {key: training[key] for key in ("batch", "learning_rate", "seed", "shape", "augmentation")} == {
        key: asked[key] for key in ("batch", "learning_rate", "seed", "shape", "augmentation")
    }


@of_each
def test_it_was_trained_at_the_interval_it_asks_for(name: str) -> None:
    card = card_of(name)
    shortest, longest = card.trained_interval_ms
    assert 0.8 * card.interval_ms < shortest <= card.interval_ms <= longest < 1.2 * card.interval_ms


@of_each
def test_its_file_agreed_with_the_network_it_was_made_from(name: str) -> None:
    assert card_of(name).verification["centred_cosine_min"] > 0.999


@of_each
def test_neighbours_in_time_are_neighbours_among_its_embeddings(name: str) -> None:
    card = card_of(name)
    config = SyntheticConfig(seed=99, seconds=20, speed="max", width_px=320, height_px=240)
    live = live_frames(read_recording(build.source(config), "arena", card.width_px), card.interval_ms)
    images = live.images(np.arange(0, len(live), 3))
    embedder = build.embedder(ModelConfig(file=MODELS / f"{name}.onnx", threads=1), 1)
    vectors = np.concatenate([embedder.embed(image[None]).copy() for image in images])
    embedder.close()
    centred = vectors - vectors.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    next_one = (unit[1:] * unit[:-1]).sum(axis=1)
    far = (unit[60:] * unit[:-60]).sum(axis=1)
    assert np.median(next_one) > np.median(far) + 0.2


@of_each
def test_what_is_written_about_it_names_its_file_and_every_recording(name: str) -> None:
    text = (MODELS / "README.md").read_text(encoding="utf-8")
    assert sha256_of(MODELS / f"{name}.onnx") in text
    assert all(each["name"] in text for each in card_of(name).training["recordings"])
