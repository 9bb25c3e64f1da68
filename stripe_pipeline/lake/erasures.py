"""The log of whose personal data is gone: what every reader and writer of the lake asks.

It holds ids alone. An address that must go on counting (an opt-out, a campaign's message that the
address got) stays as a digest with a salt that is made once and carried in the log's cursors.
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
# What a digest of an erased address begins with; no address does.
ERASED = "erased:"


@dataclass
class Erasures:
    """Who is erased, by customer id, and why; `pending` are those of whom that isn't done yet.

    `objects` says of ids of objects that are theirs, and don't name them, whose they are. `number`
    is that of the newest batch of the log: it rises with everything that is recorded, and is 0
    before that.
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
        """What stays of an address, or of its hash: enough to meet it again, and not to read it."""
        return digest(self.salt, text)


def digest(salt: str, text: str) -> str:
    """Digest a text with the salt; see eligibility.py, which computes the same in SQL."""
    return ERASED + hashlib.sha256((salt + text).encode()).hexdigest()


def without_erased(rows: pa.Table, erasures: Erasures) -> pa.Table:
    """The rows with nothing of erased customers' addresses but what can't be read.

    Somebody may have been erased since a message was decided about.
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
