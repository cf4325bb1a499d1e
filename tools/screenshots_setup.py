"""Photographs of the window of `selfee-rt setup` on a screen that nobody sees (Xvfb).

Usage: python tools/screenshots_setup.py OUT [--size 1280x720] [--video VIDEO]

Needs Xvfb and ImageMagick's `import`. Without a video it shows the synthetic arena.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tools"))

INSIDE = "--inside"
"""How this script starts itself once more, on the screen that nobody sees."""


def inside(out: Path, size: str, video: str) -> None:
    """Open the window, use it, and photograph it after each step."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtTest import QTest

    from selfee_rt.cli.check import meaning
    from selfee_rt.config import load
    from selfee_rt.setup.window import open_window

    folder = Path(tempfile.mkdtemp())
    _, window = open_window(folder / "session.toml", None, lambda path: meaning(load(path)))
    window.setGeometry(0, 0, *map(int, size.split("x")))
    picture, tabs = window.live.picture, window.tabs

    def wait(seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def photograph(name: str) -> None:
        wait(0.5)
        path = out / f"setup_{name}_{size}.png"
        subprocess.run(["import", "-window", "root", str(path)], check=True)
        print(path, flush=True)

    def drag(left: float, right: float) -> None:
        height, width = window.draft.picture_px or (1, 1)
        start = picture.on_screen(left * width, 0.1 * height).toPoint()
        stop = picture.on_screen(right * width, 0.9 * height).toPoint()
        QTest.mousePress(picture, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(picture, stop)
        QTest.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=stop)

    photograph("empty")
    if video:
        window.source.named["video_file"].setText(video)
        window.source.named["video_file"].editingFinished.emit()
    else:
        window.source.cameras.setCurrentRow(0)
    wait(2)
    photograph("source")
    tabs.setCurrentWidget(tabs.widget(1))
    drag(0.05, 0.47)
    drag(0.53, 0.95)
    photograph("arenas")
    for place, name in enumerate(("model", "record", "devices"), 2):
        tabs.setCurrentIndex(place)
        photograph(name)
    window.devices.add()
    photograph("problems")
    window.devices.remove()
    tabs.setCurrentWidget(window.file)
    window.save()
    photograph("saved")
    window.check()
    while window.checking.busy:
        wait(0.5)
    photograph("checked")
    window.close()
    (folder / "session.toml").unlink()
    folder.rmdir()


def main() -> None:
    """Photograph every page."""
    from screenshots import Screen

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--video", default="")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(given.out, given.size, given.video)
        return
    given.out.mkdir(parents=True, exist_ok=True)
    screen = Screen(given.size, given.out)
    try:
        screen.do(sys.executable, *sys.argv, INSIDE)
    finally:
        screen.close()


if __name__ == "__main__":
    main()
