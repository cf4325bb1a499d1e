"""Aligning a session with another recorder, such as an ephys system, by the pulses of a device's sync output."""

from selfee_rt.workbench.align.alignment import Alignment, Count, Stretch, align
from selfee_rt.workbench.align.document import alignment_document, write_alignment
from selfee_rt.workbench.align.edges import EdgesFormat, Unit, read_edges
from selfee_rt.workbench.align.host_clock import HostClock
from selfee_rt.workbench.align.session import align_session, new_files
from selfee_rt.workbench.align.straight import Spread
from selfee_rt.workbench.align.tables import write_bouts, write_trials

__all__ = [
    "Alignment",
    "Count",
    "EdgesFormat",
    "HostClock",
    "Spread",
    "Stretch",
    "Unit",
    "align",
    "align_session",
    "alignment_document",
    "new_files",
    "read_edges",
    "write_alignment",
    "write_bouts",
    "write_trials",
]
