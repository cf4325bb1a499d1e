"""Photographs of the window in each of its states, on a screen that nobody sees (Xvfb), and the one in the README.

Usage: python tools/screenshots.py OUT [--size 1280x720 --size 3840x2160] [--only live] [--readme]

Without --only: starting, normal, help, note, alarm, looking back, map, stream lost, arming, armed, finished session,
several rigs, and each page of setup in its window and in the terminal, in both sizes; about a quarter of an hour.
--readme makes docs/window.png of the normal state. Needs Xvfb, xdotool, tmux, and ImageMagick's `import` and `convert`.
Sessions of the synthetic arena run on ports of their own. What is photographed is to be looked at.
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
SIZES = ("1280x720", "3840x2160")
FIRST_PORT = 5671
ADDRESS = f"tcp://127.0.0.1:{FIRST_PORT}"
SECOND_PORT = 5771
THIRD_ADDRESS = "tcp://127.0.0.1:5871"
STRANGE_S = 75.0
STRANGEST = 0.30, 0.82
"""Where the first thumbnail is, in parts of the screen."""
CONFIG = f"""
[source]
kind = "synthetic"
anomalies = [{{what = "third_object", start_s = {STRANGE_S}, seconds = 40.0}}]

[observe]
smoothing = {{kind = "mode", exposures = 15}}
bout_min_exposures = 5

detector = [{{kind = "selfee", threshold = 0.2}}]

