"""Erase customers' personal data from the lake: deleted ones at each sync, others on request.

An erasure is recorded as pending first and as finished last; after a crash in between, the next
sync or command resumes it. The addresses are read from the customers, so their table is last.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.checked import Checked
from stripe_pipeline.lake.erase import empty_torn, rewrite
from stripe_pipeline.lake.erasures import (
    DELETED,
    Erasures,
    load_erasures,
    record,
)
from stripe_pipeline.lake.referenced import names_known
from stripe_pipeline.normalizing.erasing import erase_ungiven
from stripe_pipeline.privacy.forgotten import CUSTOMERS, PAYMENTS, Forgotten
from stripe_pipeline.privacy.kept_fields import SHAPES
from stripe_pipeline.privacy.ledgers import erase_from_ledgers, messages_change
from stripe_pipeline.privacy.objects import append_cleaned, object_change, selecting
from stripe_pipeline.privacy.personal import addresses_of, payments_of
from stripe_pipeline.privacy.quarantine import is_in_quarantine, quarantine_change
from stripe_pipeline.stripe_client.catalog import RESOURCES

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
    done.files |= erase_from_ledgers(lake, addresses, erasures)
    done.files["outbox_entries"] = rewrite(lake, "outbox_entries", messages_change(erasures))
    held = quarantine_change(customers, addresses.all)
    done.files["quarantine"] = rewrite(lake, "quarantine", held)
    for table in _ORDER:
        append_cleaned(lake, table, theirs)
        change, select = object_change(table, theirs), selecting(table, theirs)
        done.files[table] = rewrite(lake, table, change, select)
    empty_torn(lake, _ORDER)
    done.files["contacts"] = erase_ungiven(lake)
    # The rewritten batches name the same customers.
    looked_at.add(known)
    looked_at.save()
    record(lake, customers, before.reasons, is_finished=True)
    return done


def _only(erasures: Erasures, customers: Collection[str]) -> Forgotten:
    """Return the customers with the objects recorded as theirs, also by a crashed process.

    Customers erased before are left out, as there may be many.
    """
    objects = {each: owner for each, owner in erasures.objects.items() if owner in customers}
    return Forgotten(
        Erasures({each: erasures.reasons[each] for each in customers}, objects=objects)
    )
