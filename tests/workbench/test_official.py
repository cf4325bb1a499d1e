"""Checkpoints of the authors' form become networks that embed as theirs do; anything else is refused with the keys."""

import copy
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfee_rt.embed.model import CARD_KEY, ModelCard, sha256_of
from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
torchvision = need_module("torchvision")
need_module("onnx")
need_module("cv2")
need_module("PIL")
onnxruntime = need_module("onnxruntime")

from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card  # noqa: E402
from selfee_rt.workbench.export import export_model  # noqa: E402
from selfee_rt.workbench.imported import import_checkpoint  # noqa: E402
from selfee_rt.workbench.official import official_checkpoint  # noqa: E402
from selfee_rt.workbench.storage import FULL, HALF  # noqa: E402
from tests.workbench.authors_network import Byol, SimSiam, embedded, prepared, recording, settled  # noqa: E402

NAMES = Names("theirs", "1", None)
SMALL = (48, 32)
PATH = Path("theirs.pkl")


@pytest.fixture(scope="module")
def tiny():
    """A SimSiam network of theirs, 16 wide on a ResNet-18; not to be changed."""
    torch.set_num_threads(1)
    return settled(SimSiam(), SMALL, seed=1)


@pytest.fixture(scope="module")
def byol():
    torch.set_num_threads(1)
    return settled(Byol(), SMALL, seed=2)


@pytest.fixture(scope="module")
def live():
    return prepared(recording(16), 2, SMALL)


def kept(network, path: Path) -> Path:
    torch.save(network.state_dict(), path)
    return path


def card_in(path: Path) -> ModelCard:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return msgspec.json.decode(session.get_modelmeta().custom_metadata_map[CARD_KEY], type=ModelCard)


def through_file(checkpoint: Path, images, out: Path, asked: AskedInput, storage=None, embedding="projector"):
    """Export, and embed with what was written."""
    imported = import_checkpoint(checkpoint)
    card = drafted_card(checkpoint, imported, asked, NAMES, embedding)
    export_model(imported.network, card, out, images, "drawn", storage or imported.storage)
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    return session.run(None, {"live_frames": images})[0]


def embeds(content, live):
    """Embed with the network that was made of a state dict."""
    network = official_checkpoint(PATH, content).network
    with torch.inference_mode():
        return network.embed(torch.from_numpy(live).float() / 255).numpy()


def test_the_authors_network_in_full_size_gives_the_same_embeddings_from_the_exported_file(tmp_path: Path) -> None:
    theirs = settled(SimSiam("resnet50", 2048), (64, 48), seed=0)
    images = prepared(recording(12), 2, (256, 192))
    got = through_file(kept(theirs, tmp_path / "mouse.pkl"), images, tmp_path / "m.onnx", AskedInput((256, 192), 2, 30))
    expected = embedded(theirs.encoder, images)
    assert got.shape == expected.shape == (8, 2048)
    assert np.abs(got - expected).max() <= 1e-4
    assert (expected.std(axis=0) > 0.05).mean() > 0.9
    card = card_in(tmp_path / "m.onnx")
    assert (card.backbone, card.height_px, card.width_px, card.precision) == ("resnet50", 256, 192, "fp32")
    assert card.interval_ms == pytest.approx(66.667, abs=1e-3)
    assert card.source_sha256 == sha256_of(tmp_path / "mouse.pkl")
    assert card.verification["max_difference"] <= 1e-4


@pytest.mark.parametrize("storage", [FULL, HALF])
def test_what_simsiam_embeds_the_file_embeds(tiny, live, tmp_path: Path, storage) -> None:
    got = through_file(
        kept(tiny, tmp_path / "tiny.pkl"), live, tmp_path / "m.onnx", AskedInput(SMALL, 1, 30.0), storage
    )
    allowed = 1e-4 if storage is FULL else 0.02
    assert np.abs(got - embedded(tiny.encoder, live)).max() <= allowed
    assert card_in(tmp_path / "m.onnx").precision == storage.name


def test_of_byols_two_encoders_the_online_one_embeds(byol, live) -> None:
    got = embeds(byol.state_dict(), live)
    assert np.abs(got - embedded(byol.online_encoder, live)).max() <= 1e-4
    assert np.abs(got - embedded(byol.target_encoder, live)).max() > 0.1