[subject]
id = "fly 12"
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

    def click(self, x: float, y: float) -> None:
        """Click at a place, given in parts of the screen."""
        width, height = map(int, self.size.split("x"))
        self.do("xdotool", "mousemove", str(round(x * width)), str(round(y * height)), "click", "1")

    def photograph(self, name: str) -> None:
        """Take a picture of all of it."""
        path = self.out / f"{name}_{self.size}.png"
        self.do("import", "-window", "root", str(path))
        print(path, flush=True)

    @contextmanager
    def window(self, *addresses: str) -> Iterator["subprocess.Popen[bytes]"]:
        """The window, as large as the screen."""
        with tempfile.TemporaryDirectory() as folder:
            settings = str(Path(folder) / "view.ini")
            command = [sys.executable, "-m", "selfee_rt", "view", *addresses, "--settings", settings]
            view = subprocess.Popen(command, env=self.environment)
            try:
                width, height = self.size.split("x")
                wait = ("timeout", "90", "xdotool", "search", "--sync", "--onlyvisible", "--name", "selfee-rt")
                self.do(*wait, "windowsize", width, height)
                self.do("xdotool", "mousemove", str(int(width) // 2), "18")
                time.sleep(3)
                yield view
            finally:
                view.terminate()
                view.wait()


def wait_for(topic: str, condition: Callable[[dict], bool], timeout_s: float, address: str = ADDRESS) -> None:
    """Wait until the session has published a message that fulfils a condition."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.connect(address)
    socket.subscribe(topic)
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if socket.poll(500) and condition(json.loads(socket.recv_multipart()[1])):
            break
    socket.close(linger=0)
    context.term()


def publishing(port: int) -> str:
    """Part of a configuration: three ports in a row."""
    names = enumerate(("observations", "control", "preview"), port)
    return "[publish]\n" + "".join(f'{name} = "tcp://127.0.0.1:{each}"\n' for each, name in names)


@contextmanager
def session(screen: Screen, config: str, port: int = FIRST_PORT) -> Iterator[None]:
    """A session, which is killed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.toml"
        path.write_text(config + publishing(port), encoding="utf-8")
        command = [sys.executable, "-m", "selfee_rt", "run", str(path), "--headless", "--out", str(Path(folder) / "s")]
        process = subprocess.Popen(command, env=screen.environment, stdout=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def live(screen: Screen) -> None:
    """Starting, normal, help, a note, an alarm, looking back, the map, and a session that was killed."""
    with screen.window(ADDRESS):
        screen.photograph("starting")
        with session(screen, CONFIG):
            wait_for("observation.", lambda message: message["media_ns"] > 66e9, 150)
            screen.do("xdotool", "key", "1")
            time.sleep(2)
            screen.photograph("normal")
            screen.do("xdotool", "key", "question")
            time.sleep(3)
            screen.photograph("help")
            screen.do("xdotool", "key", "Escape", "key", "space", "type", "door opened")
            time.sleep(3)
            screen.photograph("note")
            screen.do("xdotool", "key", "Return")
            wait_for("observation.", lambda message: message["media_ns"] > STRANGE_S * 1e9 and message["alarm"], 60)
            time.sleep(0.3)
            screen.photograph("alarm")
            look_back(screen)
        time.sleep(14)
        screen.photograph("lost")


def open_map(screen: Screen) -> None:
    """Click on the map's tab; it is as far from its panel's left lower corner as the window is scaled."""
    width, height = map(int, screen.size.split("x"))
    scale = max(1.0, min(width / 1920, height / 1080))
    screen.click(0.244 + 178 * scale / width, 1 - 38 * scale / height)


def look_back(screen: Screen) -> None:
    """On a session that goes on: earlier, where there is no picture any more, on the map, and a strange moment."""
    screen.do("xdotool", "key", "o", "key", "Left", "key", "Left")
    time.sleep(4)
    screen.photograph("looking_back")
    screen.click(*STRANGEST)
    time.sleep(2)
    screen.photograph("strangest")
    screen.do("xdotool", "key", "P")
    open_map(screen)
    time.sleep(3)
    screen.photograph("map")
    screen.do("xdotool", "key", "i", "key", "l")
    time.sleep(3)
    screen.photograph("map_live")


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


def finished(screen: Screen) -> None:
    """A session that is over, from its folder: the strangest moment, and the map of it."""
    with tempfile.TemporaryDirectory() as folder:
        config, out = Path(folder) / "session.toml", Path(folder) / "s"
        fast = CONFIG.replace('kind = "synthetic"', 'kind = "synthetic"\nspeed = "max"')
        config.write_text(fast + publishing(FIRST_PORT), encoding="utf-8")
        command = [sys.executable, "-m", "selfee_rt", "run", str(config), "--headless", "--out", str(out)]
        subprocess.run([*command, "--seconds", "100"], env=screen.environment, stdout=subprocess.DEVNULL, check=True)
        with screen.window(str(out)):
            time.sleep(6)
            screen.click(*STRANGEST)
            time.sleep(9)
            screen.photograph("finished")
            open_map(screen)
            screen.do("xdotool", "key", "Left")
            time.sleep(3)
            screen.photograph("finished_map")


def tabs(screen: Screen) -> None:
    """Three rigs in one window: one that is seen, one that is armed behind it, and one that is not there yet."""
    slow = CONFIG.replace("[source]", "[source]\nfps = 15")
    second = slow.replace("fly 12", "fly 13") + RULES
    addresses = ADDRESS, f"tcp://127.0.0.1:{SECOND_PORT}", THIRD_ADDRESS
    with session(screen, slow), session(screen, second, SECOND_PORT), screen.window(*addresses):
        wait_for("observation.", lambda message: message["media_ns"] > 40e9, 150, addresses[1])
        screen.do("xdotool", "key", "ctrl+Tab")
        time.sleep(2)
        screen.do("xdotool", "keydown", "a")
        time.sleep(2)
        screen.do("xdotool", "keyup", "a")
        time.sleep(1)
        screen.photograph("tab_behind")
        screen.do("xdotool", "key", "ctrl+shift+Tab")
        time.sleep(2)
        screen.photograph("tabs")


def setup(screen: Screen) -> None:
    """Setup, every page of its window, and the same questions in a terminal."""
    tool = str(Path(__file__).with_name("screenshots_setup.py"))
    screen.do(sys.executable, tool, str(screen.out), "--size", screen.size, "--inside")
    if screen.size == SIZES[0]:
        screen.do(sys.executable, str(Path(tool).with_name("screenshots_terminal.py")), str(screen.out))


SCENES = {each.__name__: each for each in (live, armed, finished, tabs, setup)}


def make_readme_picture(taken: Path) -> None:
    """The picture that the README shows: that of the normal state, in few colours."""
    target = ROOT / "docs" / "window.png"
    command = ["convert", str(taken), "-strip", "+dither", "-colors", "160", f"PNG8:{target}"]
    subprocess.run(command, check=True)
    print(f"{target}   {target.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Photograph everything, or one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", action="append", help="may be given several times; else both")
    parser.add_argument("--only", choices=SCENES)
    parser.add_argument("--readme", action="store_true", help="make docs/window.png, of the first size")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    sizes = given.size or SIZES
    for size in sizes:
        screen = Screen(size, given.out)
        try:
            for name, scene in SCENES.items():
                if given.only in (None, name):
                    scene(screen)
        finally:
            screen.close()
    if given.readme:
        make_readme_picture(given.out / f"normal_{sizes[0]}.png")


if __name__ == "__main__":
    main()
