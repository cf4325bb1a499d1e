"""Writes docs/schemas/*.json from the structs of the wire: python tools/make_schemas.py."""

import json
from pathlib import Path

from selfee_rt.wire.schemas import documents

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schemas"


def main() -> None:
    """Replace every schema by what the structs say now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, document in documents().items():
        (FOLDER / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
