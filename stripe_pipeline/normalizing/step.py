"""Normalize what the lake holds before dbt reads it: only what came since, and each text once.

The results are appended to the tables of `tables.py`; that a batch of Stripe's is done is recorded
last. So a crash at any point leaves rows that the next call finds, and nothing that lacks any: what
isn't recorded as done, staging doesn't read.
"""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.files.disk_trouble import unwritable
from stripe_pipeline.files.removing import remove
from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.batches import DERIVED
from stripe_pipeline.lake.compact import clear_replaced, compact, needs_compacting
from stripe_pipeline.lake.erase import rewrite
from stripe_pipeline.lake.read_lock import start_reading
from stripe_pipeline.lake.torn import torn_batches
from stripe_pipeline.normalizing.code import normalizing_code
from stripe_pipeline.normalizing.gathering import (
    RESOURCES,
    gather,
    gather_phones,
    naming_damage,
    prepare,
    reading,
)
from stripe_pipeline.normalizing.tables import (
    BATCHES,
    BATCHES_SCHEMA,
    CODE,
    CONTACT_TABLES,
    COUNTRIES,
    EMAILS,
    PHONES,
    ContactTable,
)

logger = logging.getLogger(__name__)

# A first normalization of a large shop's lake takes minutes.
PATIENCE_SECONDS = 600.0
_KEYS_TOGETHER = 50_000


@contextmanager
def normalized(lake: Lake) -> Iterator[None]:
    """Normalize what is new in the lake; no row of it moves until the block, dbt's run, ends.

    What is written to the lake meanwhile is for the next run.

    Raises:
        PipelineError: another process is normalizing for too long, or the lake can't be written.
        TornBatchError: a batch of Stripe's objects is damaged.
    """
    try:
        reader = start_reading(lake.root)
    except OSError as error:
        raise unwritable(lake.root.parent, error) from None
    with closing(reader):
        normalize(lake)
        yield


def normalize(lake: Lake) -> int:
    """Normalize each text that isn't yet; return how many rows were written. Idempotent.

    Raises:
        PipelineError: as `normalized`.
        TornBatchError: as `normalized`.
    """
    with lake.deriving(PATIENCE_SECONDS):
        without_damage(lake)
        newest, done = _newest(lake), _done(lake)
        if newest == done:
            return 0
        count = _normalize_new(lake, newest, done)
        _record(lake, newest)
        if not done:
            _drop_older_code(lake)
        _keep_files_few(lake)
    if count:
        logger.info("Normalized %s names, numbers, addresses and countries", f"{count:,}")
    return count


def _normalize_new(lake: Lake, newest: dict[str, int], done: dict[str, int]) -> int:
    """Normalize what the batches after `done` have; return how many rows were written."""
    # Numbers that fell are of a lake that was restored: all of it is read.
    is_older = any(done.get(each, 0) > number for each, number in newest.items())
    with naming_damage(lake), duckdb.connect() as memory:
        prepare(memory)
        gather(memory, lake, None if is_older else done)
        return sum(_normalize_table(lake, table, memory) for table in CONTACT_TABLES)


def _keep_files_few(lake: Lake) -> None:
    """Merge small files; their readers take a row that they meet twice for one."""
    for table in DERIVED:
        clear_replaced(lake, table)
        if needs_compacting(lake, table):
            compact(lake, table)


def _newest(lake: Lake) -> dict[str, int]:
    batches = {resource: lake.batches(resource) for resource in RESOURCES}
    return {resource: found[-1].sequence if found else 0 for resource, found in batches.items()}


def _done(lake: Lake) -> dict[str, int]:
    """Return up to which batch each resource is normalized by today's code; empty: none is."""
    done: dict[str, int] = {}
    if not all(lake.batches(table) for table in DERIVED):
        return done
    for rows in lake.read(BATCHES):
        for row in rows.to_pylist():
            if row[CODE] == normalizing_code():
                done[row["resource"]] = row["read_until"]
    return done


def _record(lake: Lake, newest: dict[str, int]) -> None:
    code = normalizing_code()
    rows = [(resource, number, code) for resource, number in newest.items()]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(each, to.type) for each, to in zip(columns, BATCHES_SCHEMA, strict=True)]
    lake.append(BATCHES, pa.Table.from_arrays(arrays, schema=BATCHES_SCHEMA), {})


def _normalize_table(lake: Lake, table: ContactTable, memory: duckdb.DuckDBPyConnection) -> int:
    """Append the rows of the keys that a table doesn't have; return how many."""
    if table is PHONES:
        memory.execute(f"create temp table countries as {_known(lake, COUNTRIES)}")
        gather_phones(memory)
    count = _append(lake, table, _new_keys(lake, table, memory, f"raw_{table.name[8:]}"))
    if table is EMAILS:
        memory.execute(
            "create temp view spellings as"
            f" select email as raw from ({_known(lake, table)}) where email <> raw"
        )
        count += _append(lake, table, _new_keys(lake, table, memory, "spellings"))
    return count


def _known(lake: Lake, table: ContactTable) -> str:
    """Return the query for a table's rows that today's code wrote."""
    batches = lake.batches(table.name)
    if not batches:
        nothing = ", ".join(f"null::varchar as {name}" for name in table.schema.names)
        return f"select {nothing} where false"
    columns = ", ".join(table.schema.names)
    return f"select {columns} from {reading(batches)} where {CODE} = '{normalizing_code()}'"


def _new_keys(
    lake: Lake, table: ContactTable, memory: duckdb.DuckDBPyConnection, given: str
) -> pa.Table:
    names = ", ".join(table.key)
    same = " and ".join(f"known.{each} is not distinct from given.{each}" for each in table.key)
    needed = table.key[0] if len(table.key) < 3 else f"coalesce({names})"
    found: pa.Table = memory.sql(
        f"select distinct {names} from {given} as given where {needed} is not null"
        f" and not exists (select 1 from ({_known(lake, table)}) as known where {same})"
        f" order by {names}"
    ).to_arrow_table()
    return found


def _append(lake: Lake, table: ContactTable, keys: pa.Table) -> int:
    """Normalize keys, and append them in batches; a table has one at least, so that it is there."""
    for begin in range(0, keys.num_rows, _KEYS_TOGETHER):
        part = keys.slice(begin, _KEYS_TOGETHER)
        texts = [part[name].to_pylist() for name in table.key]
        lake.append(table.name, table.rows(list(zip(*texts, strict=True))), {})
    if not lake.batches(table.name):
        lake.append(table.name, table.rows([]), {})
    count: int = keys.num_rows
    return count


def _drop_older_code(lake: Lake) -> None:
    """Drop the rows of other code: today's has written all that the lake needs."""
    code = normalizing_code()

    def kept(rows: pa.Table) -> pa.Table | None:
        chosen = rows.filter(pc.equal(rows[CODE], code))
        return None if chosen.num_rows == rows.num_rows else chosen

    for table in DERIVED:
        rewrite(lake, table, kept)


def without_damage(lake: Lake) -> None:
    """Remove the tables if a file of theirs is damaged; the next call computes them again.

    The caller holds the lock of the derived tables.
    """
    if not torn_batches(lake, DERIVED):
        return
    logger.warning("A table of normalized contacts is damaged; all are computed again")
    for table in DERIVED:
        remove(lake.root / table)
