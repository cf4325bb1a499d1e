"""Encryption: the right key receives, a wrong one or none does not."""

import os
import stat
from contextlib import closing
from pathlib import Path

import pytest
import zmq
import zmq.auth
from click.testing import CliRunner

from selfee_rt.cli.keys import keys
from selfee_rt.config import CurveConfig, PublishConfig
from selfee_rt.errors import PublishError
from selfee_rt.publish.curve import check_keys, make_keys
from selfee_rt.publish.preview import Preview
from selfee_rt.publish.publisher import Publisher
from selfee_rt.types import Action
from tests.publish import samples
from tests.publish.clients import ask, connected, receive, request, serving, subscribed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_keys(tmp_path, ("session", "stranger"))
    make_keys(tmp_path / "clients", ("friend",))
    return tmp_path


@pytest.fixture
def config(folder: Path) -> PublishConfig:
    curve = CurveConfig(secret_key_file=folder / "session.key_secret", client_keys_dir=folder / "clients")
    return samples.ANYWHERE.model_copy(update={"curve": curve})


def keys_of(secret_file: Path, server_file: Path) -> dict[str, bytes]:
    public, secret = zmq.auth.load_certificate(secret_file)
    server, _ = zmq.auth.load_certificate(server_file)
    return {"curve_publickey": public, "curve_secretkey": secret, "curve_serverkey": server}


def test_only_a_listed_client_hears_the_publisher(config: PublishConfig, folder: Path) -> None:
    friend = keys_of(folder / "clients/friend.key_secret", folder / "session.key")
    stranger = keys_of(folder / "stranger.key_secret", folder / "session.key")
    with (
        closing(Publisher(config, samples.session())) as publisher,
        connected(zmq.SUB, publisher.address, topics=("",), **stranger) as wrong,
        connected(zmq.SUB, publisher.address, topics=("",)) as bare,
        subscribed(publisher, "log", **friend) as right,
    ):
        publisher.write(Action(1, 1, "mark", {}, "done"))
        assert receive(right)[0] == "log"
        assert not wrong.poll(300)
        assert not bare.poll(300)


def test_a_client_that_has_another_servers_key_hears_nothing(config: PublishConfig, folder: Path) -> None:
    friend = keys_of(folder / "clients/friend.key_secret", folder / "session.key")
    deceived = keys_of(folder / "clients/friend.key_secret", folder / "stranger.key")
    with (
        closing(Publisher(config, samples.session())) as publisher,
        connected(zmq.SUB, publisher.address, topics=("",), **deceived) as wrong,
        subscribed(publisher, "log", **friend) as right,
    ):
        publisher.write(Action(1, 1, "mark", {}, "done"))
        assert receive(right)[0] == "log"
        assert not wrong.poll(300)


def test_only_a_listed_client_is_served_by_control(config: PublishConfig, folder: Path) -> None:
    asked = []
    friend = keys_of(folder / "clients/friend.key_secret", folder / "session.key")
    stranger = keys_of(folder / "stranger.key_secret", folder / "session.key")
    with (
        serving(lambda verb, arguments: asked.append(verb) or {}, config) as control,
        connected(zmq.DEALER, control.address, **stranger) as wrong,
        connected(zmq.DEALER, control.address, **friend) as right,
    ):
        wrong.send(request("stop"))
        assert ask(right, request("status"))["ok"]
        assert not wrong.poll(300)
    assert asked == ["status"]


def test_with_keys_any_interface_may_be_bound(config: PublishConfig) -> None:
    with closing(Preview(config.model_copy(update={"preview": "tcp://*:*"}), "s")) as preview:
        assert preview.address.startswith("tcp://0.0.0.0:")


def test_wrong_key_files_are_clear_errors_and_leave_nothing_open(config: PublishConfig, folder: Path) -> None:
    curve = config.curve
    assert curve is not None
    (folder / "broken.key_secret").write_bytes(b"\xff not a key")
    (folder / "empty").mkdir()
    for change, why in (
        ({"secret_key_file": folder / "none"}, "none is not a key file"),
        ({"secret_key_file": folder / "broken.key_secret"}, "broken.key_secret is not a key file"),
        ({"secret_key_file": folder / "session.key"}, "holds no secret key; give NAME.key_secret"),
        ({"client_keys_dir": folder / "empty"}, r"holds no \*.key file"),
        ({"client_keys_dir": folder / "missing"}, r"holds no \*.key file"),
    ):
        wrong = curve.model_copy(update=change)
        assert len(check_keys(wrong)) == 1
        with pytest.raises(PublishError, match=why):
            Publisher(config.model_copy(update={"curve": wrong}), samples.session())


def test_a_port_in_use_leaves_no_thread_behind(config: PublishConfig) -> None:
    with closing(Publisher(config, samples.session())) as first, pytest.raises(PublishError, match="in use"):
        Publisher(config.model_copy(update={"observations": first.address}), samples.session())


@pytest.mark.skipif(os.name != "posix", reason="no POSIX permissions here")
def test_secret_files_are_readable_by_their_user_only(folder: Path) -> None:
    assert stat.S_IMODE((folder / "session.key_secret").stat().st_mode) == 0o600


def test_making_keys_leaves_the_key_files_and_nothing_else(folder: Path) -> None:
    assert {path.name for path in (folder / "clients").iterdir()} == {"friend.key", "friend.key_secret"}


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    result = CliRunner().invoke(keys, ["--out", str(tmp_path / "keys"), "rig-1", "laptop"])
    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {
        "rig-1.key",
        "rig-1.key_secret",
        "laptop.key",
        "laptop.key_secret",
    }
    assert "rig-1.key  public" in result.output


def test_keys_are_never_overwritten_and_nothing_is_made_beside_them(folder: Path) -> None:
    before = (folder / "session.key_secret").read_bytes()
    result = CliRunner().invoke(keys, ["--out", str(folder), "new", "session"])
    assert isinstance(result.exception, PublishError)
    assert "session.key exists, and keys are never overwritten" in str(result.exception)
    assert (folder / "session.key_secret").read_bytes() == before
    assert not (folder / "new.key").exists()


@pytest.mark.parametrize("name", ["../x", "", "a b", ".x"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PublishError, match="cannot be named"):
        make_keys(tmp_path, (name,))
