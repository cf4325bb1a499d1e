"""The stages that a status reports, and the losses that every session has."""

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

EXPECTED_LOSSES = ("background", "edge")
"""What is lost where nothing goes wrong: exposures that make a background picture, or lack a past or a future."""
