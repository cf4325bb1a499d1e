"""An alignment as a JSON document, with all that is needed to use it elsewhere."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from selfee_rt.errors import AlignmentError
from selfee_rt.folder import SessionRecord
from selfee_rt.workbench.align.alignment import Alignment, Stretch
from selfee_rt.workbench.align.edges import EdgesFormat

SCHEMA = "selfee_rt.alignment.1"


def write_alignment(path: Path, found: Alignment, record: SessionRecord, edges: Path, how: EdgesFormat) -> None:
    """Write it to a new file.

    Raises:
        AlignmentError: the file exists or cannot be written, or the edges cannot be read again.
    """
    try:
        source = {"file": str(edges.resolve()), "sha256": hashlib.sha256(edges.read_bytes()).hexdigest()}
        document = alignment_document(found, record) | {"edges": source | asdict(how)}
        with path.open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    except OSError as error:
        raise AlignmentError(f"cannot write {path}: {error.strerror}; choose another place") from error


def alignment_document(found: Alignment, record: SessionRecord) -> dict[str, Any]:
    """Everything that is known, in plain values. docs/aligning.md explains each."""
    return {
        "schema": SCHEMA,
        "session_id": record.session_id,
        "device": found.device,
        "device_edges": asdict(found.device_edges),
        "other_edges": asdict(found.other_edges),
        "host_clock": _host_clock(found),
        "started_host_ns": record.started.host_ns,
        "stretches": [_stretch(each, record.started.host_ns) for each in found.stretches],
    }


def _host_clock(found: Alignment) -> dict[str, Any] | None:
    clock = found.clock
    if clock is None:
        return None
    return {
        "drift_ppm": clock.drift_ppm,
        "residual_us": clock.residual_us,
        "bound_us": clock.bound_us,
        "rejected": clock.rejected,
        "jumps": [asdict(jump) for jump in clock.jumps],
        "host_ns": [round(each) for each in clock.host_ns.tolist()],
        "device_us": clock.device_us.tolist(),
    }


def _stretch(stretch: Stretch, started_ns: int) -> dict[str, Any]:
    host = stretch.host
    return {
        "jump_s": stretch.jump_s,
        "drift_ppm": stretch.drift_ppm,
        "device_to_other": {"s_at_0_us": stretch.line.y_at_0, "s_per_us": stretch.line.rate},
        "host_to_other": None
        if host is None
        else {"s_at_start": host.y_at_0 + host.rate * started_ns, "s_per_s": host.rate * 1e9},
        "residual_us": asdict(stretch.residual),
        "between_edges_us": None if stretch.between is None else asdict(stretch.between),
        "number": stretch.number.tolist(),
        "device_us": stretch.device_us.tolist(),
        "other_s": stretch.other_s.tolist(),
    }
