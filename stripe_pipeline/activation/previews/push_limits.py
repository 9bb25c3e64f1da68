"""What is odd about a push message: longer than phones show, or than the services take."""

import json
import re
from collections.abc import Iterator, Mapping

# https://firebase.google.com/docs/cloud-messaging and Apple's APNs take a payload of 4 KB.
PAYLOAD_BYTES = 4096
# What a locked phone shows of it; the exact number depends on the font and the phone.
SHOWN = {"title": 50, "body": 150}
_LINK = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def push_remarks(message: Mapping[str, str]) -> Iterator[str]:
    """Yield the lengths of a push message, and what is wrong with its link."""
    for part, shown in SHOWN.items():
        length = len(message[part])
        cut = f"; phones show about {shown}" if length > shown else ""
        yield f"{part.capitalize()}: {length:,} characters{cut}."
    texts = {part: message.get(part, "") for part in ("title", "body", "link")}
    size = len(json.dumps(texts, ensure_ascii=False).encode())
    more = f"; Apple and Google take no more than {PAYLOAD_BYTES:,}" if size > PAYLOAD_BYTES else ""
    yield f"Size: {size:,} bytes{more}."
    link = texts["link"]
    if link and not _LINK.fullmatch(link):
        yield "The link has no address, such as https://shop.example/new or shop://new."
    yield f"Link: {link}" if link else "There is no link in it; a tap opens the app."
