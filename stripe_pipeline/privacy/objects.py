"""Erase persons from the tables of Stripe's objects: which rows are theirs, and what is left."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.lake import Lake, object_table
from stripe_pipeline.lake.erase import Change, Select, rows_of
from stripe_pipeline.privacy.forgotten import CUSTOMERS, LOOSE, Forgotten
from stripe_pipeline.privacy.kept_fields import cleaned
from stripe_pipeline.stripe_client.catalog import BY_NAME
from stripe_pipeline.stripe_client.lists.pages import tombstone
from stripe_pipeline.values.objects import ObjectRow


def object_change(table: str, theirs: Forgotten) -> Change:
    """Return the change of a table: what is theirs keeps only the fields that aren't personal."""

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


def selecting(table: str, theirs: Forgotten) -> Select:
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


def append_cleaned(lake: Lake, table: str, theirs: Forgotten) -> None:
    """Append their current objects as cleaned versions, for incremental readers."""
    live, stubs, is_gone = dict[str, ObjectRow](), dict[str, ObjectRow](), dict[str, bool]()
    select = selecting(table, theirs)
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
