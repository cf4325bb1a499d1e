"""An exported file agrees with its network, carries its card, and appears whole or not at all."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from selfee_rt.embed.model import CARD_KEY, ModelCard, sha256_of
from selfee_rt.errors import ConfigError, ModelError
from tests.support import need_module

torch = need_module("torch")
need_module("torchvision")
onnx = need_module("onnx")
onnxruntime = need_module("onnxruntime")

from selfee_rt.workbench.dataset import spread  # noqa: E402
from selfee_rt.workbench.drafted_card import AskedInput, Names, drafted_card  # noqa: E402
from selfee_rt.workbench.export import export_model  # noqa: E402
from selfee_rt.workbench.imported import import_checkpoint  # noqa: E402
from selfee_rt.workbench.storage import FULL, HALF, Storage, halved  # noqa: E402
from tests.workbench.tiny_training import tiny_set, tiny_trainer  # noqa: E402


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a run of three steps."""
    path = tmp_path_factory.mktemp("run") / "last.ckpt"
    torch.set_num_threads(1)
    trainer = tiny_trainer(steps=3)
    while not trainer.done:
        trainer.advance()
    trainer.save(path, {"recordings": [{"name": "one", "interval_ms": 66.67}, {"name": "two", "interval_ms": 80.0}]})
    return path


@pytest.fixture(scope="module")
def images():
    return spread([tiny_set()], 32, each=20)


def network_of(checkpoint: Path):
    return import_checkpoint(checkpoint).network


def card(**changes: object) -> ModelCard:
    values = {
        "name": "tiny",
        "version": "1",
        "backbone": "resnet18",
        "embedding_layer": "projector",
        "embedding_dim": 16,
        "height_px": 32,
        "width_px": 32,
        "interval_ms": 70.0,
        "trained_interval_ms": (66.7, 66.7),
        **changes,
    }
    return ModelCard(**values)


def session(path: Path):
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run_export(checkpoint: Path, path: Path, images, storage: Storage = HALF, embedding="projector"):
    imported = import_checkpoint(checkpoint)
    drafted = drafted_card(checkpoint, imported, AskedInput(), Names("tiny", "3", "MIT"), embedding)
    return export_model(imported.network, drafted, path, images, "a walking square", storage)


def test_the_file_embeds_as_the_network_does(checkpoint: Path, images, tmp_path: Path) -> None:
    agreement = run_export(checkpoint, tmp_path / "m.onnx", images)
    with torch.inference_mode():
        expected = network_of(checkpoint).embed(torch.from_numpy(images).float() / 255).numpy()
    got = session(tmp_path / "m.onnx").run(None, {"live_frames": images})[0]
    assert got.dtype == np.float32
    assert np.abs(got - expected).max() == pytest.approx(agreement.max_difference, abs=1e-4)
    assert agreement.max_difference < 0.01 * np.abs(expected).max()
    assert agreement.centred_cosine_min > 0.999


def test_it_takes_any_number_of_uint8_live_frames(checkpoint: Path, images, tmp_path: Path) -> None:
    run_export(checkpoint, tmp_path / "m.onnx", images)
    opened = session(tmp_path / "m.onnx")
    (taken,), (given,) = opened.get_inputs(), opened.get_outputs()
    assert (taken.type, taken.shape[1:], given.type, given.shape[1:]) == (
        "tensor(uint8)",
        [3, 32, 32],
        "tensor(float)",
        [16],
    )
    for n in (1, 2, 7):
        assert opened.run(None, {taken.name: images[:n]})[0].shape == (n, 16)


def test_the_card_says_how_it_was_made_and_verified(checkpoint: Path, images, tmp_path: Path) -> None:
    run_export(checkpoint, tmp_path / "m.onnx", images)
    stored = session(tmp_path / "m.onnx").get_modelmeta().custom_metadata_map[CARD_KEY]
    read = msgspec.json.decode(stored, type=ModelCard)
    assert (read.name, read.version, read.licence, read.embedding_dim, read.width_px) == ("tiny", "3", "MIT", 16, 32)
    assert read.source_sha256 == sha256_of(checkpoint)
    assert (read.interval_ms, read.trained_interval_ms) == (70.0, (66.67, 80.0))
    assert read.training["steps_done"] == read.training["steps"] == 3
    assert [each["name"] for each in read.training["recordings"]] == ["one", "two"]
    assert read.verification["on"] == "a walking square"
    assert read.verification["live_frames"] == len(images)
    assert read.verification["centred_cosine_min"] > 0.999


def test_the_backbones_output_can_be_the_embedding(checkpoint: Path, images, tmp_path: Path) -> None:
    run_export(checkpoint, tmp_path / "m.onnx", images, embedding="backbone")
    got = session(tmp_path / "m.onnx").run(None, {"live_frames": images})[0]
    with torch.inference_mode():
        expected = network_of(checkpoint).backbone(torch.from_numpy(images).float() / 255).numpy()
    assert got.shape == expected.shape == (len(images), 512)
    assert np.abs(got - expected).max() < 0.01 * np.abs(expected).max()
    read = msgspec.json.decode(
        session(tmp_path / "m.onnx").get_modelmeta().custom_metadata_map[CARD_KEY], type=ModelCard
    )
    assert (read.embedding_layer, read.embedding_dim) == ("backbone", 512)


