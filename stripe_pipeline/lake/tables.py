"""The lake's tables that aren't Stripe's: what people told us, and what the product itself did.

Stripe can be read again; these can't be recovered. So they are append-only logs in the lake, and
the warehouse may be deleted at any time. Timestamps are UTC, in microseconds.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from stripe_pipeline.lake.batches import LEDGER_PATIENCE_SECONDS, Lake
from stripe_pipeline.lake.older import give_places

INSTANT = pa.timestamp("us", tz="UTC")


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


# Which resources the key may read; the newest row of a resource counts.
RESOURCE_ACCESS = pa.schema(
    [
        _required("resource", pa.string()),
        _required("is_readable", pa.bool_()),
        _required("permission", pa.string()),
        _required("checked_at", INSTANT),
    ]
)

# Opt-ins and opt-outs by channel and normalised address; an opt-out always wins.
CONSENT_ENTRIES = pa.schema(
    [
        _required("channel", pa.string()),  # email, sms or push
        _required("address", pa.string()),  # lower-case email, or phone number in E.164
        _required("status", pa.string()),  # opt_in or opt_out
        _required("source", pa.string()),
        _required("occurred_at", INSTANT),
        _required("recorded_at", INSTANT),
    ]
)

# Addresses that get no messages; the newest row of a channel and address counts.
SUPPRESSION_ENTRIES = pa.schema(
    [
        _required("channel", pa.string()),  # email, sms, push or all
        _required("address", pa.string()),
        _required("reason", pa.string()),
        _required("is_active", pa.bool_()),  # false: lifted
        _required("recorded_at", INSTANT),
    ]
)

# Who entered and left which segment when, so that the history survives the warehouse. A row
# `withdrawn` takes back the earlier rows of its segment, customer and instant.
SEGMENT_MOVES = pa.schema(
    [
        _required("segment", pa.string()),
        _required("stripe_customer_id", pa.string()),
        _required("move", pa.string()),  # entered, left or withdrawn
        _required("moved_at", INSTANT),
    ]
)

# The statuses of each message; the newest row of a message key is the current one.
OUTBOX_ENTRIES = pa.schema(
    [
        _required("message_key", pa.string()),  # sha256 of person, campaign and occasion
        _required("campaign", pa.string()),
        _required("channel", pa.string()),
        _required("segment", pa.string()),  # or the trigger
        _required("stripe_customer_id", pa.string()),  # whose address and profile the message has
        _required("occasion", pa.string()),  # the segment and when the person entered it; the fact
        pa.field("address_hash", pa.string()),  # null where the customer has no address
        _required("status", pa.string()),  # exported, rehearsed, held or skipped
        pa.field("reason", pa.string()),  # null once exported
        # <campaign>/<run>, null where nothing was exported; of a held or skipped message the export
        # that it was removed from before the export was visible.
        pa.field("export_id", pa.string()),
        _required("as_of", INSTANT),
        _required("recorded_at", INSTANT),
        # Null in batches of versions that wrote to customers, not persons: the message then stands
        # for stripe_customer_id's stay alone.
        pa.field("stripe_person_id", pa.string()),
        pa.field("stripe_customer_ids", pa.list_(pa.string())),  # all customers of the person
        pa.field("stays", pa.list_(pa.string())),  # that it answers: <customer>:<segment>@<instant>
        # Of the campaign's files, as campaign_versions has it; null in older batches.
        pa.field("campaign_version", pa.int64()),
    ]
)

# The versions of each campaign, a row at a version's first run, and one at the first run with sends
# on of an audience: then the campaign went live on it.
CAMPAIGN_VERSIONS = pa.schema(
    [
        _required("campaign", pa.string()),
        _required("version", pa.int64()),  # counted from 1
        _required("digest", pa.string()),  # sha256 of its files
        _required("audience", pa.string()),  # the segment, or the trigger
        _required("is_live", pa.bool_()),  # sends were on
        _required("files", pa.string()),  # JSON: each file's name and text
        _required("as_of", INSTANT),
        _required("recorded_at", INSTANT),
    ]
)

# What each comparison with Stripe's lists found, one row a resource; the newest counts.
RECONCILIATIONS = pa.schema(
    [
        _required("resource", pa.string()),
        _required("compared", pa.int64()),  # objects; the next three kinds of them are drift
        _required("missing", pa.int64()),  # Stripe has it, the lake hadn't
        _required("stale", pa.int64()),  # money, status, membership or an address differed
        _required("surplus", pa.int64()),  # gone from Stripe, and not deleted in the lake
        _required("cosmetic", pa.int64()),  # differed in nothing that counts
        _required("changed", pa.int64()),  # changed in Stripe since the last sync
        _required("repaired", pa.int64()),  # rows written
        _required("requests", pa.int64()),
        _required("examples", pa.list_(pa.string())),  # a few of the drifted ids
        _required("reconciled_at", INSTANT),
    ]
)

# Customers whose personal data is erased: a row at the decision and one at its completion. The
# newest row of a customer counts; the cursors carry the salt of erasures.py.
ERASURES = pa.schema(
    [
        _required("customer_id", pa.string()),
        _required("reason", pa.string()),  # forgotten, or deleted (in Stripe)
        _required("is_finished", pa.bool_()),
        # Ids of objects that belong to the customer, but don't name one; the union of all rows.
        _required("objects", pa.list_(pa.string())),
        _required("recorded_at", INSTANT),
    ]
)

# Unusable objects of Stripe's; the newest row of a resource and key counts.
QUARANTINE = pa.schema(
    [
        _required("resource", pa.string()),
        _required("key", pa.string()),  # the object's id, or a digest of a body without one
        pa.field("object_id", pa.string()),
        pa.field("after_id", pa.string()),  # of the object before it in Stripe's list
        _required("reason", pa.string()),
        _required("digest", pa.string()),  # of the body, as long as that is kept
        pa.field("body", pa.binary()),  # unchanged; null once it is released or erased
        _required("is_open", pa.bool_()),  # false: usable by now, or gone from Stripe
        _required("recorded_at", INSTANT),
    ]
)

TABLES: Mapping[str, pa.Schema] = {
    "resource_access": RESOURCE_ACCESS,
    "consent_entries": CONSENT_ENTRIES,
    "suppression_entries": SUPPRESSION_ENTRIES,
    "segment_moves": SEGMENT_MOVES,
    "outbox_entries": OUTBOX_ENTRIES,
    "campaign_versions": CAMPAIGN_VERSIONS,
    "reconciliations": RECONCILIATIONS,
    "erasures": ERASURES,
    "quarantine": QUARANTINE,
}


def entries(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Build a batch of one of these tables; a key that a row lacks is null."""
    schema = TABLES[table]
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def append_new(lake: Lake, table: str, rows: pa.Table, key: Sequence[str]) -> int:
    """Append the rows whose key the table doesn't have yet, in their order; return how many.

    Of rows with the same key the first counts. The caller holds the ledgers' lock, or the lake's
    for another table, so that no other process appends the same row in between.
    """
    new = _first_of_each(rows, key)
    for batch in lake.read(table, list(key)):
        new = new.join(batch, list(key), join_type="left anti")
    if new.num_rows:
        ordered = new.sort_by("_place").select(TABLES[table].names).cast(TABLES[table])
        lake.append(table, ordered, cursor={})
    added: int = new.num_rows
    return added


