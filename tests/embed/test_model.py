"""A model file is one ONNX file with a card that its graph agrees with; anything else is refused with a reason."""

import hashlib

import msgspec
import numpy as np
import pytest

from selfee_rt.embed import model as model_module
from selfee_rt.embed.model import CARD_KEY, ModelCard, read_card, sha256_of, shipped, shipped_model
from selfee_rt.errors import ModelError, ModelMismatch
from tests.support import need_module
from tests.tiny_model import write_tiny_model


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tiny.onnx"


def rewritten(path, change):
    """The tiny model with `change(model)` applied."""
    onnx = need_module("onnx")
    write_tiny_model(path)
    model = onnx.load(str(path))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def with_card(path, **changes):
    return rewritten(path, lambda model: set_card(model, **changes))


def set_card(model, **changes):
    fields = msgspec.json.decode(model.metadata_props[0].value) | changes
    model.metadata_props[0].value = msgspec.json.encode({k: v for k, v in fields.items() if v is not ...}).decode()


def test_a_card_reads_back_as_it_was_written(path):
    card = write_tiny_model(path, size_px=(40, 24), dim=5, interval_ms=80.0)
    assert read_card(path) == card
    assert (card.height_px, card.width_px, card.embedding_dim, card.interval_ms) == (40, 24, 5, 80.0)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"cannot read the model .*absent\.onnx: No such file"):
        read_card(tmp_path / "absent.onnx")


@pytest.mark.parametrize("content", [b"", b"this is not a model", bytes(1000), b"\x08\x08\x12\x04junk"])
def test_what_is_not_an_onnx_model_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not an ONNX model"):
        read_card(path)


def test_a_file_cut_short_is_refused(path):
    write_tiny_model(path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ModelError, match="is not an ONNX model"):
        read_card(path)


def test_a_model_without_a_card_is_refused_with_what_to_do(path):
    with pytest.raises(ModelError, match=f"has no card: expected '{CARD_KEY}' in its metadata; .*selfee-rt export"):
        read_card(rewritten(path, lambda model: model.ClearField("metadata_props")))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"embedding_dim": "many"}, r"Expected `int`, got `str` - at `\$.embedding_dim`"),
        ({"backbone": ...}, "missing required field `backbone`"),
        ({"colour": "blue"}, "unknown field `colour`"),
        ({"channel_order": ["past", "future"]}, "channel_order"),
        ({"embedding_layer": "predictor"}, r"Invalid enum value 'predictor' - at `\$.embedding_layer`"),
        ({"height_px": True}, r"Expected `int`, got `bool`"),
        ({"trained_interval_ms": [70]}, r"Expected `array` of length 2"),
    ],
)
def test_an_unreadable_card_is_refused_with_the_field(path, changes, words):
    with pytest.raises(ModelError, match=f"card of .* cannot be read: .*{words}"):
        read_card(with_card(path, **changes))


@pytest.mark.parametrize("text", ["resnet, I think", "", "null", "[]", '{"name": "cut', '{"interval_ms": 1e999}'])
def test_a_card_that_is_not_json_is_refused(path, text):
    def spoil(model):
        model.metadata_props[0].value = text

    with pytest.raises(ModelError, match="cannot be read"):
        read_card(rewritten(path, spoil))


def test_a_card_that_is_not_text_is_refused(path):
    write_tiny_model(path)
    content = path.read_bytes()
    assert content.count(b'"name":"tiny"') == 1
    path.write_bytes(content.replace(b'"name":"tiny"', b'"name":"ti\xff\xfe"'))
    with pytest.raises(ModelError, match="cannot be read: it is not UTF-8"):
        read_card(path)


@pytest.mark.parametrize("field", ["embedding_dim", "height_px", "width_px", "interval_ms"])
def test_a_card_with_impossible_numbers_is_refused(path, field):
    with pytest.raises(ModelError, match="cannot be true"):
        read_card(with_card(path, **{field: 0}))


