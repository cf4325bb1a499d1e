"""Which recording it is, whatever its name."""

import hashlib
import json
from pathlib import Path

from selfee_rt.config import ArenaConfig, StoredBackgroundConfig, SyntheticConfig, VideoFileConfig
from selfee_rt.embed.model import sha256_of
from selfee_rt.types import Preprocessing
from selfee_rt.workbench.dataset.size import Size

WHOLE_UP_TO_BYTES = 1 << 30
"""A file up to this is known by the sha256 of all its bytes; reading hundreds of larger ones again takes too long."""
SAMPLES = 64
SAMPLE_BYTES = 1 << 20


def content_of(config: SyntheticConfig | VideoFileConfig) -> str:
    """What a source shows, in words that change with it.

    A file of up to 1 GiB is known by its sha256; a larger one by its size, the time of its last change and the sha256
    of 64 pieces of 1 MiB spread evenly from its first byte to its last. Something that is no file is known by its
    configuration, and opening it will say what is wrong.
    """
    settings = config.model_dump_json(exclude={"path", "speed"})
    if not isinstance(config, VideoFileConfig) or not config.path.is_file():
        return config.model_dump_json(exclude={"speed"})
    if config.path.stat().st_size <= WHOLE_UP_TO_BYTES:
        return f"sha256 {sha256_of(config.path)} {settings}"
    return f"{sampled(config.path)} {settings}"


def sampled(path: Path) -> str:
    """Size, time of the last change and sha256 of evenly spread pieces of a large file."""
    status = path.stat()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for number in range(SAMPLES):
            file.seek((status.st_size - SAMPLE_BYTES) * number // (SAMPLES - 1))
            digest.update(file.read(SAMPLE_BYTES))
    return f"{status.st_size} bytes of {status.st_mtime_ns} sampled sha256 {digest.hexdigest()}"


def key_of(content: str, arena: ArenaConfig, size_px: Size, preprocessing: Preprocessing) -> str:
    """Key of what is prepared from `content`, hexadecimal; it changes with everything that decides a pixel."""
    pixels = arena.model_dump(mode="json", exclude={"name", "subject"})
    background = arena.background
    if isinstance(background, StoredBackgroundConfig) and background.file.is_file():
        pixels["background"]["file"] = sha256_of(background.file)
    return hashlib.sha256(json.dumps([content, pixels, size_px, preprocessing]).encode()).hexdigest()
