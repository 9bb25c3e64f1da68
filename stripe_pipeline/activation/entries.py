"""Validate entries of the consent ledger: the same rules for files and single entries."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from stripe_pipeline.activation.addresses import LedgerChannel, normalize_address
from stripe_pipeline.activation.contract import near_miss

Status = Literal["opt_in", "opt_out"]
# A day that has begun in another time zone isn't the future.
_AHEAD = timedelta(days=1)
COLUMNS = ("channel", "address", "status", "source", "occurred_at")

_ADDRESS_RULE = {
    "email": "no email address, or more than one",
    "sms": "no phone number with its country code, such as +12015550123",
    "push": "empty",
}
# As spreadsheets write dates where the order can't be mistaken: 2026/1/31, 31.1.2026 09:30.
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?P<time>.*)")
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?P<time>.*)")
_TIME = re.compile(r"[ T]+(?P<h>\d{1,2}):(?P<min>\d{2})(?P<rest>.*)")
_EITHER_WAY = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}.*")


class EntryError(ValueError):
    """Why an entry can't be recorded; says nothing that identifies a person."""


def entry(row: Mapping[str, str]) -> dict[str, Any]:
    """Validate an entry and return it: channel, address, status, source, occurred_at.

    Raises:
        EntryError: one of them is wrong.
    """
    channel = _one_of("channel", row["channel"], get_args(LedgerChannel))
    address = normalize_address(channel, row["address"])
    if address is None:
        raise EntryError(f"the address is {_ADDRESS_RULE[channel]}.")
    if not row["source"].strip():
        raise EntryError("the source is empty; say where the consent came from.")
    return {
        "channel": channel,
        "address": address,
        "status": _one_of("status", row["status"], get_args(Status)),
        "source": row["source"].strip(),
        "occurred_at": _past(instant(row["occurred_at"])),
    }


def _past(occurred_at: datetime) -> datetime:
    if occurred_at > datetime.now(UTC) + _AHEAD:
        raise EntryError("occurred_at lies in the future; correct the date.")
    return occurred_at


def instant(value: str) -> datetime:
    """Read ISO 8601, or a date as a spreadsheet writes it; without an offset it is UTC.

    Raises:
        EntryError: it is neither, or could be two days.
    """
    try:
        found = datetime.fromisoformat(_iso(value.strip()))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise EntryError(_instant_sentence(value.strip())) from None


def _iso(text: str) -> str:
    date = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if not date:
        return text
    day = f"{date['y']}-{int(date['m']):02}-{int(date['d']):02}"
    time = _TIME.fullmatch(date["time"])
    return f"{day}T{int(time['h']):02}:{time['min']}{time['rest']}" if time else day + date["time"]


def _instant_sentence(text: str) -> str:
    wanted = "write it as 2026-01-31T09:30:00Z, or as a date such as 2026-01-31."
    if _EITHER_WAY.fullmatch(text):
        return f"occurred_at could be two days, as the day or the month may come first; {wanted}"
    return f"occurred_at is no instant; {wanted}"


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    cleaned = value.strip().lower()
    if cleaned not in known:
        hint = near_miss(cleaned, known)
        raise EntryError(f"the {name} is {' or '.join(known)}, and this is something else{hint}")
    return cleaned
