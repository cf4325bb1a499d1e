"""What every embedder promises, run over every implementation."""

import msgspec
import numpy as np
import pytest

from selfee_rt import build
from selfee_rt.config import ModelConfig
from selfee_rt.embed.engine_cache import engine_path
from selfee_rt.embed.model import read_card, shipped_model
from selfee_rt.embed.onnx import OnnxEmbedder
from selfee_rt.errors import ModelError
from tests.embed.built import built_embedder
from tests.embed.engines import key_of, tiny_model, write_pretended
from tests.embed.pretend_gpu import pretend
from tests.support import need_module

BATCH = 2


def make_int8(path):
    """Replace a model file by int8 of it."""
    onnx = need_module("onnx")
    from selfee_rt.workbench.model_file import write_model
    from selfee_rt.workbench.quantise import quantised

    card = read_card(path)
    images = np.random.default_rng(5).integers(0, 256, (32, 3, card.height_px, card.width_px), np.uint8)
    write_model(quantised(onnx.load(path), images), msgspec.structs.replace(card, precision="int8"), path)


@pytest.fixture(
    params=[
        "onnx tiny",
        "onnx int8",
        "onnx shipped",
        "engine on a pretended GPU",
        *(pytest.param(f"engine {each}", marks=pytest.mark.gpu) for each in ("fp32", "tf32", "fp16")),
    ]
)
def embedder(request, tmp_path, monkeypatch):
    made = _made(request.param, tmp_path, monkeypatch)
    yield made
    made.close()


def _made(what, folder, monkeypatch):
    if what == "onnx shipped":
        return OnnxEmbedder(shipped_model(), providers=["cpu"], threads=1, batch=BATCH)
    if what == "onnx tiny":
        return OnnxEmbedder(tiny_model(folder), providers=["cpu"], threads=1, batch=BATCH)
    if what == "onnx int8":
        make_int8(tiny_model(folder))
        return OnnxEmbedder(tiny_model(folder), providers=["cpu"], threads=1, batch=BATCH)
    if what == "engine on a pretended GPU":
        pretend(monkeypatch)
        write_pretended(engine_path(folder, key_of(tiny_model(folder))), tiny_model(folder))
        return build.embedder(ModelConfig(file=tiny_model(folder), runtime="tensorrt", engine_folder=folder), BATCH)
    return built_embedder(shipped_model(), folder, what.removeprefix("engine "), BATCH)


def live_frames(embedder, n=BATCH, seed=0):
    card = embedder.card
    return np.random.default_rng(seed).integers(0, 256, (n, 3, card.height_px, card.width_px), np.uint8)


@pytest.mark.parametrize("n", [1, BATCH, 3])
def test_every_live_frame_gets_one_embedding(embedder, n):
    embeddings = embedder.embed(live_frames(embedder, n))
    assert embeddings.shape == (n, embedder.card.embedding_dim)
    assert embeddings.dtype == np.float32
    assert np.isfinite(embeddings).all()


def test_the_same_live_frames_give_the_same_bits(embedder):
    images = live_frames(embedder)
    first = embedder.embed(images).copy()
    embedder.embed(live_frames(embedder, seed=1))
    np.testing.assert_array_equal(embedder.embed(images.copy()), first)


def test_different_live_frames_give_different_embeddings(embedder):
    one, other = embedder.embed(live_frames(embedder))
    assert np.abs(one - other).max() > 1e-4


def test_past_current_and_future_are_not_interchangeable(embedder):
    images = live_frames(embedder)
    assert not np.allclose(embedder.embed(images), embedder.embed(images[:, ::-1].copy()))


def test_a_live_frame_is_embedded_alike_wherever_it_stands_in_the_batch(embedder):
    images = live_frames(embedder)
    np.testing.assert_allclose(embedder.embed(images[::-1].copy())[::-1], embedder.embed(images), rtol=1e-3, atol=1e-4)


def test_embeddings_of_earlier_calls_are_not_overwritten(embedder):
    first = embedder.embed(live_frames(embedder))
    before = first.copy()
    embedder.embed(live_frames(embedder, seed=1))
    np.testing.assert_array_equal(first, before)


def test_read_only_and_strided_live_frames_are_taken(embedder):
    images = live_frames(embedder)
    doubled = np.repeat(images, 2, axis=3)[..., ::2]
    doubled.flags.writeable = False
    np.testing.assert_array_equal(embedder.embed(doubled), embedder.embed(images))


@pytest.mark.parametrize("wrong", ["grey", "float", "smaller", "one channel", "one live frame"])
def test_a_wrong_shape_or_dtype_is_a_model_error_that_names_both(embedder, wrong):
    good = live_frames(embedder)
    images = {
        "grey": good[:, 0],
        "float": good.astype(np.float32),
        "smaller": good[..., :-1],
        "one channel": good[:, :1],
        "one live frame": good[0],
    }[wrong]
    with pytest.raises(ModelError, match=r"expects live frames of shape \(N, 3, .* uint8, got \(") as caught:
        embedder.embed(images)
    assert str(images.shape) in str(caught.value)


def test_the_model_is_identified_by_its_hash(embedder):
    assert len(embedder.model_id) == 64
    assert int(embedder.model_id, 16) >= 0


def test_a_closed_embedder_may_be_closed_again_and_embeds_nothing(embedder):
    embedder.close()
    embedder.close()
    with pytest.raises(ModelError, match="closed"):
        embedder.embed(live_frames(embedder))
