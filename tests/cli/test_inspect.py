"""`selfee-rt inspect`, as a user types it."""

import json
import subprocess
import sys

import msgspec
import pytest
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.embed.model import ModelCard, sha256_of, shipped_model
from tests.support import ROOT
from tests.tiny_model import write_tiny_model


def run(*arguments, status=0):
    result = CliRunner().invoke(main, ["inspect", *(str(each) for each in arguments)], env={"COLUMNS": "100"})
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def card():
    return ModelCard(
        name="mice",
        version="2",
        backbone="pooled-grid",
        embedding_layer="projector",
        embedding_dim=16,
        height_px=24,
        width_px=32,
        interval_ms=66.7,
        trained_interval_ms=(60.0, 80.0),
        precision="fp16 weights",
        verification={"compared": "onnxruntime with torch", "centred_cosine_min": 0.9999998},
        training={
            "steps": 450,
            "bf16": True,
            "shape": {"dim": 16},
            "recordings": [
                {"name": "fly_pair", "live_frames": 1496, "licence": "Clear BSD", "origin": "somewhere"},
                {"name": "mine"},
                "a recording of another form",
            ],
        },
        source_sha256="ab" * 32,
        licence="MIT",
    )


def test_the_card_is_told_in_words(tmp_path, card):
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path, size_px=(24, 32), card=card)
    lines = [" ".join(line.split()) for line in run(path).splitlines()]
    for expected in (
        "model mice 2, a pooled-grid",
        "takes live frames of 32x24 px, past, current, future; 8 bits",
        "prepared by grey_resize: the arena in grey, resized to that size",
        "gives embeddings of 16 numbers, the output of its projector",
        "interval 66.7 ms from past to current and to future; trained at 60 to 80 ms",
        "precision fp16 weights: weights stored with 16 bits, computed with 32",
        "verified compared: onnxruntime with torch",
        "centred cosine min: 0.9999998",
        "trained steps: 450",
        "bf16: yes",
        "shape: dim 16",
        "on fly_pair: licence Clear BSD, origin somewhere, live frames 1496",
        "mine: licence not stated",
        "a recording of another form",
        "licence MIT",
        f"made from a checkpoint, sha256 {'ab' * 32}",
        f"file 0.0 MB, sha256 {sha256_of(path)}",
    ):
        assert expected in lines, expected


def test_what_is_not_known_is_said_to_be_not_stated(tmp_path):
    write_tiny_model(tmp_path / "tiny.onnx")
    lines = [" ".join(line.split()) for line in run(tmp_path / "tiny.onnx").splitlines()]
    assert {"verified not stated", "licence not stated", "made from not stated"} <= set(lines)
    assert "interval 66.7 ms from past to current and to future; trained at 66.7 ms" in lines


def test_programs_read_the_card_as_it_is(tmp_path, card):
    path = tmp_path / "tiny.onnx"
    write_tiny_model(path, size_px=(24, 32), card=card)
    told = json.loads(run(path, "--json"))
    assert msgspec.convert(told["card"], ModelCard) == card
    assert (told["sha256"], told["size_bytes"]) == (sha256_of(path), path.stat().st_size)


def test_the_shipped_model_is_inspected_if_none_is_given():
    assert sha256_of(shipped_model()) in run()


def test_a_card_cannot_command_the_terminal(tmp_path):
    fitting = write_tiny_model(tmp_path / "tiny.onnx")
    write_tiny_model(tmp_path / "tiny.onnx", card=msgspec.structs.replace(fitting, licence="MIT\x1b[2J[bold]"))
    output = run(tmp_path / "tiny.onnx")
    assert "\x1b" not in output and "MIT?[2J[bold]" in output


def test_a_file_that_is_no_model_is_said_to_be_none(tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    for name, why in (("none.onnx", "cannot read the model"), ("text.onnx", "is not an ONNX model")):
        output = run(tmp_path / name, status=1)
        assert output.startswith("selfee-rt: ") and why in output and "Traceback" not in output


def test_neither_torch_nor_onnx_is_needed():
    script = "import sys; sys.modules.update(torch=None, onnx=None); from selfee_rt.cli import main; main(['inspect'])"
    answer = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert "selfee_small" in answer.stdout
