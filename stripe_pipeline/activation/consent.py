"""Opt-ins and opt-outs that people record: single ones, or a CSV file of them.

Nobody is opted in because Stripe has an address. An opt-out always wins, whatever comes later.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from stripe_pipeline.activation.addresses import LedgerChannel, normalize_address
from stripe_pipeline.activation.contract import near_miss
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.tables import append_new, entries
from stripe_pipeline.settings import Settings

Status = Literal["opt_in", "opt_out"]
COLUMNS = ("channel", "address", "status", "source", "occurred_at")
# Short enough for somebody who waits at the terminal.
LAKE_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class ConsentReport:
    """How many rows were read, and how many of them were new."""

    read: int
    recorded: int


class EntryError(ValueError):
    """Why an entry can't be recorded; says nothing that identifies a person."""


def import_consents(settings: Settings, path: Path) -> ConsentReport:
    """Record the rows of a CSV file: channel, address, status, source, occurred_at.

    All rows or, if one is wrong, none. A row that is recorded already changes nothing.

    Raises:
        UsageError: the file can't be read, or a row is wrong; the line is named.
        PipelineError: the home folder can't be written, or is being written by another process.
    """
    now = datetime.now(UTC)
    return _record(settings, [{**row, "recorded_at": now} for row in _read(path)])


def record_consent(
    settings: Settings,
    channel: str,
    address: str,
    status: str,
    source: str,
    occurred_at: datetime | None = None,
) -> ConsentReport:
    """Record one opt-in or opt-out; `occurred_at` is now unless given.

    Raises:
        UsageError: the channel, address, status or source is wrong.
        PipelineError: the home folder can't be written, or is being written by another process.
    """
    now = datetime.now(UTC)
    values = (channel, address, status, source, (occurred_at or now).isoformat())
    try:
        row = _entry(dict(zip(COLUMNS, values, strict=True)))
    except EntryError as error:
        raise UsageError(f"This consent can't be recorded: {error}") from None
    return _record(settings, [{**row, "recorded_at": now}])


def _record(settings: Settings, rows: list[dict[str, Any]]) -> ConsentReport:
    lake = Lake(settings.lake)
    with lake.writing(LAKE_PATIENCE_SECONDS):
        recorded = append_new(lake, "consent_entries", entries("consent_entries", rows), COLUMNS)
    return ConsentReport(len(rows), recorded)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or [])
            for row in reader:
                yield _entry_of_line(path, reader.line_num, row)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise UsageError(
            f"The consent file {path} can't be read ({reason}); name a CSV file in UTF-8."
        ) from None
    except csv.Error as error:
        raise UsageError(
            f"Consent file {path}, line {reader.reader.line_num}: this isn't CSV ({error}). "
            "Nothing was recorded; correct the file and import it again."
        ) from None


def _check_columns(path: Path, found: Any) -> None:
    wanted = f"the first line has to be {','.join(COLUMNS)}"
    for column in found:
        if column not in COLUMNS:
            hint = near_miss(str(column), COLUMNS)
            raise UsageError(
                f"Consent file {path}, line 1: there is no column {column}{hint} "
                f"Of a consent file {wanted}."
            )
    if sorted(found) != sorted(COLUMNS):
        raise UsageError(f"Consent file {path}, line 1: {wanted}.")


def _entry_of_line(path: Path, line: int, row: Mapping[Any, Any]) -> dict[str, Any]:
    try:
        if None in row or None in row.values():
            raise EntryError(f"the row has to have {len(COLUMNS)} values.")
        return _entry(row)
    except EntryError as error:
        raise UsageError(
            f"Consent file {path}, line {line}: {error} Nothing was recorded; correct the row and "
            "import the file again."
        ) from None


def _entry(row: Mapping[str, str]) -> dict[str, Any]:
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
        "occurred_at": _instant(row["occurred_at"]),
    }


_ADDRESS_RULE = {
    "email": "no email address",
    "sms": "no phone number with its country code, such as +12015550123",
    "push": "empty",
}


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    cleaned = value.strip().lower()
    if cleaned not in known:
        hint = near_miss(cleaned, known)
        raise EntryError(f"the {name} is {' or '.join(known)}, and this is something else{hint}")
    return cleaned


def _instant(value: str) -> datetime:
    """Read ISO 8601; without an offset it is UTC."""
    try:
        instant = datetime.fromisoformat(value.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise EntryError("occurred_at is no instant; write it as 2026-01-31T09:30:00Z.") from None
