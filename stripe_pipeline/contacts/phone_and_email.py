"""Normalize phone numbers to E.164, and validate email addresses.

Stripe's `phone` and `email` are free text. What can't be read with confidence is None.
"""

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from stripe_pipeline.contacts.mailboxes import CACHED_DOMAINS

# Longer local parts, and those with other characters, are left to email-validator.
_SIMPLE_LOCAL_PART = re.compile(r"[a-z0-9]+([._+-][a-z0-9]+)*", re.IGNORECASE)
_LONGEST_LOCAL_PART, _LONGEST_DOMAIN = 64, 180


def normalize_phone(phone: str | None, country: str | None) -> str | None:
    """Return a phone number in E.164 ("+4930123456"), or None if it is no valid number.

    `country` (ISO 3166 alpha-2) says how a number without a country code is meant. An extension is
    left out; 00 stands for + where that country dials otherwise, or is unknown.
    """
    if not phone or not phone.strip():
        return None
    number = _valid_number(phone, (country or "").strip().upper() or None)
    if number is None and (abroad := re.match(r"\W*0\W*0", phone)):
        number = _valid_number("+" + phone[abroad.end() :], None)
    if number is None:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _valid_number(phone: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def is_valid_email(email: str | None) -> bool:
    """Return whether mail can be sent to an address, as far as its form and domain's name tell.

    Makes no network requests, so the mailbox needn't exist. Addresses below `.test` are valid, so
    that a sandbox account behaves like a real one.
    """
    local_part, _, domain = (email or "").rpartition("@")
    if (
        len(local_part) <= _LONGEST_LOCAL_PART
        and len(domain) <= _LONGEST_DOMAIN
        and _SIMPLE_LOCAL_PART.fullmatch(local_part)
    ):
        return _is_valid_domain(domain)
    return _is_accepted(email or "")


@lru_cache(CACHED_DOMAINS)
def _is_valid_domain(domain: str) -> bool:
    """Return email-validator's result for a domain, cached; a simple local part is always valid."""
    return _is_accepted(f"a@{domain}")


def _is_accepted(email: str) -> bool:
    try:
        validate_email(email, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
