"""The log of erased customers, which every reader and writer of the lake consults.

It holds only ids. An address that still has to be recognized (in an opt-out, or in a campaign's
message that it got) is kept as a salted digest; the salt is generated once and kept in the log's
cursors.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.lake.batches import Lake
from stripe_pipeline.lake.tables import entries

TABLE = "erasures"
FORGOTTEN = "forgotten"  # by a person's command
DELETED = "deleted"  # in Stripe
SALT = "salt"
# Prefix of the digest of an erased address; no address begins with it.
ERASED = "erased:"


@dataclass
class Erasures:
    """The reasons of erasures by customer id; `pending` are the customers not yet fully erased.

    `objects` maps ids of objects that belong to a customer, but don't name one, to that customer.
    `number` is the log's newest batch: it rises with each record, and is 0 before the first.
    """

    reasons: dict[str, str] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    objects: dict[str, str] = field(default_factory=dict)
    salt: str = ""
    number: int = 0

    @property
    def finished(self) -> list[str]:
        """The customers of whom nothing personal is left in the lake."""
        return sorted(self.reasons.keys() - self.pending)

    def digest(self, text: str) -> str:
        """Return the salted digest of an address or of its hash, by which it can be recognized."""
        return digest(self.salt, text)


def digest(salt: str, text: str) -> str:
    """Digest a text with the salt; see eligibility.py, which computes the same in SQL."""
    return ERASED + hashlib.sha256((salt + text).encode()).hexdigest()


def without_erased(rows: pa.Table, erasures: Erasures) -> pa.Table:
    """Replace the address hashes of erased customers by salted digests.

    A customer may have been erased after a message was decided.
    """
    gone = pc.is_in(
        rows["stripe_customer_id"], value_set=pa.array(sorted(erasures.reasons), pa.string())
    )
    readable = pc.invert(pc.fill_null(pc.starts_with(rows["address_hash"], ERASED), True))
    if not pc.any(pc.and_(gone, readable)).as_py():
        return rows
    hashes = [
        erasures.digest(each) if concerned else each
        for each, concerned in zip(
            rows["address_hash"].to_pylist(), pc.and_(gone, readable).to_pylist(), strict=True
        )
    ]
    place = rows.schema.get_field_index("address_hash")
    return rows.set_column(place, rows.schema.field(place), pa.array(hashes, pa.string()))


def load_erasures(lake: Lake) -> Erasures:
    """Read the log."""
    found = Erasures()
    for part in lake.read(TABLE):
        for row in part.to_pylist():
            _note(found, row)
    if batches := lake.batches(TABLE):
        found.number, found.salt = batches[-1].sequence if found.reasons else 0, _salt(lake)
    return found


def _salt(lake: Lake) -> str:
    batches = lake.batches(TABLE)
    return str(batches[-1].cursor().get(SALT, "")) if batches else ""


def _note(found: Erasures, row: Mapping[str, Any]) -> None:
    customer_id = row["customer_id"]
    found.pending.discard(customer_id)
    found.reasons[customer_id] = row["reason"]
    found.objects |= dict.fromkeys(row["objects"], customer_id)
    if not row["is_finished"]:
        found.pending.add(customer_id)


def record(
    lake: Lake,
    customers: Iterable[str],
    reason: Mapping[str, str],
    *,
    is_finished: bool,
    objects: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Append a row for each customer. The caller holds the lake's lock."""
    now = datetime.now(UTC)
    rows = [
        {
            "customer_id": each,
            "reason": reason[each],
            "is_finished": is_finished,
            "objects": sorted((objects or {}).get(each, ())),
            "recorded_at": now,
        }
        for each in sorted(customers)
    ]
    if rows:
        salt = _salt(lake) or secrets.token_hex(32)
        lake.append(TABLE, entries(TABLE, rows), {SALT: salt})
