"""Erase customers' personal data from the lake: deleted ones at each sync, others on request.

An erasure is recorded as pending first and as finished last; after a crash in between, the next
sync or command resumes it. The addresses are read from the customers, so their table is last.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.contacts.mailboxes import mailbox_of
from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, LEDGERS
from stripe_pipeline.lake.checked import Checked
from stripe_pipeline.lake.erase import Change, Select, empty_torn, rewrite, rows_of
from stripe_pipeline.lake.erasures import (
    DELETED,
    Erasures,
    load_erasures,
    record,
    without_erased,
)
from stripe_pipeline.lake.referenced import names_known
from stripe_pipeline.lake.tables import entries
from stripe_pipeline.privacy.forgotten import CUSTOMERS, LOOSE, PAYMENTS, Forgotten
from stripe_pipeline.privacy.kept_fields import SHAPES, cleaned
from stripe_pipeline.privacy.personal import Addresses, addresses_of, payments_of
from stripe_pipeline.privacy.quarantine import is_in_quarantine, quarantine_change
from stripe_pipeline.stripe_client.catalog import BY_NAME, RESOURCES
from stripe_pipeline.stripe_client.lists.pages import tombstone
from stripe_pipeline.values.objects import ObjectRow

# Customers last, as the other tables are searched for their addresses.
_ORDER = (*(each for each in SHAPES if each != CUSTOMERS), CUSTOMERS)
# Lists the batches of customers whose deletions are already in the log of erasures.
_LOOKED_AT = ".erased.json"


@dataclass
class Erased:
    """The result of an erasure: the customers, and the number of files rewritten by table."""

    customers: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)


def finish_pending(lake: Lake) -> Erased:
    """Resume the pending erasures of a crashed process. The caller holds the lake's lock."""
    pending = load_erasures(lake).pending
    return _erase(lake, pending) if pending else Erased()


def erase_deleted(lake: Lake, met: Forgotten) -> Erased:
    """Erase the customers deleted in Stripe since the last time, and the payments `met` found.

    The caller holds the lake's lock.

    Raises:
        TornBatchError: a batch is damaged.
        PipelineError: the lake can't be written.
    """
    erasures, looked_at = load_erasures(lake), Checked(lake.root, _LOOKED_AT)
    paths = looked_at.unknown(batch.path for batch in lake.batches(CUSTOMERS))
    deleted = _deleted(lake, paths) - erasures.reasons.keys()
    found = {each: objects for each, objects in met.found.items() if objects}
    reasons = dict.fromkeys(deleted, DELETED) | {each: erasures.reasons[each] for each in found}
    record(lake, reasons, reasons, is_finished=False, objects=found)
    done = _erase(lake, reasons.keys()) if reasons else Erased()
    looked_at.add(batch.path for batch in lake.batches(CUSTOMERS))
    looked_at.save()
    return done


def erase(lake: Lake, customer_id: str, reason: str) -> Erased:
    """Record an erasure as pending, and carry it out. The caller holds the lake's lock."""
    record(lake, [customer_id], {customer_id: reason}, is_finished=False)
    return _erase(lake, load_erasures(lake).pending)


def whose(lake: Lake, identifier: str) -> str | None:
    """Return the customer that an id stands for: itself, or the customer of the object of that id.

    A guest's payment stands for the guest, and so for itself. None where the lake has no such id.
    """
    names: set[str | None] = set()
    is_guests = False
    for resource in RESOURCES:
        for part in lake.read(resource.name, ["id", "customer_id"]):
            if pc.any(pc.equal(part["customer_id"], identifier)).as_py():
                return identifier
            found = part.filter(pc.equal(part["id"], identifier))["customer_id"].to_pylist()
            names.update(found)
            is_guests |= bool(found) and resource.name in PAYMENTS
    named = {each for each in names if each}
    if named:
        return min(named)
    return identifier if is_guests or is_in_quarantine(lake, identifier) else None


def _deleted(lake: Lake, paths: Collection[Any]) -> set[str]:
    """Return the customers whose last row in these batches is Stripe's stub of a deleted customer.

    Stripe's stub has no livemode. A tombstone of the lake's own, for an id that Stripe doesn't
    know, has one: an id by mistake is no reason to erase anything.
    """
    wanted, newest = set(paths), dict[str, bool]()
    for batch in lake.batches(CUSTOMERS):
        if batch.path in wanted:
            with batch.open() as file:
                rows = file.read(["id", "is_deleted", "livemode"])
            said = pc.and_(rows["is_deleted"], pc.is_null(rows["livemode"]))
            newest |= dict(zip(rows["id"].to_pylist(), said.to_pylist(), strict=True))
    return {each for each, is_deleted in newest.items() if is_deleted}


def _erase(lake: Lake, customers: Collection[str]) -> Erased:
    before = load_erasures(lake)
    addresses = addresses_of(lake, customers)
    payments = payments_of(lake, customers, addresses.own)
    record(lake, customers, before.reasons, is_finished=False, objects=payments)
    erasures = load_erasures(lake)
    theirs = _only(erasures, customers)
    done = Erased(sorted(customers))
    looked_at = names_known(lake)
    naming = [batch.path for table in _ORDER for batch in lake.batches(table)]
    known = set(naming) - set(looked_at.unknown(naming))
    done.files |= _erase_from_ledgers(lake, addresses, erasures)
    done.files["outbox_entries"] = rewrite(lake, "outbox_entries", _messages_change(erasures))
    held = quarantine_change(customers, addresses.all)
    done.files["quarantine"] = rewrite(lake, "quarantine", held)
    for table in _ORDER:
        _append_cleaned(lake, table, theirs)
        change, select = _object_change(table, theirs), _selecting(table, theirs)
        done.files[table] = rewrite(lake, table, change, select)
    empty_torn(lake, _ORDER)
    # The rewritten batches name the same customers.
    looked_at.add(known)
    looked_at.save()
    record(lake, customers, before.reasons, is_finished=True)
    return done


