"""`selfee-rt view`, and the window beside a session."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import zmq
from click.testing import CliRunner

from selfee_rt.cli import main
from selfee_rt.cli.view import can_open
from selfee_rt.publish.curve import make_keys
from tests.session.rig import configure
from tests.support import need_module


def refused(*arguments):
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exit_code == 1, result.output
    return result.output


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_without_what_draws_it_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("selfee_rt.cli.view.find_spec", lambda name: None)
    assert 'the window needs PySide6; install "selfee-rt[view]"' in refused("view")
    assert "selfee-rt[view]" in refused("demo", "--view", "--seconds", "1")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_without_a_display_the_command_says_so(no_display):
    need_module("PySide6")
    assert "there is no display" in refused("view")


def test_half_of_the_keys_is_refused(tmp_path):
    need_module("PySide6")
    make_keys(tmp_path, ("laptop",))
    assert "give both --key" in refused("view", "--key", tmp_path / "laptop.key_secret")


@pytest.mark.parametrize(
    ("publish", "why"),
    [
        ('observations = "off"', "observations"),
        ('curve = {secret_key_file = "k/rig.key_secret", client_keys_dir = "k"}', "encrypted session"),
    ],
)
def test_a_session_that_the_window_could_not_hear_is_not_begun(tmp_path, publish, why):
    need_module("PySide6")
    config = tmp_path / "c.toml"
    config.write_text(f'[source]\nkind = "synthetic"\nseconds = 1\n[publish]\n{publish}\n')
    assert why in refused("run", config, "--view")
    assert not (tmp_path / "sessions").exists()


def test_the_window_beside_a_session_is_a_process_of_its_own_at_its_address(monkeypatch, rig, tmp_path):
    need_module("PySide6")
    from selfee_rt.cli.live import run_session

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    begun = []
    monkeypatch.setattr(
        "selfee_rt.cli.view.subprocess", SimpleNamespace(Popen=lambda command, **_: begun.append(command))
    )
    run_session(configure(rig, tmp_path / "s", source={"seconds": 1}), headless=True, window=True)
    ((*program, address),) = begun
    assert program == [sys.executable, "-m", "selfee_rt", "view"]
    assert address.startswith("tcp://127.0.0.1:")


def test_the_command_opens_a_window_that_subscribes_and_ends_in_order_when_it_is_told_to(tmp_path):
    need_module("PySide6")
    need_module("pyqtgraph")
    context = zmq.Context()
    publisher = context.socket(zmq.XPUB)
    publisher.rcvtimeo = 60_000
    address = f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
    settings = tmp_path / "view.ini"
    window = subprocess.Popen(
        [sys.executable, "-m", "selfee_rt", "view", address, "--settings", settings, "--scale", "1"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stderr=subprocess.PIPE,
    )
    try:
        assert publisher.recv()[:1] == b"\x01", "it subscribes"
        window.terminate()
        _, said = window.communicate(timeout=30)
    finally:
        window.kill()
        window.communicate()
        publisher.close(linger=0)
        context.term()
    if sys.platform != "win32":  # where a process that is told to end by another is ended at once
        assert window.returncode == 0, said
        assert settings.exists(), "the arrangement was remembered on the way out"


@pytest.mark.parametrize(
    ("options", "terminal", "possible", "opened"),
    [
        ([], True, True, True),
        (["--no-view"], True, True, False),
        (["--headless"], True, True, False),
        ([], False, True, False),
        ([], True, False, False),
        (["--view"], False, False, True),
    ],
)
def test_demo_opens_a_window_by_itself_only_where_somebody_can_see_it(monkeypatch, options, terminal, possible, opened):
    asked = []
    monkeypatch.setattr("selfee_rt.cli.live.can_open", lambda: possible)
    monkeypatch.setattr("selfee_rt.cli.live.run_session", lambda *_, window, **__: asked.append(window))
    monkeypatch.setattr("selfee_rt.cli.live.on_a_terminal", lambda: terminal)
    assert CliRunner().invoke(main, ["demo", *options]).exit_code == 0
    assert asked == [opened]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a display")
def test_a_window_can_be_opened_with_a_display_and_the_extra(monkeypatch, no_display):
    monkeypatch.setattr("selfee_rt.cli.view.find_spec", lambda name: object())
    assert not can_open()
    monkeypatch.setenv("DISPLAY", ":0")
    assert can_open()
    monkeypatch.setattr("selfee_rt.cli.view.find_spec", lambda name: None)
    assert not can_open()
