"""Erase persons from the logs of consent, suppressions and messages, which only grow."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from stripe_pipeline.contacts.mailboxes import mailbox_of
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, LEDGERS
from stripe_pipeline.lake.erase import Change, rewrite
from stripe_pipeline.lake.erasures import (
    Erasures,
    without_erased,
)
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.privacy.personal import Addresses


def erase_from_ledgers(lake: Lake, addresses: Addresses, erasures: Erasures) -> dict[str, int]:
    """Erase addresses from the logs; returns the number of files rewritten by table."""
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        _keep_opt_outs(lake, addresses, erasures)
        return {
            table: rewrite(lake, table, _log_change(table, addresses, erasures))
            for table in LEDGERS
        }


def _keep_opt_outs(lake: Lake, addresses: Addresses, erasures: Erasures) -> None:
    """Record opt-outs at a Checkout by digest, before its session loses the address."""
    rows = [
        {
            "channel": "email",
            "address": erasures.digest(address),
            "status": "opt_out",
            "source": "stripe checkout",
            "occurred_at": datetime.fromtimestamp(at, UTC),
            "recorded_at": datetime.now(UTC),
        }
        for address, at in addresses.opted_out.items()
        if address in addresses.all
    ]
    if rows:
        lake.append("consent_entries", entries("consent_entries", rows), cursor={})


def messages_change(erasures: Erasures) -> Change:
    """Return the change of outbox entries: replace erased customers' address hashes by digests."""

    def change(rows: pa.Table) -> pa.Table | None:
        kept = without_erased(rows, erasures)
        return None if kept is rows else kept

    return change


def _log_change(table: str, addresses: Addresses, erasures: Erasures) -> Change:
    """Return the change of a ledger: drop opt-ins, and replace addresses in others by digests."""
    note = "source" if table == "consent_entries" else "reason"

    def kept(row: dict[str, Any]) -> dict[str, Any] | None:
        if row.get("status") == "opt_in":
            return None
        return row | {"address": erasures.digest(_spelled(row)), note: "erased"}

    def is_concerned(row: dict[str, Any]) -> bool:
        is_token = row["channel"] == "push" and row["address"] in addresses.tokens
        return is_token or _spelled(row) in addresses.all

    return _replacing(is_concerned, kept)


def _spelled(row: dict[str, Any]) -> str:
    """Return the normalised address of an entry; a push token may be an email address."""
    address: str = row["address"]
    return (mailbox_of(address) if "@" in address else None) or address


def _replacing(
    is_concerned: Callable[[dict[str, Any]], bool],
    kept: Callable[[dict[str, Any]], dict[str, Any] | None],
) -> Change:
    def change(rows: pa.Table) -> pa.Table | None:
        read = rows.to_pylist()
        if not any(map(is_concerned, read)):
            return None
        made = [kept(row) if is_concerned(row) else row for row in read]
        return pa.Table.from_pylist([row for row in made if row is not None], schema=rows.schema)

    return change
