"""GPU memory by process, as NVIDIA's driver reports it."""

import shutil
import subprocess

TIMEOUT_S = 10.0
QUERY = ("--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")


def gpu_memory_mib() -> dict[int, int]:
    """MiB of GPU memory by process number; none where `nvidia-smi` is absent, fails or does not answer.

    In a container the driver may number processes otherwise, or not list them.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    try:
        answer = subprocess.run(  # noqa: S603  the program is found on the path, the arguments are constant
            [program, *QUERY], capture_output=True, text=True, timeout=TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return parse(answer.stdout)


def parse(text: str) -> dict[int, int]:
    r"""Read lines `process, MiB`; a process on two GPUs has two, which are added.

    >>> parse("4711, 812\n4711, 20\n99, [N/A]\n")
    {4711: 832}
    """
    found: dict[int, int] = {}
    for line in text.splitlines():
        process, _, memory = (part.strip() for part in line.partition(","))
        if process.isdigit() and memory.isdigit():
            found[int(process)] = found.get(int(process), 0) + int(memory)
    return found
