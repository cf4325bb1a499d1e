"""What a self-test was measured on, for whoever reads its report elsewhere."""

import os
import platform
from pathlib import Path
from typing import Any

from selfee_rt.embed.runtimes import list_gpus
from selfee_rt.folder import SessionRecord

CPUINFO = Path("/proc/cpuinfo")


def facts_of(record: SessionRecord, **more: str) -> dict[str, str]:
    """Machine, camera, model and versions, by names for people; nothing about people, paths or addresses."""
    source, card = record.source, record.model.card
    runtime: dict[str, Any] = card.get("runtime", {})
    return {
        **more,
        "when": record.started.utc,
        "machine": f"{processor(CPUINFO)}, {os.cpu_count()} cores",
        "GPU": ", ".join(f"{gpu.name}, driver {gpu.driver}" for gpu in list_gpus()) or "none",
        "picture": f"{source.width_px}x{source.height_px} at {source.fps:.4g} frames/s, time by {source.time_quality}",
        "model": f"{card.get('name')} {card.get('version')}, {len(record.arenas)} at a time, "
        f"sha256 {record.model.sha256[:16]}",
        "lookahead": f"{record.frame_interval} exposures, {record.frame_interval_ms:.1f} ms",
        "inference": ", ".join(f"{name} {_words(value)}" for name, value in runtime.items()),
        **record.versions,
    }


def processor(cpuinfo: Path) -> str:
    """The processor's name, as Linux knows it, else as Python does."""
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
