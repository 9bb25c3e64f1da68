"""Inspect an email: its size, its links, images without a text, the way to unsubscribe."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

# Gmail shows no more of a message than this: https://support.google.com/mail/answer/6557.
CLIPPED_BYTES = 102_000
_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
# Words of a link to unsubscribe, in the languages that emails are often in.
_UNSUBSCRIBE = re.compile(
    r"unsubscri|opt[ -_]?out|list-?manage|abmeld|abbestell|austragen|desabonn|desinscri|désabonn"
    r"|désinscri|cancelar.{0,20}suscri|darse de baja|disiscri|annulla|afmeld|uitschrij|avregist"
    r"|afregist|avprenumer|wypisz|rezygn|descadastr|cancelar.{0,20}inscri|отпис|配信停止|退订|取消订阅",
    re.IGNORECASE,
)


@dataclass
class Inspection:
    """What was seen in an email.

    `size` is in bytes of UTF-8, body and text together. `without_alt` are the addresses of images
    that have no `alt` at all; an empty one says that an image is decoration.
    """

    size: int
    links: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)
    unsubscribe: str | None = None

    @property
    def is_clipped(self) -> bool:
        """Whether a mail program is known to cut the message off."""
        return self.size > CLIPPED_BYTES


def inspect_email(body: str, text: str, *, is_html: bool) -> Inspection:
    """Inspect the body of an email, and its form as plain text."""
    found = Inspection(len(body.encode()) + len(text.encode()))
    links = _links_of_html(body, found) if is_html else _links_of_text(body)
    links += _links_of_text(text)
    found.links = list(dict.fromkeys(address for address, _ in links))
    ways = (address for address, words in links if _UNSUBSCRIBE.search(f"{address} {words}"))
    found.unsubscribe = next(ways, None)
    return found


def _links_of_text(text: str) -> list[tuple[str, str]]:
    """Return the addresses in a text, each with its line."""
    return [
        (match[0].rstrip(".,;:!?"), line)
        for line in text.splitlines()
        for match in _ADDRESS.finditer(line)
    ]


def _links_of_html(body: str, found: Inspection) -> list[tuple[str, str]]:
    reader = _Reader(found)
    reader.feed(body)
    reader.close()
    return reader.links


class _Reader(HTMLParser):
    """Collects links with their words, and images without `alt`."""

    def __init__(self, found: Inspection) -> None:
        super().__init__()
        self._found = found
        self._is_open = False
        self.links: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a link's address, or an image that has no text."""
        attributes = dict(attrs)
        if tag in ("a", "area") and (address := (attributes.get("href") or "").strip()):
            self.links.append((address, attributes.get("title") or ""))
            self._is_open = tag == "a"
        if tag == "img" and "alt" not in attributes:
            self._found.without_alt.append(attributes.get("src") or "without an address")

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of a link's words."""
        if tag == "a":
            self._is_open = False

    def handle_data(self, data: str) -> None:
        """Add to the words of the open link."""
        if self._is_open:
            address, words = self.links.pop()
            self.links.append((address, words + data))
