"""GPU memory by process, as NVIDIA's driver reports it."""

from selfee_rt.embed.runtimes import nvidia_smi


def gpu_memory_mib() -> dict[int, int]:
    """MiB of GPU memory by process number; none where `nvidia-smi` is absent, fails or does not answer.

    In a container the driver may number processes otherwise, or not list them.
    """
    return parse(nvidia_smi("--query-compute-apps=pid,used_memory"))


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
