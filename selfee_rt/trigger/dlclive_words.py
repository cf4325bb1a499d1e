"""The words of DeepLabCut-Live's serial protocol, from that project's teensy_laser.py and teensy_laser.ino.

`O` and three unsigned 16-bit integers, little-endian: pulse frequency in Hz, pulse width in ms, duration in ms, upon
which the board pulses for that long and answers with the three in decimal, `frequency,width,duration` and a line feed.
`X`: off; no answer.
"""

import struct

from selfee_rt.stimuli import Train

OFF = b"X"

CONSTANT = (1000, 1)
"""Hz and ms: pulses without a pause, the only way to say a single pulse."""

LONGEST_MS = 0xFFFF

Words = tuple[int, int, int]
"""Frequency in Hz, width in ms, duration in ms."""

HANDSHAKE: Words = (CONSTANT[0], 0, 1)
"""Makes no light, and is answered."""


def spoken(train: Train) -> Words | None:
    """The protocol's words for `train`; None where it has none: it knows whole Hz, whole ms, and 65,535 ms at most."""
    length_ms = -(-train.length_us // 1000)
    if train.width_us % 1000 or length_ms > LONGEST_MS:
        return None
    if train.pulses == 1:
        return *CONSTANT, length_ms
    frequency_hz = round(1e6 / train.period_us)
    if abs(frequency_hz * train.period_us - 1_000_000) > frequency_hz:  # beyond the rounding of the period
        return None
    next_pulse_ms = train.pulses * train.period_us // 1000
    return frequency_hz, train.width_us // 1000, min(length_ms, next_pulse_ms)


def unspeakable(train: Train) -> str | None:
    """Why there are no words for `train`; None: there are."""
    if spoken(train) is not None:
        return None
    return (
        f"got pulses of {train.width_us / 1000:g} ms every {train.period_us / 1000:g} ms for "
        f"{train.length_us / 1000:g} ms; expected whole Hz, whole ms and at most {LONGEST_MS} ms, as this protocol "
        "knows no others; change the rule's pulse"
    )


def command(words: Words) -> bytes:
    """The bytes to send."""
    return b"O" + struct.pack("<HHH", *words)


def answer(words: Words) -> bytes:
    """The bytes that the board answers with."""
    return b"%d,%d,%d\n" % words
