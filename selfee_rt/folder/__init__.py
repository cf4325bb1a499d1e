"""The session folder: a public format, and how to read it. Who writes which part is `record`'s business."""

from selfee_rt.folder.reading import SessionFolder, create
from selfee_rt.folder.record import (
    Anchor,
    DetectorRecord,
    FileIdentity,
    ModelRecord,
    SessionRecord,
    installed_versions,
    read_record,
    write_record,
)
from selfee_rt.folder.rows import RECORDING_FAILED, ExposureRow, HopTime, SessionEnd
from selfee_rt.folder.schema import SCHEMA_VERSION

__all__ = [
    "RECORDING_FAILED",
    "SCHEMA_VERSION",
    "Anchor",
    "DetectorRecord",
    "ExposureRow",
    "FileIdentity",
    "HopTime",
    "ModelRecord",
    "SessionEnd",
    "SessionFolder",
    "SessionRecord",
    "create",
    "installed_versions",
    "read_record",
    "write_record",
]