def test_large_weights_take_two_bytes_each(checkpoint: Path, images, tmp_path: Path) -> None:
    export_model(network_of(checkpoint), card(), tmp_path / "half.onnx", images, "x", HALF)
    export_model(network_of(checkpoint), card(), tmp_path / "whole.onnx", images, "x", FULL)
    half, whole = ((tmp_path / name).stat().st_size for name in ("half.onnx", "whole.onnx"))
    assert 0.5 < half / whole < 0.52
    kinds = {t.data_type for t in onnx.load(tmp_path / "half.onnx").graph.initializer if np.prod(t.dims) >= 1024}
    assert kinds == {onnx.TensorProto.FLOAT16}


def test_exporting_twice_gives_the_same_bytes(checkpoint: Path, images, tmp_path: Path) -> None:
    run_export(checkpoint, tmp_path / "one.onnx", images)
    run_export(checkpoint, tmp_path / "two.onnx", images)
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()


def damaged(model):
    """The largest weight's rows in reverse order."""
    changed = halved(model)
    largest = max(changed.graph.initializer, key=lambda t: len(t.raw_data))
    values = onnx.numpy_helper.to_array(largest)
    largest.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(values[::-1]), largest.name))
    return changed


def test_nothing_is_written_where_file_and_network_disagree(checkpoint: Path, images, tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"the model before")
    with pytest.raises(
        ModelError,
        match=r"does not agree with its network on a walking square: .*nothing was written; use --precision fp32",
    ):
        run_export(checkpoint, tmp_path / "m.onnx", images, Storage("damaged", damaged, HALF.tolerance))
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
    assert (tmp_path / "m.onnx").read_bytes() == b"the model before"


def test_what_halved_weights_may_differ_full_ones_may_not(checkpoint: Path, images, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"components differ by up to .*, expected"):
        run_export(checkpoint, tmp_path / "m.onnx", images, Storage("fp32", halved, FULL.tolerance))
    assert not list(tmp_path.iterdir())


def test_halving_leaves_the_graph_that_it_was_given(checkpoint: Path, images, tmp_path: Path) -> None:
    run_export(checkpoint, tmp_path / "m.onnx", images, FULL)
    model = onnx.load(tmp_path / "m.onnx")
    before = model.SerializeToString(deterministic=True)
    assert halved(model).SerializeToString(deterministic=True) != before
    assert model.SerializeToString(deterministic=True) == before


def test_live_frames_that_are_all_alike_compare_nothing(checkpoint: Path, images, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="all 9 live frames of x have the same embedding"):
        export_model(network_of(checkpoint), card(), tmp_path / "m.onnx", np.repeat(images[:1], 9, axis=0), "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("folder", ["a file", "read only"])
def test_a_place_that_cannot_be_written_is_said(checkpoint: Path, images, tmp_path: Path, folder: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    (tmp_path / "m.onnx").mkdir()
    path = tmp_path / "a file" / "m.onnx" if folder == "a file" else tmp_path / "m.onnx"
    with pytest.raises(ModelError, match=r"cannot write .*choose a writable folder"):
        run_export(checkpoint, path, images)
    assert not list(tmp_path.glob("**/*.partial"))


def test_the_checkpoint_knows_its_size_and_interval(checkpoint: Path) -> None:
    imported = import_checkpoint(checkpoint)
    assert imported.form == "our own, resnet18, 3 steps"
    assert imported.storage is HALF
    drafted = drafted_card(checkpoint, imported, AskedInput((32, 32), 7, 100.0), Names("tiny", "1", None))
    assert (drafted.height_px, drafted.width_px, drafted.interval_ms) == (32, 32, 70.0)


def test_options_that_disagree_with_the_checkpoint_are_refused_all_at_once(checkpoint: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        drafted_card(checkpoint, import_checkpoint(checkpoint), AskedInput((32, 64), 2, 30.0), Names("t", "1", None))
    size, interval = caught.value.problems
    assert "was trained at 32x32 px, --size says 32x64; leave --size out" in size
    assert (
        "was trained with 70 ms between the frames of a live frame, --frame-interval and --fps say 66.6667" in interval
    )


def test_weights_beyond_float16_are_refused(checkpoint: Path, images, tmp_path: Path) -> None:
    network = network_of(checkpoint)
    with torch.no_grad():
        network.backbone.layer1[0].conv1.weight[0, 0, 0, 0] = 1e6
    with pytest.raises(ModelError, match="does not fit float16"):
        export_model(network, card(), tmp_path / "m.onnx", images, "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("changes", [{"embedding_dim": 8}, {"backbone": "resnet34"}])
def test_a_card_of_another_network_is_refused(
    checkpoint: Path, images, tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(ModelError, match="the card says"):
        export_model(network_of(checkpoint), card(**changes), tmp_path / "m.onnx", images, "x")


@pytest.mark.parametrize("cut", [np.s_[:7], np.s_[:, :, :16]])
def test_live_frames_that_cannot_verify_are_refused(checkpoint: Path, images, tmp_path: Path, cut: object) -> None:
    with pytest.raises(ModelError, match="expected at least 8 x"):
        export_model(network_of(checkpoint), card(), tmp_path / "m.onnx", images[cut], "x")
