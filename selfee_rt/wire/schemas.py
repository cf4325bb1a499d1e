"""JSON Schema of every message, as checked in under docs/schemas."""

from typing import Any

import msgspec

from selfee_rt.wire.messages import EmbeddingHeader, PreviewHeader
from selfee_rt.wire.requests import VERBS, Reply, Request
from selfee_rt.wire.topics import TOPICS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def documents() -> dict[str, dict[str, Any]]:
    """JSON Schema by name of the message: what is published, the two headers, request, reply, and each verb's two."""
    published: dict[str, type[msgspec.Struct]] = {
        **TOPICS,
        "embedding_header": EmbeddingHeader,
        "preview_header": PreviewHeader,
    }
    results: dict[str, type[msgspec.Struct]] = {f"{name}_result": verb.result for name, verb in VERBS.items()}
    said = {name: _complete(_schema(struct)) for name, struct in (published | results).items()}
    asked = {f"{name}_arguments": _schema(verb.arguments) for name, verb in VERBS.items()}
    return said | asked | {"request": _schema(Request), "reply": _schema(Reply)}


def _schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {"$schema": DIALECT} | msgspec.json.schema(struct)


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Require every property: what the program says is always said in full, defaults included."""
    for definition in schema["$defs"].values():
        definition["required"] = list(definition["properties"])
    return schema
