"""The stages that a status reports."""

HOPS = {
    "acquire": "camera → program",
    "compose": "live frame",
    "embed": "wait + embedding",
    "decide": "label + scores",
    "publish": "publication",
    "total": "capture → publication",
    "record": "decision → log",
    "video": "arrival → video file",
}
"""In the order of the data, and what each latency is between."""
