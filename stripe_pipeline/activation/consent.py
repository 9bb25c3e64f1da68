"""Record opt-ins and opt-outs: single ones, or a CSV file of them.

No one is opted in because Stripe has an address. An opt-out always wins over later opt-ins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stripe_pipeline.activation.consent_file import read_consent_file
from stripe_pipeline.activation.entries import COLUMNS, EntryError, entry
from stripe_pipeline.activation.known import Address, Known, known_of
from stripe_pipeline.errors import UsageError
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS
from stripe_pipeline.lake.tables import append_new, entries
from stripe_pipeline.settings import Settings


@dataclass(frozen=True)
class ConsentReport:
    """The result of recording consents: how many rows were read, and how many were new.

    `unknown` counts addresses of no published customer or guest, None where nothing is published;
    `owners` counts the customers and guest payments that have one. `outweighed` opt-ins have no
    effect, as their address has opted out; neither have `repeated` opt-outs.
    """

    read: int
    recorded: int
    unknown: int | None = field(default=None, compare=False)
    owners: int = field(default=0, compare=False)
    outweighed: int = field(default=0, compare=False)
    repeated: int = field(default=0, compare=False)


def import_consents(settings: Settings, path: Path) -> ConsentReport:
    """Record the rows of a CSV file: channel, address, status, source, occurred_at.

    Records all rows or, if one is wrong, none. Idempotent: a row recorded before is skipped.

    Raises:
        UsageError: the file can't be read, or rows are wrong; the lines are named.
        PipelineError: the home folder can't be written, or another process holds the ledgers.
    """
    now = datetime.now(UTC)
    return _record(settings, [{**row, "recorded_at": now} for row in read_consent_file(path)])


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
        PipelineError: the home folder can't be written, or another process holds the ledgers.
    """
    now = datetime.now(UTC)
    values = (channel, address, status, source, (occurred_at or now).isoformat())
    try:
        row = entry(dict(zip(COLUMNS, values, strict=True)))
    except EntryError as error:
        raise UsageError(f"This consent can't be recorded: {error}") from None
    return _record(settings, [{**row, "recorded_at": now}])


def _record(settings: Settings, rows: Sequence[dict[str, Any]]) -> ConsentReport:
    lake = Lake(settings.lake)
    known = known_of(settings, set(map(_address, rows)))
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        recorded = append_new(lake, "consent_entries", entries("consent_entries", rows), COLUMNS)
    return _report(rows, recorded, known)


def _report(rows: Sequence[dict[str, Any]], recorded: int, known: Known) -> ConsentReport:
    # In a file the opt-outs of its other rows count as well.
    out = {_address(row) for row in rows if row["status"] == "opt_out"}
    opt_ins = [_address(row) for row in rows if row["status"] == "opt_in"]
    return ConsentReport(
        read=len(rows),
        recorded=recorded,
        unknown=known.unknown(set(map(_address, rows))),
        owners=known.owners.total() if known.owners else 0,
        outweighed=sum(address in known.opted_out | out for address in opt_ins),
        repeated=len(out & known.opted_out),
    )


def _address(row: dict[str, Any]) -> Address:
    return row["channel"], row["address"]
