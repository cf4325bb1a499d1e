"""The model that ships: small enough, what its recipe says, and of use on the arena that ships with it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ModelConfig, SyntheticConfig
from selfee_rt.embed.model import ModelCard, read_card, shipped_model
from selfee_rt.workbench.dataset import live_frames, read_recording
from tests.support import ROOT, need_module

FREE = {"Clear BSD", "BSD-3-Clause", "MIT"}


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return read_card(shipped_model())


@pytest.fixture(scope="module")
def recipe() -> ModuleType:
    need_module("torch")
    spec = importlib.util.spec_from_file_location("make_model", ROOT / "tools" / "make_model.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


def test_it_is_small_enough_to_ship() -> None:
    assert shipped_model().stat().st_size < 24_000_000


def test_its_weights_come_from_recordings_that_may_be_used_for_it(card: ModelCard) -> None:
    recordings = card.training["recordings"]
    assert {each["licence"] for each in recordings} <= FREE
    assert not {"mouse_open_field", "mouse_clips"} & {each["name"] for each in recordings}


def test_its_card_agrees_with_the_recipe(card: ModelCard, recipe: ModuleType) -> None:
    said = [(each["name"], each["weight"], each["licence"]) for each in card.training["recordings"]]
    assert said == [(each.name, each.weight, each.licence) for each in recipe.RECORDINGS]
    phase = recipe.PHASES[-1]
    assert (card.training["steps_done"], card.training["seed"]) == (phase.steps, phase.seed)
    assert card.training["learning_rate"] == phase.learning_rate


def test_it_was_trained_at_the_interval_it_asks_for(card: ModelCard) -> None:
    shortest, longest = card.trained_interval_ms
    assert 0.8 * card.interval_ms < shortest <= card.interval_ms <= longest < 1.2 * card.interval_ms


def test_its_file_agreed_with_the_network_it_was_made_from(card: ModelCard) -> None:
    assert card.verification["centred_cosine_min"] > 0.999


def test_neighbours_in_time_are_neighbours_among_its_embeddings(card: ModelCard) -> None:
    config = SyntheticConfig(seed=99, seconds=20, speed="max", width_px=320, height_px=240)
    live = live_frames(read_recording(build.source(config), "arena", card.width_px), card.interval_ms)
    images = live.images(np.arange(0, len(live), 3))
    embedder = build.embedder(ModelConfig(threads=1), 1)
    vectors = np.concatenate([embedder.embed(image[None]).copy() for image in images])
    embedder.close()
    centred = vectors - vectors.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    next_one = (unit[1:] * unit[:-1]).sum(axis=1)
    far = (unit[60:] * unit[:-60]).sum(axis=1)
    assert np.median(next_one) > np.median(far) + 0.2


def test_what_is_written_about_it_names_every_recording(card: ModelCard) -> None:
    text = Path(ROOT / "models" / "README.md").read_text(encoding="utf-8")
    assert all(each["name"] in text for each in card.training["recordings"])