def test_the_backbones_output_can_be_the_embedding(tiny, live, tmp_path: Path) -> None:
    checkpoint = kept(tiny, tmp_path / "tiny.pkl")
    got = through_file(checkpoint, live, tmp_path / "m.onnx", AskedInput(SMALL, 1, 30), embedding="backbone")
    with torch.inference_mode():
        expected = tiny.backbone.backbone(torch.from_numpy(live).float() / 255).numpy()
    assert got.shape == (len(live), 512)
    assert np.abs(got - expected).max() <= 1e-4 * np.abs(expected).max()
    assert (card_in(tmp_path / "m.onnx").embedding_layer, card_in(tmp_path / "m.onnx").embedding_dim) == (
        "backbone",
        512,
    )


def test_half_precision_and_dataparallel_are_read_and_said(tiny, live, tmp_path: Path) -> None:
    half = copy.deepcopy(tiny).half()
    torch.save(torch.nn.DataParallel(half).state_dict(), tmp_path / "half.pkl")
    imported = import_checkpoint(tmp_path / "half.pkl")
    assert imported.form == "the SimSiam form of Selfee's authors, resnet18, saved in float16 under DataParallel"
    assert imported.training == {"imported": imported.form}
    with torch.inference_mode():
        got = imported.network.embed(torch.from_numpy(live).float() / 255).numpy()
    assert np.abs(got - embedded(half.float().encoder, live)).max() <= 1e-4


@pytest.mark.parametrize("form", ["SimSiam", "BYOL"])
def test_the_form_is_recognised_and_the_whole_network_filled(tiny, byol, form: str) -> None:
    theirs = tiny if form == "SimSiam" else byol
    found = official_checkpoint(PATH, theirs.state_dict())
    assert (found.form, found.saved) == (form, "saved in float32")
    assert found.network.shape.backbone == "resnet18"
    assert not found.network.training
    assert all(tensor.device.type == "cpu" for tensor in found.network.state_dict().values())
    group = found.network.group.weight
    assert torch.equal(group, theirs.predictor.groupDis[0].weight.T)
    assert torch.equal(found.network.predictor[3].bias, theirs.predictor.predictor[3].bias)


def test_the_depth_is_told_from_the_keys() -> None:
    for resnet in ("resnet18", "resnet34", "resnet50"):
        with torch.device("meta"):
            names = SimSiam(resnet).state_dict()
        state = {name: torch.zeros(tensor.shape, dtype=tensor.dtype) for name, tensor in names.items()}
        assert official_checkpoint(PATH, state).network.shape.backbone == resnet


def without(state, *keys):
    return {key: tensor for key, tensor in state.items() if key not in keys}


def test_keys_that_are_missing_left_over_or_of_another_kind_are_named(tiny) -> None:
    state = tiny.state_dict()
    state = without(state, "backbone.projector.4.running_mean") | {"backbone.backbone.fc.weight": torch.zeros(10, 512)}
    state["backbone.backbone.conv1.weight"] = torch.zeros(64, 1, 7, 7)
    state["predictor.predictor.3.bias"] = torch.zeros(16, dtype=torch.int64)
    with pytest.raises(ModelError) as caught:
        official_checkpoint(PATH, state)
    message = str(caught.value)
    assert "begins like the authors' SimSiam form" in message
    assert "missing backbone.projector.4.running_mean;" in message
    assert "left over backbone.backbone.fc.weight;" in message
    assert "backbone.backbone.conv1.weight with the shape (64, 1, 7, 7) where (64, 3, 7, 7) was expected" in message
    assert "predictor.predictor.3.bias as int64" in message


def test_an_average_that_does_not_fit_its_encoder_is_refused(byol) -> None:
    with pytest.raises(ModelError, match=r"BYOL form .* missing target_encoder\.backbone\.conv1\.weight"):
        official_checkpoint(PATH, without(byol.state_dict(), "target_encoder.backbone.conv1.weight"))