@pytest.mark.parametrize("interval_ms", [[-5, 70], [80, 70], [0, 0]])
def test_a_card_with_an_impossible_range_of_intervals_is_refused(path, interval_ms):
    with pytest.raises(ModelError, match=r"cannot be true: .*the shorter interval first"):
        read_card(with_card(path, trained_interval_ms=interval_ms))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel_order": ["future", "current", "past"]}, "channel_order"),
        (
            {"preprocessing": "background_subtracted"},
            "preprocessing 'background_subtracted'.* knows only 'grey_resize', 'selfee_mouse'",
        ),
        ({"height_px": 64}, r"\[3, 32, 32\].*\[3, 64, 32\]"),
        ({"embedding_dim": 17}, r"\[16\].*\[17\]"),
    ],
)
def test_a_card_that_the_graph_or_this_version_does_not_fit_is_a_mismatch(path, changes, words):
    with pytest.raises(ModelMismatch, match=words):
        read_card(with_card(path, **changes))


def test_a_graph_that_takes_floats_is_a_mismatch(path):
    onnx = need_module("onnx")

    def take_floats(model):
        model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT

    with pytest.raises(ModelMismatch, match=r"tensor\(float\).*tensor\(uint8\)"):
        read_card(rewritten(path, take_floats))


def test_a_graph_with_two_outputs_is_a_mismatch(path):
    with pytest.raises(ModelMismatch, match="inputs and outputs"):
        read_card(rewritten(path, lambda model: model.graph.output.append(model.graph.output[0])))


def test_a_model_newer_than_the_runtime_says_so(path):
    def from_the_future(model):
        model.opset_import[0].version = 999

    with pytest.raises(ModelError, match=r"is newer than this onnxruntime .*upgrade onnxruntime"):
        read_card(rewritten(path, from_the_future))


def test_weights_in_other_files_are_refused_even_where_those_files_exist(path, monkeypatch):
    onnx = need_module("onnx")
    write_tiny_model(path)
    onnx.save(onnx.load(str(path)), str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert (path.parent / "weights.bin").exists()
    monkeypatch.chdir(path.parent)
    with pytest.raises(ModelError, match="keeps weights in other files, expected one self-contained ONNX file"):
        read_card(path)


def test_the_hash_is_of_the_files_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == hashlib.sha256(b"abc").hexdigest()


def test_the_shipped_model_has_a_card():
    card = read_card(shipped_model())
    assert isinstance(card, ModelCard)
    assert card.licence


def test_a_shipped_file_is_found_inside_an_installed_package_first_then_beside_it(tmp_path, monkeypatch):
    package = tmp_path / "site" / "selfee_rt"
    (package / "embed").mkdir(parents=True)
    monkeypatch.setattr(model_module, "__file__", str(package / "embed" / "model.py"))
    with pytest.raises(ModelError, match=r"file a.bin is missing, looked in .*models and .*models; install"):
        shipped("a.bin")
    (tmp_path / "site" / "models").mkdir()
    (tmp_path / "site" / "models" / "a.bin").write_bytes(b"")
    assert shipped("a.bin") == tmp_path / "site" / "models" / "a.bin"
    (package / "models").mkdir()
    (package / "models" / "a.bin").write_bytes(b"")
    assert shipped("a.bin") == package / "models" / "a.bin"


def test_the_tiny_model_tells_movement_from_rest_and_place_from_place(path):
    from selfee_rt.embed.onnx import OnnxEmbedder

    write_tiny_model(path)
    images = np.full((4, 3, 32, 32), 40, np.uint8)
    images[0:2, :, 4:12, 4:12] = 220  # at rest here
    images[2, :, 20:28, 20:28] = 220  # at rest there
    for step in range(3):
        images[3, step, 4:12, 4 + 6 * step : 12 + 6 * step] = 220  # moving
    embedder = OnnxEmbedder(path, threads=1, batch=4)
    here, again, there, moving = embedder.embed(images)
    np.testing.assert_allclose(here, again, atol=1e-6)
    assert np.linalg.norm(here - there) > 0.3
    assert np.linalg.norm(here - moving) > 0.3
