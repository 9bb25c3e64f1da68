"""How many messages a text message is billed as: its alphabet decides, character by character.

GSM 7 bit (3GPP TS 23.038) holds 160 septets, or 153 a segment where there are several, as each has
a header then. Its extension characters take two septets, which no segment ends between. One
character outside of it makes the whole message UCS-2: 70 UTF-16 units, or 67 a segment; a character
beyond the basic plane takes two units, which aren't torn apart either.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# 3GPP TS 23.038, section 6.2.1, without the escape character.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Section 6.2.1.1: the escape character and another one.
EXTENSION = "\f^{}\\[~]|€"
_SIZES = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True)
class Segments:
    """How a text message is billed: alphabet, units (septets, or UTF-16 units), segments.

    `forcing` are the characters that aren't in GSM 7 bit, each once.
    """

    alphabet: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int
    forcing: str = ""


def segments_of(text: str) -> Segments:
    """Count the segments of a text message; an empty one is one."""
    forcing = "".join(dict.fromkeys(each for each in text if each not in BASIC + EXTENSION))
    if forcing:
        return _counted("UCS-2", [1 if ord(each) < 0x10000 else 2 for each in text], forcing)
    return _counted("GSM-7", [1 if each in BASIC else 2 for each in text], "")


def _counted(alphabet: Literal["GSM-7", "UCS-2"], units: Iterable[int], forcing: str) -> Segments:
    sizes = list(units)
    alone, joined = _SIZES[alphabet]
    total = sum(sizes)
    segments = 1 if total <= alone else _filled(sizes, joined)
    return Segments(alphabet, total, segments, forcing)


def _filled(sizes: Iterable[int], room: int) -> int:
    """Return how many segments characters fill, none of them torn apart."""
    segments, left = 1, room
    for size in sizes:
        if size > left:
            segments, left = segments + 1, room
        left -= size
    return segments
