"""Normalize email addresses: for display in a profile, and to one spelling of a mailbox.

The warehouse and the ledgers of consent call these functions, so that both follow one rule.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

import idna

# Addresses share few domains: enough for what a batch holds.
CACHED_DOMAINS = 65_536
_ADDRESS = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
# What `mailbox_of` returns as it is. A pattern that DuckDB understands too (see eligibility.py).
PLAIN = r"[a-z0-9]([a-z0-9._+-]*[a-z0-9])?@[a-z0-9-]+(\.[a-z0-9-]+)+"
_PLAIN = re.compile(PLAIN)
# Full-width forms of ASCII, as East Asian keyboards write them; and the small @.
_ASCII_FORMS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: ord("@")}
# The full stops that IDNA takes for a dot, beside the full-width one.
_ASCII_FORMS |= dict.fromkeys((0x3002, 0xFF61), ord("."))
_MAILTO = re.compile(r"mailto\s*:\s*", re.IGNORECASE)
# `Ann <ann@shop.example>`, and the older `ann@shop.example (Ann)`.
_IN_ANGLES = re.compile(r"[^<>]*<([^<>]*)>[^<>@]*")
_COMMENT = re.compile(r"(\s*\([^()@]*\))+$")
_QUOTES = "'\"`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
# Excel's `="ann@shop.example"`, which keeps a text a text.
_AS_TEXT = re.compile(rf"\s*=\s*(?=[{re.escape(_QUOTES)}])")
# An address has these in quotes only: what is left of a note, such as `mail:ann@shop.example`.
_NOT_IN_ADDRESS = re.compile(r"[\"()<>\[\]:;,\\]")
_BEFORE = _QUOTES + "<([{,;:"
_AFTER = _QUOTES + ">)]},;:.!?"


def normalize_email(text: str | None) -> str | None:
    """Trim and lower-case an email address; None unless it is one.

    One @, a non-empty local part, a dotted domain, no blanks or control characters (Unicode Z, Cc,
    Cf) inside. International domains stay in Unicode. This is `email` in the customer profiles.
    """
    trimmed = _trim(text or "")
    if not _ADDRESS.fullmatch(trimmed) or any(map(_is_blank, trimmed)):
        return None
    return _lower(trimmed)


def mailbox_of(text: str | None) -> str | None:
    """Return the normalized address of the mailbox that a text names; None where it names none.

    Strips what people write around an address: a display name, `mailto:`, quotes, brackets and
    punctuation, Excel's `=`. The local part is in NFC and lower case, the domain in its ASCII form
    (UTS 46), so that two spellings of one mailbox compare as equal. None for more than one address,
    and where something else is left around it.
    """
    if text is None or is_plain(text):
        return text
    address = normalize_email(_bare(unicodedata.normalize("NFC", text.translate(_ASCII_FORMS))))
    if address is None:
        return None
    local, _, domain = address.rpartition("@")
    # A dotted capital I may have been two characters.
    local = unicodedata.normalize("NFC", local.replace("i\u0307", "i")).strip(_QUOTES)
    found = f"{local}@{_ascii(domain)}"
    if _NOT_IN_ADDRESS.search(found):
        return None
    return found if _ADDRESS.fullmatch(found) else None


def is_plain(text: str) -> bool:
    """Return whether an address is normalized already; most are."""
    return _PLAIN.fullmatch(text) is not None


def _bare(text: str) -> str:
    """Strip what stands around an address, layer by layer."""
    while (inner := _peeled(text)) != text:
        text = inner
    return text


def _peeled(text: str) -> str:
    text = _AS_TEXT.sub("", _trim(text), count=1)
    if in_angles := _IN_ANGLES.fullmatch(text):
        return in_angles[1]
    if link := _MAILTO.match(text):
        return unquote(text[link.end() :].partition("?")[0])
    text = _COMMENT.sub("", text)
    return text.lstrip(_BEFORE).rstrip(_AFTER)


@lru_cache(CACHED_DOMAINS)
def _ascii(domain: str) -> str:
    """Return a domain's ASCII form; one that has none is returned unchanged."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return unicodedata.normalize("NFC", domain)


def _is_blank(character: str) -> bool:
    if "!" <= character <= "~":
        return False
    category = unicodedata.category(character)
    return category[0] == "Z" or category in ("Cc", "Cf")


def _trim(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _lower(text: str) -> str:
    """Lower-case each character by itself.

    Python's `str.lower` looks at the whole word for a final sigma, and turns a dotted capital I
    into two characters.
    """
    if text.isascii():
        return text.lower()
    return "".join("i" if character == "\u0130" else character.lower() for character in text)
