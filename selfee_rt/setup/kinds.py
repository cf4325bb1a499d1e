"""What kinds of source and device the configuration knows."""

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from selfee_rt.config import DeviceConfig, Settings, SourceConfig


def kinds(union: Any) -> dict[str, type[Settings]]:
    """Each `kind` of one of the configuration's unions and its class, in the order in which they are declared.

    >>> list(kinds(SourceConfig))
    ['synthetic', 'video_file', 'stream', 'basler', 'recorded']
    """
    members = get_args(get_args(union)[0])
    return {str(member.model_fields["kind"].default): member for member in members}


SOURCES = kinds(SourceConfig)
DEVICES = kinds(DeviceConfig)


def summary(settings: type[Settings]) -> str:
    """First line of what a section says of itself."""
    return (settings.__doc__ or "").strip().splitlines()[0]


def required(settings: type[Settings]) -> tuple[str, ...]:
    """Keys without which a section means nothing, but for its name."""
    return tuple(
        name for name, field in settings.model_fields.items() if field.is_required() and name not in ("kind", "name")
    )


def choices(annotation: Any) -> tuple[str, ...]:
    """The words, or the kinds of section, that a key may have; empty where it may have anything.

    >>> choices(Literal["stop", "continue"] | None)
    ('stop', 'continue')
    """
    if get_origin(annotation) is Literal:
        return tuple(str(each) for each in get_args(annotation))
    if get_origin(annotation) is Annotated:
        return choices(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        parts = [choices(each) for each in get_args(annotation) if each is not type(None)]
        return tuple(word for part in parts for word in part) if all(parts) else ()
    field = getattr(annotation, "model_fields", {}).get("kind")
    return () if field is None else (str(field.default),)
