"""What docs/wire.md says is true: its links lead somewhere, its code runs, its tables are complete."""

import json
import re
import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
import zmq
import zmq.auth

from selfee_rt import wire
from selfee_rt.config import PublishConfig
from selfee_rt.publish.addresses import check_addresses
from selfee_rt.publish.curve import make_keys
from selfee_rt.wire import make
from tests.publish import samples
from tests.support import ROOT

DOCUMENT = ROOT / "docs" / "wire.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """The one code block of a language that contains a text."""
    (found,) = [each for each in re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL) if containing in each]
    return found


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) > 20
    assert [link for link in links if not (DOCUMENT.parent / link).exists()] == []


def test_the_default_addresses_are_those_of_the_configuration() -> None:
    table = dict(re.findall(r"\| `(tcp://[^`]+)` \|.*`publish\.(\w+)` \|", TEXT))
    assert {name: address for address, name in table.items()} == {
        name: getattr(PublishConfig(), name) for name in ("observations", "control", "preview")
    }


@pytest.mark.parametrize("verb", sorted(wire.VERBS))
def test_the_table_of_verbs_is_complete(verb: str) -> None:
    (row,) = [line for line in TEXT.partition("## Control")[2].splitlines() if line.startswith(f"| `{verb}` |")]
    arguments = wire.VERBS[verb].arguments.__struct_fields__
    assert wire.VERBS[verb].does in row
    assert all(f"`{name}`" in row for name in (*arguments, *wire.VERBS[verb].result.__struct_fields__))


def test_the_lines_that_read_an_embedding_read_it() -> None:
    names = {"json": json, "numpy": np, "payload": make.embedding(samples.embeddings(), 1, "ab", "s")}
    exec(block("python", "numpy.frombuffer"), names)
    np.testing.assert_array_equal(names["vector"], samples.embeddings().vector[1])
    assert names["header"]["arena"] == "ab"


def test_the_request_and_the_replies_shown_are_valid() -> None:
    request, accepted, refused = block("json", "request_id").splitlines()
    shown = msgspec.json.decode(request, type=wire.Request)
    msgspec.convert(shown.arguments, wire.VERBS[shown.verb].arguments)
    reply = msgspec.json.decode(accepted, type=wire.Reply)
    msgspec.convert(reply.result, wire.VERBS[shown.verb].result)
    assert not msgspec.json.decode(refused, type=wire.Reply).ok


def test_the_steps_to_other_computers_fit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for out, name in re.findall(r"selfee-rt keys --out (\S+) (\S+)\n", block("sh", "selfee-rt keys")):
        make_keys(Path(out), (name,))
    Path("clients").mkdir()
    Path("laptop-keys/laptop.key").rename("clients/laptop.key")
    config = PublishConfig.model_validate(tomllib.loads(block("toml", "[publish]"))["publish"])
    assert check_addresses(config) == []
    for file in ("keys/rig.key", "laptop-keys/laptop.key_secret"):
        Path(Path(file).name).write_bytes(Path(file).read_bytes())
    connecting = block("python", "curve_serverkey").replace("rig.lab:5571", "127.0.0.1:1")
    with zmq.Context() as context, context.socket(zmq.SUB) as socket:
        socket.linger = 0
        exec(connecting, {"zmq": zmq, "socket": socket})
        assert socket.curve_server == 0
