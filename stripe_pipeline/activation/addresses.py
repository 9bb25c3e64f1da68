"""One spelling for each address, so that an opt-out meets the profile it is about."""

from typing import Literal

from stripe_pipeline.contacts import phone_and_email
from stripe_pipeline.contacts.mailboxes import mailbox_of

Channel = Literal["email", "sms"]
LedgerChannel = Literal["email", "sms", "push"]

# What people write around a number; a leading + belongs to it.
_AROUND = " \t'\"`\u2018\u2019\u201c\u201d<>[]{},;:."


def normalize_address(channel: str, address: str) -> str | None:
    """Spell an address of a channel the one way, or None where it is none.

    A push token has no other spelling than its own.
    """
    if channel == "email":
        return mailbox_of(address)
    if channel == "sms":
        return normalize_phone(address)
    return address.strip() or None


def normalize_phone(number: str) -> str | None:
    """Spell a phone number in E.164; None unless it is a valid one with its country code."""
    return phone_and_email.normalize_phone(number.strip(_AROUND), None)


def same_address(channel: str, address: str) -> str:
    """Return what two spellings of one address have in common, of whichever version of this code.

    Entries of older versions, and digests of erased addresses, stand as they were written.
    """
    return normalize_address(channel, address) or address
