"""A benchmark as a file that can be sent: JSON, without anything about people, folders or addresses."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from selfee_rt.clock import NS_PER_MS, wall_clock
from selfee_rt.workbench.bench.benchmark import Benchmark, ModelFile
from selfee_rt.workbench.bench.facts import facts_of, privacy_of
from selfee_rt.workbench.bench.rows import Row
from selfee_rt.workbench.new_file import check_new_file, write_new_file

FORMAT = "selfee_rt.bench/1"


def document(found: Benchmark) -> dict[str, Any]:
    """The whole benchmark for programs; files are named by their cards and sha256, never by their paths."""
    best = found.best()
    hide = privacy_of([*(file.path for file in found.files), *(each.python for each in found.environments)])
    whole = {
        "format": FORMAT,
        "day": wall_clock().date().isoformat(),
        "machine": facts_of(found.environments),
        "live_frames": found.frames,
        "plan": {**dataclasses.asdict(found.plan), "rounds_done": found.rounds},
        "need": dataclasses.asdict(found.need),
        "models": [_model(file) for file in found.files],
        "rows": [_row(found, row) for row in found.rows],
        "reference_row": found.reference,
        "recommended_row": None if best is None else found.rows.index(best),
    }
    told: dict[str, Any] = hide.everywhere(whole)
    return told


def _model(file: ModelFile) -> dict[str, Any]:
    card = file.card
    named = ("name", "version", "backbone", "embedding_layer", "embedding_dim", "height_px", "width_px", "precision")
    return {**{each: getattr(card, each) for each in named}, "sha256": file.sha256, "size_bytes": file.size_bytes}


def _row(found: Benchmark, row: Row) -> dict[str, Any]:
    summary = row.summary()
    return {
        "model": row.candidate.model,
        "runtime": row.candidate.runtime,
        "settings": row.candidate.config.model_dump(mode="json", exclude={"file"}, exclude_defaults=True),
        "batch": row.candidate.batch,
        "problem": row.problem,
        "set_up": row.runtime,
        "start_ms": row.start_ms,
        "inferences": len(row.durations_ns),
        "live_frames": row.live_frames,
        "sum_ms": sum(row.durations_ns) / NS_PER_MS,
        "frames_per_s": row.frames_per_s if row.durations_ns else None,
        "p50_ms": summary.p50_ms,
        "p95_ms": summary.p95_ms,
        "p99_ms": summary.p99_ms,
        "max_ms": summary.max_ms,
        "quantiles_ms": row.quantiles_ms(),
        "peak_memory_bytes": row.peak_memory_bytes,
        "gpu_memory_mib": row.gpu_memory_mib,
        "agreement": None if row.agreement is None else dataclasses.asdict(row.agreement),
        "says": None if (says := found.says(row)) is None else f"{found.need}: {says}",
    }


def check_report(path: Path) -> None:
    """Refuse a report's file before anything is measured.

    Raises:
        ConfigError: it exists, its folder does not, or its name is not that of a JSON file.
    """
    check_new_file("--report", path, "the report is a JSON file", (".json",))


def write_report(found: Benchmark, path: Path) -> None:
    """Write the report.

    Raises:
        FolderError: the file cannot be written.
    """
    write_new_file(path, json.dumps(document(found), indent=1, allow_nan=False) + "\n")
