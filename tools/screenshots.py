"""Photographs of the window in each of its states, on a screen that nobody sees (Xvfb).

Usage: python tools/screenshots.py OUT [--size 1280x800] [--only armed]

Needs Xvfb, xdotool and ImageMagick's `import`. A session of the synthetic arena runs on ports of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq

ROOT = Path(__file__).resolve().parent.parent
PORTS = {"observations": 5671, "control": 5672, "preview": 5673}
ADDRESS = f"tcp://127.0.0.1:{PORTS['observations']}"
STRANGE_S = 75.0
CONFIG = f"""
[source]
kind = "synthetic"
anomalies = [{{what = "third_object", start_s = {STRANGE_S}, seconds = 12.0}}]

[observe]
smoothing = {{kind = "mode", exposures = 15}}
bout_min_exposures = 5

detector = [{{kind = "selfee", threshold = 0.25}}]

[subject]
id = "fly 12"

[publish]
{chr(10).join(f'{name} = "tcp://127.0.0.1:{port}"' for name, port in PORTS.items())}
"""
RULES = """
[[device]]
kind = "null"
name = "led"

[[trigger]]
name = "light on chasing"
device = "led"
when = "chasing > 0.5 for 300 ms"
pulse = {on_ms = 500, frequency_hz = 20, width_ms = 25}
refractory_ms = 2000
sham_fraction = 0.5

[stimulation]
arm_for_s = 3600
"""


class Screen:
    """A screen of its own with one window on it."""

    def __init__(self, size: str, out: Path) -> None:
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = f":{pipe.readline().strip()}"
        self.out, self.size = out, size
        self.environment = os.environ | {"DISPLAY": self.display, "PYTHONPATH": str(ROOT)}

    def close(self) -> None:
        """Switch it off."""
        self._server.terminate()
        self._server.wait()

    def do(self, *command: str) -> None:
        """Run a program on it."""
        subprocess.run(command, env=self.environment, check=True)

    def photograph(self, name: str) -> None:
        """Take a picture of all of it."""
        path = self.out / f"{name}_{self.size}.png"
        self.do("import", "-window", "root", str(path))
        print(path, flush=True)

    @contextmanager
    def window(self, address: str) -> Iterator["subprocess.Popen[bytes]"]:
        """The window, as large as the screen."""
        with tempfile.TemporaryDirectory() as folder:
            settings = str(Path(folder) / "view.ini")
            command = [sys.executable, "-m", "selfee_rt", "view", address, "--settings", settings]
            view = subprocess.Popen(command, env=self.environment)
            try:
                time.sleep(5)
                width, height = self.size.split("x")
                self.do("xdotool", "search", "--onlyvisible", "--name", "selfee-rt", "windowsize", width, height)
                self.do("xdotool", "mousemove", str(int(width) // 2), "18")
                time.sleep(3)
                yield view
            finally:
                view.terminate()
                view.wait()


def wait_for(topic: str, condition: Callable[[dict], bool], timeout_s: float) -> None:
    """Wait until the session has published a message that fulfils a condition."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.connect(ADDRESS)
    socket.subscribe(topic)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if socket.poll(500) and condition(json.loads(socket.recv_multipart()[1])):
            break
    socket.close(linger=0)
    context.term()


@contextmanager
def session(screen: Screen, config: str) -> Iterator[None]:
    """A session, which is killed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.toml"
        path.write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "selfee_rt", "run", str(path), "--headless", "--out", str(Path(folder) / "s")]
        process = subprocess.Popen(command, env=screen.environment, stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def live(screen: Screen) -> None:
    """Starting, normal, help, a note, an alarm, and a session that was killed."""
    with screen.window(ADDRESS):
        screen.photograph("starting")
        with session(screen, CONFIG):
            wait_for("observation.", lambda message: message["media_ns"] > 66e9, 150)
            screen.do("xdotool", "key", "1")
            time.sleep(2)
            screen.photograph("normal")
            screen.do("xdotool", "key", "question")
            time.sleep(1)
            screen.photograph("help")
            screen.do("xdotool", "key", "Escape", "key", "space", "type", "door opened")
            time.sleep(1)
            screen.photograph("note")
            screen.do("xdotool", "key", "Return")
            wait_for("observation.", lambda message: message["media_ns"] > STRANGE_S * 1e9 and message["alarm"], 60)
            time.sleep(2)
            screen.photograph("alarm")
        time.sleep(14)
        screen.photograph("lost")


def armed(screen: Screen) -> None:
    """A rule that is being armed, and armed; its device is a rehearsal."""
    with screen.window(ADDRESS), session(screen, CONFIG + RULES):
        wait_for("observation.", lambda message: message["media_ns"] > 30e9, 150)
        screen.do("xdotool", "keydown", "a")
        time.sleep(0.5)
        screen.photograph("arming")
        time.sleep(1.5)
        screen.do("xdotool", "keyup", "a")
        wait_for("trigger.", lambda message: message["verdict"] in ("fired", "sham"), 60)
        time.sleep(1)
        screen.photograph("armed")


def back(screen: Screen) -> None:
    """A session that is looked back on, and a click on its strangest moment."""
    with session(screen, CONFIG):
        wait_for("observation.", lambda message: message["media_ns"] > (STRANGE_S + 20) * 1e9, 200)
        with screen.window(ADDRESS):
            time.sleep(5)
            screen.photograph("live_with_a_past")
            screen.do("xdotool", "key", "o", "key", "Left", "key", "Left")
            time.sleep(4)
            screen.photograph("looking_back")
            screen.do("xdotool", "key", "o", "key", "o", "key", "Home")
            time.sleep(4)
            screen.photograph("oldest")
            width, height = map(int, screen.size.split("x"))
            screen.do("xdotool", "key", "l", "mousemove", str(width * 30 // 100), str(height * 82 // 100), "click", "1")
            time.sleep(2)
            screen.photograph("strangest")
            screen.do(
                "xdotool", "key", "l", "mousemove", str(width * 38 // 100), str(height * 949 // 1000), "click", "1"
            )
            time.sleep(6)
            screen.photograph("map")


def finished(screen: Screen) -> None:
    """A session that is over, from its folder."""
    with tempfile.TemporaryDirectory() as folder:
        config, out = Path(folder) / "session.toml", Path(folder) / "s"
        config.write_text(CONFIG.replace('kind = "synthetic"', 'kind = "synthetic"\nspeed = "max"'), encoding="utf-8")
        command = [sys.executable, "-m", "selfee_rt", "run", str(config), "--headless", "--out", str(out)]
        subprocess.run([*command, "--seconds", "100"], env=screen.environment, stdout=subprocess.DEVNULL, check=True)
        with screen.window(str(out)):
            time.sleep(6)
            width, height = map(int, screen.size.split("x"))
            screen.do("xdotool", "mousemove", str(width * 30 // 100), str(height * 82 // 100), "click", "1")
            time.sleep(9)
            screen.photograph("finished")


def main() -> None:
    """Photograph everything, or one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--only", choices=("live", "armed", "back", "finished"))
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    screen = Screen(given.size, given.out)
    try:
        for name, scenes in (("live", live), ("armed", armed), ("back", back), ("finished", finished)):
            if given.only in (None, name):
                scenes(screen)
    finally:
        screen.close()


if __name__ == "__main__":
    main()