def _erase_from_ledgers(lake: Lake, addresses: Addresses, erasures: Erasures) -> dict[str, int]:
    with lake.recording(LEDGER_PATIENCE_SECONDS):
        _keep_opt_outs(lake, addresses, erasures)
        return {
            table: rewrite(lake, table, _log_change(table, addresses.all, erasures))
            for table in LEDGERS
        }


def _only(erasures: Erasures, customers: Collection[str]) -> Forgotten:
    """Return the customers with the objects recorded as theirs, also by a crashed process.

    Customers erased before are left out, as there may be many.
    """
    objects = {each: owner for each, owner in erasures.objects.items() if owner in customers}
    return Forgotten(
        Erasures({each: erasures.reasons[each] for each in customers}, objects=objects)
    )


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


def _messages_change(erasures: Erasures) -> Change:
    """Return the change of outbox entries: replace erased customers' address hashes by digests."""

    def change(rows: pa.Table) -> pa.Table | None:
        kept = without_erased(rows, erasures)
        return None if kept is rows else kept

    return change


def _log_change(table: str, addresses: Collection[str], erasures: Erasures) -> Change:
    """Return the change of a ledger: drop opt-ins, and replace addresses in others by digests."""
    note = "source" if table == "consent_entries" else "reason"

    def kept(row: dict[str, Any]) -> dict[str, Any] | None:
        if row.get("status") == "opt_in":
            return None
        return row | {"address": erasures.digest(_spelled(row)), note: "erased"}

    return _replacing(lambda row: _spelled(row) in addresses, kept)


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


def _object_change(table: str, theirs: Forgotten) -> Change:
    def change(rows: pa.Table) -> pa.Table | None:
        places = _places(table, rows, theirs)
        bodies = rows["body"].take(pa.array(places, pa.int64())).cast(pa.binary()).to_pylist()
        clean = [cleaned(table, body) for body in bodies]
        if clean == bodies:
            return None
        all_bodies = rows["body"].cast(pa.binary()).to_pylist()
        for place, body in zip(places, clean, strict=True):
            all_bodies[place] = body
        at = rows.schema.get_field_index("body")
        return rows.set_column(at, rows.schema.field(at), pa.array(all_bodies, pa.string()))

    return change


def _selecting(table: str, theirs: Forgotten) -> Select:
    """Return the selection of the rows of a batch that may be theirs."""
    owners = pa.array(sorted(theirs.reasons), pa.string())
    with_ownerless = table in LOOSE and bool(theirs.objects)
    return lambda batch: rows_of(batch, owners, with_ownerless=with_ownerless)


def _places(table: str, rows: pa.Table, theirs: Forgotten) -> list[int]:
    """Return the row numbers of their objects in a part of a table."""
    wanted = pa.array(sorted(theirs.reasons), pa.string())
    named = pc.is_in(rows["customer_id"], value_set=wanted)
    found: list[int] = pc.indices_nonzero(named).to_pylist()
    if table in LOOSE and theirs.objects:
        loose: list[int] = pc.indices_nonzero(pc.is_null(rows["customer_id"])).to_pylist()
        bodies = rows["body"].take(pa.array(loose, pa.int64())).cast(pa.binary()).to_pylist()
        found += [
            place
            for place, body in zip(loose, bodies, strict=True)
            if theirs.is_theirs(table, None, body)
        ]
    return sorted(found)


def _append_cleaned(lake: Lake, table: str, theirs: Forgotten) -> None:
    """Append their current objects as cleaned versions, for incremental readers."""
    live, stubs, is_gone = dict[str, ObjectRow](), dict[str, ObjectRow](), dict[str, bool]()
    select = _selecting(table, theirs)
    for part in (part for batch in lake.batches(table) for part in select(batch)):
        for values in part.take(pa.array(_places(table, part, theirs), pa.int64())).to_pylist():
            row = ObjectRow(**values | {"body": values["body"].encode()})
            (stubs if row.is_deleted else live)[row.id] = row
            is_gone[row.id] = row.is_deleted
    rows: list[ObjectRow] = []
    for identifier, was_deleted in is_gone.items():
        rows += _versions(table, live.get(identifier), stubs.get(identifier), was_deleted)
    if rows:
        lake.append(table, object_table(rows), _carried(lake, table))


def _versions(
    table: str, live: ObjectRow | None, stub: ObjectRow | None, is_gone: bool
) -> list[ObjectRow]:
    """Return the last full version, cleaned, and the stub after it; empty if nothing changes."""
    if live is None:
        return []
    clean = msgspec.structs.replace(live, body=cleaned(table, live.body))
    if table == CUSTOMERS and not is_gone:
        now = datetime.now(UTC)
        stub, is_gone = tombstone(BY_NAME[table], live.id, bool(live.livemode), now), True
    elif clean.body == live.body:
        return []
    return [clean, *([stub] if stub and is_gone else [])]


def _carried(lake: Lake, table: str) -> dict[str, Any]:
    """Return the newest cursor of a table, without windows, since this batch covers none."""
    cursors = (batch.cursor() for batch in reversed(lake.batches(table)))
    newest = next((each for each in cursors if each), None)
    return newest | {"covers": []} if newest else {}