def _first_of_each(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    placed = rows.append_column("_place", pa.array(range(rows.num_rows), pa.int64()))
    firsts = placed.group_by(list(key)).aggregate([("_place", "min")])
    return placed.take(firsts.column("_place_min"))


def missing_tables(root: Path) -> list[str]:
    """Return the tables that a lake below `root` doesn't have yet; before any sync, all of them.

    Also those whose newest batch is of a version that had fewer columns.
    """
    lake = Lake(root)
    return [table for table in TABLES if _lacks_columns(lake, table)]


def ensure_tables(lake: Lake) -> None:
    """Commit an empty batch to each table that has none, so that reading one never fails.

    The same where the newest batch is of a version that had fewer columns; and files of versions
    that didn't write their rows' places are rewritten with them (see older.py). Takes the lake's
    lock only where something is missing.

    Raises:
        PipelineError: another process is writing, or the folder can't be written.
    """
    give_places(lake)
    missing = missing_tables(lake.root)
    if not missing:
        return
    with lake.writing(), lake.recording(LEDGER_PATIENCE_SECONDS):
        for table in missing:
            lake.append(table, entries(table, []), cursor={})


def _lacks_columns(lake: Lake, table: str) -> bool:
    batches = lake.batches(table)
    if not batches:
        return True
    with batches[-1].open() as file:
        return not set(TABLES[table].names) <= set(file.schema_arrow.names)
