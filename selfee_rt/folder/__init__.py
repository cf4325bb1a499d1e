"""The session folder: a public format, and how to read it. Who writes which part is `record`'s business."""

from selfee_rt.folder.blinding import Unblinding, log_unblinding, read_blinding, read_unblindings, write_blinding
from selfee_rt.folder.reading import SessionFolder, create
from selfee_rt.folder.record import (
    Anchor,
    ContinuedRecord,
    DetectorRecord,
    FileIdentity,
    ModelRecord,
    SessionRecord,
    installed_versions,
    read_record,
    write_record,
)
from selfee_rt.folder.record_stimuli import DeviceRecord, RuleRecord, StimulationRecord
from selfee_rt.folder.rows import RECORDING_FAILED, ExposureRow, HopTime, SessionEnd
from selfee_rt.folder.schema import SCHEMA_VERSION
from selfee_rt.folder.stored import StoredEmbeddings

__all__ = [
    "RECORDING_FAILED",
    "SCHEMA_VERSION",
    "Anchor",
    "ContinuedRecord",
    "DetectorRecord",
    "DeviceRecord",
    "ExposureRow",
    "FileIdentity",
    "HopTime",
    "ModelRecord",
    "RuleRecord",
    "SessionEnd",
    "SessionFolder",
    "SessionRecord",
    "StimulationRecord",
    "StoredEmbeddings",
    "Unblinding",
    "create",
    "installed_versions",
    "log_unblinding",
    "read_blinding",
    "read_record",
    "read_unblindings",
    "write_blinding",
    "write_record",
]
