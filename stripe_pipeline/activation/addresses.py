"""Normalize addresses, so that an opt-out matches the profile it is about."""

from typing import Literal

from stripe_pipeline.contacts import phone_and_email
from stripe_pipeline.contacts.mailboxes import mailbox_of

Channel = Literal["email", "sms", "push"]
LedgerChannel = Literal["email", "sms", "push"]

# Characters stripped from around a number; a leading + belongs to it.
_AROUND = " \t'\"`\u2018\u2019\u201c\u201d<>[]{},;:."


def normalize_address(channel: str, address: str) -> str | None:
    """Return the normalized form of a channel's address; None where it isn't a valid one.

    A push token is only stripped of blanks.
    """
    if channel == "email":
        return mailbox_of(address)
    if channel == "sms":
        return normalize_phone(address)
    return address.strip() or None


def normalize_phone(number: str) -> str | None:
    """Return a phone number in E.164; None unless it is a valid one with its country code."""
    return phone_and_email.normalize_phone(number.strip(_AROUND), None)


def same_address(channel: str, address: str) -> str:
    """Return the form by which addresses are compared, whichever version of this code wrote them.

    What can't be normalized, such as the digest of an erased address, is returned as it is.
    """
    return normalize_address(channel, address) or address
