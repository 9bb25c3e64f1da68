"""One spelling for each address, so that an opt-out meets the profile it is about."""

import re
import unicodedata
from typing import Literal

import phonenumbers

Channel = Literal["email", "sms"]
LedgerChannel = Literal["email", "sms", "push"]

_EMAIL = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")


def normalize_address(channel: str, address: str) -> str | None:
    """Spell an address of a channel the one way, or None where it is none.

    A push token has no other spelling than its own.
    """
    if channel == "email":
        return normalize_email(address)
    if channel == "sms":
        return normalize_phone(address)
    return address.strip() or None


def normalize_email(address: str) -> str | None:
    """Trim and lower-case an email address; None unless it is one.

    One @, a non-empty local part, a dotted domain, no blanks or control characters. The same rule
    stands behind `email` in the customer profiles.
    """
    trimmed = _trim(address)
    if any(_is_blank(character) for character in trimmed) or not _EMAIL.fullmatch(trimmed):
        return None
    return _lower(trimmed)


def normalize_phone(number: str) -> str | None:
    """Spell a phone number in E.164; None unless it is a valid one with its country code."""
    try:
        parsed = phonenumbers.parse(_trim(number))
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_blank(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("Z") or category in ("Cc", "Cf")


def _trim(text: str) -> str:
    kept = [place for place, character in enumerate(text) if not _is_blank(character)]
    return text[kept[0] : kept[-1] + 1] if kept else ""


def _lower(text: str) -> str:
    """Lower-case each character by itself, as the warehouse's lower() does.

    Python's own differs from it in two cases: it looks at the whole word for a final sigma, and
    makes two characters of a dotted capital I.
    """
    return "".join("i" if character == "İ" else character.lower() for character in text)
