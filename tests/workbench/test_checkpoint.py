"""A checkpoint's file is read without executing anything; what is none is refused with what it is instead."""

import json
import pickle
import zipfile
from pathlib import Path

import pytest

from selfee_rt.errors import ModelError
from tests.support import need_module

torch = need_module("torch")
torchvision = need_module("torchvision")

from selfee_rt.workbench.checkpoint import read_checkpoint  # noqa: E402
from selfee_rt.workbench.imported import import_checkpoint  # noqa: E402
from tests.tiny_model import write_tiny_model  # noqa: E402
from tests.workbench.tiny_training import tiny_trainer  # noqa: E402


class Payload:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        read_checkpoint(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_what_torch_saved_is_read(tmp_path: Path) -> None:
    for new in (True, False):
        torch.save({"weight": torch.arange(4.0)}, tmp_path / "w.pkl", _use_new_zipfile_serialization=new)
        assert torch.equal(read_checkpoint(tmp_path / "w.pkl")["weight"], torch.arange(4.0))


@pytest.mark.parametrize("how", ["torch", "old torch", "pickle", "pickle 0", "tuple in torch"])
def test_code_in_a_pickle_is_not_executed(tmp_path: Path, how: str) -> None:
    trap, path = tmp_path / "executed", tmp_path / "evil.pkl"
    content = {"backbone.backbone.conv1.weight": Payload(trap)}
    if how.startswith("pickle"):
        path.write_bytes(pickle.dumps(content, protocol=0 if how.endswith("0") else 4))
    else:
        held = (content, 1) if how.startswith("tuple") else content
        torch.save(held, path, _use_new_zipfile_serialization=how != "old torch")
    message = refusal(path)
    assert not trap.exists()
    if "torch" in how:
        assert "besides weights it holds Python objects" in message
        assert "open), expected a state dict; nothing in it was executed" in message
    assert pickle.loads(pickle.dumps(Payload(trap))).close() is None  # the trap is a real one
    assert trap.exists()


def test_a_whole_module_is_refused_with_what_to_do(tmp_path: Path) -> None:
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2)), tmp_path / "module.pkl")
    message = refusal(tmp_path / "module.pkl")
    assert "it holds Python objects (torch.nn.modules.container.Sequential)" in message
    assert "torch.save(model.state_dict(), …)" in message


@pytest.mark.parametrize("left", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("new", [True, False])
def test_a_file_that_was_cut_short_is_refused(tmp_path: Path, left: float, new: bool) -> None:
    torch.save({"weight": torch.randn(64, 64)}, tmp_path / "w.pkl", _use_new_zipfile_serialization=new)
    content = (tmp_path / "w.pkl").read_bytes()
    message = refusal(written(tmp_path / "w.pkl", content[: int(left * len(content))]))
    assert "it is cut short, damaged or not from torch.save" in message
    assert len(message) < 400 + len(str(tmp_path))


def test_what_is_something_else_is_called_what_it_is(tmp_path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    safetensors = len(header).to_bytes(8, "little") + header + bytes(4)
    assert "it is empty" in refusal(written(tmp_path / "a.pkl", b""))
    assert "it is text" in refusal(written(tmp_path / "a.pkl", "ö ä: not a checkpoint\n".encode() * 100))
    assert "it is a safetensors file" in refusal(written(tmp_path / "a.pkl", safetensors))
    assert "it is an HDF5 file" in refusal(written(tmp_path / "a.pkl", b"\x89HDF\r\n\x1a\n" + bytes(600)))
    assert "damaged or not from torch.save" in refusal(written(tmp_path / "a.pkl", bytes(range(255, 0, -1)) * 4))
    assert "damaged or not from torch.save" in refusal(written(tmp_path / "a.pkl", b"\x80\x04N."))
    assert "it is a folder" in refusal(tmp_path)
    assert "there is no such file" in refusal(tmp_path / "absent.pkl")


def test_an_onnx_model_needs_no_export(tmp_path: Path) -> None:
    need_module("onnx")
    write_tiny_model(tmp_path / "m.onnx")
    assert "it looks like an ONNX model; a session takes one with a card as it is" in refusal(tmp_path / "m.onnx")


def test_an_archive_that_is_not_torchs_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("readme.txt", "nothing")
    assert "damaged or not from torch.save" in refusal(tmp_path / "a.zip")


def test_an_archive_of_torchscript_is_called_so(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "s.pt")
    with zipfile.ZipFile(tmp_path / "s.pt", "a") as file:  # what tells such an archive from one of torch.save
        file.writestr(file.namelist()[0].split("/")[0] + "/constants.pkl", b"")
    assert "it is a TorchScript archive" in refusal(tmp_path / "s.pt")


def test_a_network_of_another_architecture_is_refused_with_its_keys(tmp_path: Path) -> None:
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), tmp_path / "resnet.pkl")
    with pytest.raises(ModelError, match=r"left over conv1\.weight, bn1\.weight, bn1\.bias and"):
        import_checkpoint(tmp_path / "resnet.pkl")
    torch.save({f"bert.layer.{i}.weight": torch.zeros(2) for i in range(9)}, tmp_path / "bert.pkl")
    with pytest.raises(ModelError, match=r"left over bert\.layer\.0\.weight, .* and 6 more"):
        import_checkpoint(tmp_path / "bert.pkl")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The content of a checkpoint of ours."""
    torch.set_num_threads(1)
    path = tmp_path_factory.mktemp("own") / "last.ckpt"
    tiny_trainer().save(path)
    return read_checkpoint(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 99}, "a checkpoint of format 99, expected 1"),
        ({"format": "newest"}, "a checkpoint of format 'newest', expected 1"),
        ({"settings": None}, "incomplete or was edited"),
        ({"settings": {"steps": 3}}, "incomplete or was edited"),
        ({"settings": {"steps": 3, "shape": {"depth": 3}}}, "incomplete or was edited"),
        ({"network": {}}, "incomplete or was edited"),
        ({"network": [1]}, "incomplete or was edited"),
        ({"notes": None}, "incomplete or was edited"),
        ({"notes": {"recordings": [{"name": "one"}]}}, "incomplete or was edited"),
        ({"step": ...}, "incomplete or was edited"),
    ],
)
def test_a_checkpoint_of_ours_that_was_edited_is_refused(own, tmp_path: Path, changes, words: str) -> None:
    torch.save({k: v for k, v in (own | changes).items() if v is not ...}, tmp_path / "own.ckpt")
    with pytest.raises(ModelError, match=words):
        import_checkpoint(tmp_path / "own.ckpt")
