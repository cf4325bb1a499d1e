"""What a benchmark ran on: nothing about people, folders or addresses."""

import os
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from selfee_rt import __version__
from selfee_rt.embed.runtimes import list_gpus
from selfee_rt.workbench.bench.candidates import Environment
from selfee_rt.workbench.latency.facts import CPUINFO, processor

_PATH = re.compile(r"""(?:(?<![A-Za-z])[A-Za-z]:[\\/]|\\\\|(?<![\w.:/])~?/|<path>)[^\s'"<>|:;,)]*""")
_ALL_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\|~?/|<path>[\\/]")


def facts_of(environments: tuple[Environment, ...]) -> dict[str, str]:
    """The machine and its versions, by names for people."""
    return {
        "processor": processor(CPUINFO),
        "cores": str(os.cpu_count()),
        "GPU": ", ".join(f"{gpu.name}, {gpu.memory_mib} MiB, driver {gpu.driver}" for gpu in list_gpus()) or "none",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": platform.python_version(),
        "selfee-rt": __version__,
        **{f"runs models with {each.letter}".strip(): each.offer.onnxruntime for each in environments},
    }


class Privacy:
    """Takes paths, and the names of the user and the computer, out of text.

    `paths` are those that are known, blanks included. Of another one in the midst of a sentence, what follows a blank
    would be left; a text that begins with one is taken for a path to its end.

    >>> hide = Privacy([Path("/data/Ada L/m.onnx")], ["ada"])
    >>> hide("cannot read /data/Ada L/m.onnx; see ~/notes, ada")
    'cannot read <path>; see <path>, <name>'
    """

    def __init__(self, paths: Sequence[Path], names: Sequence[str]) -> None:
        told = {form for path in paths for form in (str(path), str(path.absolute()), path.absolute().as_posix())}
        self._paths = sorted((each for each in told if len(each) > 1), key=len, reverse=True)
        self._names = [re.compile(rf"(?<!\w){re.escape(each)}(?!\w)") for each in names if len(each) > 1]

    def __call__(self, text: str) -> str:
        """The text without them."""
        for path in self._paths:
            text = text.replace(path, "<path>")
        text = "<path>" if _ALL_PATH.match(text) else _PATH.sub("<path>", text)
        for name in self._names:
            text = name.sub("<name>", text)
        return text

    def everywhere(self, value: Any) -> Any:
        """The same for every text in a document, its keys apart."""
        match value:
            case str():
                return self(value)
            case dict():
                return {key: self.everywhere(each) for key, each in value.items()}
            case list() | tuple():
                return [self.everywhere(each) for each in value]
            case _:
                return value


def privacy_of(paths: Sequence[Path]) -> Privacy:
    """What is private here: these paths, the user's and the system's folders, the names of user and computer."""
    home = Path.home()
    names = {os.environ.get(name, "") for name in ("USER", "USERNAME", "LOGNAME", "COMPUTERNAME", "HOSTNAME")}
    return Privacy(
        [*paths, home, Path.cwd(), Path(gettempdir()), Path(sys.prefix)], [*names, home.name, platform.node()]
    )
