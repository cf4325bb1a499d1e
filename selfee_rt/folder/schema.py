"""Names, tables and columns of a session folder: a public format, readable with any SQLite and any video player.

All `*_ns` stamps are nanoseconds. `media_ns` is the stream's own time; every other stamp is the host clock, which
`session.json` anchors to the wall clock. All ranges are inclusive at both ends. NULL means: not known.
"""

SCHEMA_VERSION = 1
"""Also `PRAGMA user_version` of both databases and `schema` in session.json."""

SESSION_FILE = "session.json"
LOG_FILE = "log.sqlite"
EMBEDDINGS_FILE = "embeddings.sqlite"
BLINDING_FILE = "blinding.json"
"""Of a blinded session: the seeds of its rules."""
UNBLINDED_FILE = "unblinded.jsonl"
"""Who learned which trials were sham."""
BACKGROUND_FILE = "background_{arena}.png"
"""The picture that was subtracted in an arena, where the model's preparation subtracts one."""
BALLAST_FILE = "ballast"
"""Space kept free for the end of the log; removed when the session ends."""
TOKEN_FILE = "control_token"  # noqa: S105 - a file name
"""The secret that a control request must carry; there while the session runs, and after it."""
SEGMENT_PATTERN = "video_*.mkv"

LOG_TABLES: dict[str, tuple[str, ...]] = {
    "exposures": (
        "frame_index INTEGER NOT NULL",  # exposures since 0, dropped ones counted; only those that arrived have a row
        "media_ns INTEGER NOT NULL",
        "captured_ns INTEGER NOT NULL",
        "received_ns INTEGER NOT NULL",
        "segment TEXT",  # file name of the video segment; NULL: this exposure was not recorded as video
        "position INTEGER",  # frames before it in the segment
        "inferred INTEGER NOT NULL",  # 1: a jump of frame_index before it was concluded from timestamps
    ),
    "observations": (
        "arena TEXT NOT NULL",
        "frame_index INTEGER NOT NULL",  # the current exposure of the live frame
        "label_index INTEGER NOT NULL",  # the exposure that the label describes
        "label TEXT",
        "probabilities TEXT",  # JSON list, one per label of session.json, in its order
        "anomaly_score REAL",  # of the session's first detector
        "scores TEXT NOT NULL",  # JSON object: every detector's score or null
        "alarm INTEGER",
        "stimulus TEXT NOT NULL",
        "revision INTEGER NOT NULL",
        "media_ns INTEGER NOT NULL",
        "captured_ns INTEGER NOT NULL",
        "received_ns INTEGER NOT NULL",
        "newest_index INTEGER NOT NULL",  # the future exposure of the live frame
        "newest_media_ns INTEGER NOT NULL",
        "newest_captured_ns INTEGER NOT NULL",
        "newest_received_ns INTEGER NOT NULL",
        "composed_ns INTEGER NOT NULL",
        "embedded_ns INTEGER NOT NULL",
        "observed_ns INTEGER NOT NULL",
        "decided_ns INTEGER NOT NULL",
    ),
    "revisions": (  # with fixed-lag smoothing: exposures judged again
        "arena TEXT NOT NULL",
        "label_index INTEGER NOT NULL",  # the exposure that is judged
        "media_ns INTEGER NOT NULL",
        "label TEXT",
        "probabilities TEXT",  # as in observations
        "newest_index INTEGER NOT NULL",  # the newest exposure that was needed
        "revision INTEGER NOT NULL",
    ),
    "losses": (
        "arena TEXT NOT NULL",
        "hop TEXT NOT NULL",  # source, background, edge, gap, channel:<name> or fault
        "first_index INTEGER NOT NULL",
        "last_index INTEGER NOT NULL",
    ),
    "bouts": (
        "arena TEXT NOT NULL",
        "label TEXT NOT NULL",
        "start_index INTEGER NOT NULL",
        "stop_index INTEGER NOT NULL",
        "start_media_ns INTEGER NOT NULL",
        "stop_media_ns INTEGER NOT NULL",
        "source TEXT NOT NULL",  # predicted, user or template
    ),
    "actions": (
        "at_ns INTEGER NOT NULL",
        "frame_index INTEGER NOT NULL",  # the exposure from which it holds
        "action TEXT NOT NULL",
        "arguments TEXT NOT NULL",  # JSON object
        "result TEXT NOT NULL",
    ),
    "triggers": (  # every decision of a rule, also not to fire
        "trigger_id INTEGER NOT NULL",  # counts from 1
        "rule TEXT NOT NULL",
        "arena TEXT NOT NULL",
        "device TEXT NOT NULL",
        "frame_index INTEGER NOT NULL",  # the exposure whose observation was decisive
        "newest_index INTEGER NOT NULL",  # the newest exposure that was needed
        "media_ns INTEGER NOT NULL",  # of that newest exposure
        "newest_captured_ns INTEGER NOT NULL",
        "decided_ns INTEGER NOT NULL",
        "verdict TEXT NOT NULL",  # fired, sham, blinded (these are trials), limited, refractory, late or disarmed
        "why TEXT NOT NULL",  # why not; empty for a trial
        "origin TEXT NOT NULL",  # when, schedule, yoked or test
        "trial INTEGER",  # counts the rule's trials from 1; NULL: not a trial
        "evidence TEXT NOT NULL",  # JSON object: what the rule looked at
    ),
    "deliveries": (  # what became of each trial at its device
        "trigger_id INTEGER NOT NULL",
        "device TEXT NOT NULL",
        "outcome TEXT NOT NULL",  # acknowledged, sent, late, refused, failed or disarmed
        "why TEXT NOT NULL",
        "at_ns INTEGER NOT NULL",
        "sent_ns INTEGER",  # NULL: the command never left
        "acknowledged_ns INTEGER",  # NULL: no confirmation came
        "device_us INTEGER",  # the device's own clock when the first pulse began, or would have
    ),
    "device_clock": (
        "device TEXT NOT NULL",
        "sent_ns INTEGER NOT NULL",  # the device read its clock between sent_ns and received_ns
        "received_ns INTEGER NOT NULL",
        "device_us INTEGER NOT NULL",
    ),
    "sync_edges": (  # rising edges of the device's sync output
        "device TEXT NOT NULL",
        "number INTEGER NOT NULL",  # counts from 0 since the device was reset
        "device_us INTEGER NOT NULL",
    ),
    "hop_times": (
        "frame_index INTEGER NOT NULL",
        "hop TEXT NOT NULL",
        "at_ns INTEGER NOT NULL",
    ),
    "status": (
        "at_ns INTEGER NOT NULL",
        "name TEXT NOT NULL",
        "n_in INTEGER NOT NULL",
        "n_out INTEGER NOT NULL",
        "n_lost INTEGER NOT NULL",
        "p50_ms REAL",
        "p95_ms REAL",
        "p99_ms REAL",
        "max_ms REAL",
        "error TEXT",
    ),
    "session_end": (  # one row, written with the last transaction; none: the session was killed
        "how TEXT NOT NULL",
        "why TEXT NOT NULL",
        "last_index INTEGER NOT NULL",  # -1: there was no exposure
        "at_ns INTEGER NOT NULL",
    ),
}

