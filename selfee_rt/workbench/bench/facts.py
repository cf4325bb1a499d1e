"""What a benchmark ran on: nothing about people, folders or addresses."""

import os
import platform
import re
from collections.abc import Mapping

from selfee_rt import __version__
from selfee_rt.embed.runtimes import list_gpus
from selfee_rt.workbench.bench.candidates import Environment
from selfee_rt.workbench.latency.facts import CPUINFO, processor

_PATH = re.compile(r"""(?:[A-Za-z]:[\\/]|\\\\|(?<![\w.:/])~?/)[^\s'"<>|:;,)]+""")
_WORD = r"(?<!\w){}(?!\w)"


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


def without_private(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """A message without paths, and without the names of the user and the computer.

    >>> without_private("cannot read /home/ada/m.onnx: no such file; give ada's file", {"USER": "ada"})
    "cannot read <path>: no such file; give <name>'s file"
    """
    text = _PATH.sub("<path>", text)
    names = {environment.get(name, "") for name in ("USER", "USERNAME", "LOGNAME", "COMPUTERNAME", "HOSTNAME")}
    for each in (*names, platform.node()):
        if len(each) > 1:
            text = re.sub(_WORD.format(re.escape(each)), "<name>", text)
    return text