def test_many_keys_are_counted_not_listed() -> None:
    with pytest.raises(ModelError) as caught:
        official_checkpoint(PATH, torchvision.models.resnet18(weights=None).state_dict())
    message = str(caught.value)
    assert "missing backbone.backbone.conv1.weight, backbone.backbone.bn1.weight, backbone.backbone.bn1.bias and" in (
        message
    )
    assert "left over conv1.weight, bn1.weight, bn1.bias and 119 more" in message
    assert "online_encoder.*" in message
    assert len(message) < 700


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"bert.embeddings.word_embeddings.weight": "T", "bert.pooler.dense.bias": "T"}, "left over bert.embeddings"),
        ({"backbone.backbone.conv1.weight": "S"}, r"begins like .* missing"),
        ({"backbone.projector.0.weight": "S", "backbone.projector.6.weight": "S"}, r"begins like .* missing"),
        ({"state_dict": {"a": 1}, "epoch": 3}, "a dict of state_dict, epoch; expected the state dict alone"),
        ({}, "a dict of nothing"),
        ([1, 2], "it holds a list"),
        ("T", "it holds a Tensor"),
        (None, "it holds a NoneType"),
    ],
)
def test_what_is_no_state_dict_of_theirs_is_refused_with_what_it_is(content, words: str) -> None:
    tensors = {"T": torch.zeros(2, 3), "S": torch.tensor(1.0)}

    def filled(value):
        return tensors.get(value, value) if isinstance(value, str) else value

    given = {key: filled(value) for key, value in content.items()} if isinstance(content, dict) else filled(content)
    with pytest.raises(ModelError, match=words):
        official_checkpoint(PATH, given)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_any_key_that_is_taken_out_or_put_in_is_named(tiny, data) -> None:
    state = tiny.state_dict()
    widths = ["backbone.projector.0.weight", "backbone.projector.6.weight"]  # told from their biases then
    key = data.draw(st.sampled_from(widths) | st.sampled_from(sorted(state)))
    with pytest.raises(ModelError, match=rf"missing {key}$"):
        official_checkpoint(PATH, without(state, key))
    with pytest.raises(ModelError, match=rf"left over {key}x$"):
        official_checkpoint(PATH, {**state, f"{key}x": state[key]})


def test_weights_that_are_no_numbers_are_refused(tiny) -> None:
    state = dict(tiny.state_dict())
    state["backbone.projector.0.bias"] = torch.full((16,), float("nan"))
    with pytest.raises(ModelError, match=r"weights that are no numbers, in projector\.0\.bias"):
        official_checkpoint(PATH, state)


@pytest.mark.parametrize("asked", [AskedInput(), AskedInput(SMALL), AskedInput(None, 1, 30.0)])
def test_without_size_and_interval_the_refusal_says_those_of_the_authors_models(
    tiny, tmp_path: Path, asked: AskedInput
) -> None:
    checkpoint = kept(tiny, tmp_path / "tiny.pkl")
    with pytest.raises(ConfigError) as caught:
        drafted_card(checkpoint, import_checkpoint(checkpoint), asked, NAMES)
    assert "--size 224x224 --frame-interval 1 --fps 30" in str(caught.value)
    assert "--size 256x192 --frame-interval 2 --fps 30 --preprocessing selfee_mouse" in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (AskedInput(SMALL, 1, None), "give both"),
        (AskedInput(SMALL, None, 30.0), "give both"),
        (AskedInput(SMALL, 1, float("nan")), "--fps is nan"),
        (AskedInput(SMALL, 1, float("inf")), "--fps is inf"),
    ],
)
def test_half_an_interval_is_none(tiny, tmp_path: Path, asked: AskedInput, words: str) -> None:
    checkpoint = kept(tiny, tmp_path / "tiny.pkl")
    with pytest.raises(ConfigError, match=words):
        drafted_card(checkpoint, import_checkpoint(checkpoint), asked, NAMES)


def test_the_preprocessing_that_was_asked_for_is_in_the_card(tiny, tmp_path: Path) -> None:
    checkpoint = kept(tiny, tmp_path / "tiny.pkl")
    asked = AskedInput((256, 192), 2, 30.0, "selfee_mouse")
    card = drafted_card(checkpoint, import_checkpoint(checkpoint), asked, NAMES)
    assert (card.preprocessing, card.height_px, card.width_px) == ("selfee_mouse", 256, 192)
    assert card.trained_interval_ms == (card.interval_ms, card.interval_ms)