LATER_TABLES = frozenset({"triggers", "deliveries", "device_clock", "sync_edges"})
"""Tables of the log that folders of earlier versions lack; there they read as empty."""

EMBEDDING_TABLES: dict[str, tuple[str, ...]] = {
    "store": (  # one row
        "model_id TEXT NOT NULL",  # sha256 of the model file
        "every INTEGER NOT NULL",  # embeddings of exposures whose index is a multiple of it are kept
        "dtype TEXT NOT NULL",  # numpy's name of a vector's elements
    ),
    "embeddings": (
        "arena TEXT NOT NULL",
        "frame_index INTEGER NOT NULL",
        "vector BLOB NOT NULL",
    ),
}

EMBEDDING_DTYPE = "<f2"
"""Little-endian float16."""


def create_sql(tables: dict[str, tuple[str, ...]]) -> str:
    """Return the script that makes `tables` and stamps the version."""
    made = [f"CREATE TABLE {name} ({', '.join(columns)});" for name, columns in tables.items()]
    return "\n".join([*made, f"PRAGMA user_version = {SCHEMA_VERSION};"])


def insert_sql(tables: dict[str, tuple[str, ...]], name: str) -> str:
    """Return the statement that inserts one row into table `name`, columns in their order."""
    return f"INSERT INTO {name} VALUES ({', '.join('?' * len(tables[name]))})"  # noqa: S608 (names are ours)


def column_names(columns: tuple[str, ...]) -> str:
    """Return the columns' names, for a SELECT.

    >>> column_names(LOG_TABLES["losses"])
    'arena, hop, first_index, last_index'
    """
    return ", ".join(column.split()[0] for column in columns)


def segment_name(number: int) -> str:
    """File name of a video segment, counted from 0.

    >>> segment_name(0)
    'video_000.mkv'
    """
    return f"video_{number:03d}.mkv"


def segment_number(name: str) -> int:
    """Inverse of `segment_name`.

    >>> segment_number("video_1000.mkv")
    1000
    """
    return int(name.removeprefix("video_").removesuffix(".mkv"))
