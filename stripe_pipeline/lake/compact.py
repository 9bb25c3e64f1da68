"""Merge runs of small batches, so that thousands of syncs don't leave thousands of files.

A run of neighbouring batches is written as one file, with all rows in their order. It atomically
replaces the last one, whose number and cursor it keeps. The other files are kept for an hour, for
readers that have listed the folder and not yet read it. Until then a reader that doesn't ask the
lake which batches count (DuckDB) finds their rows twice. That is harmless only in queries for the
newest version of an object.

Sizes are in tiers, so that a row is rewritten a few times in all and not at each sync.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.files.durable import replacing
from stripe_pipeline.lake.batches import CURSOR_KEY, FIRST_KEY, WRITING, Batch, Lake, rows_together
from stripe_pipeline.lake.places import placed, placed_schema, unplaced

logger = logging.getLogger(__name__)

GRACE_SECONDS = 3600.0
# Bytes on disk: of a merged file, and of the work of one call.
LARGEST = 32_000_000
WORK = 32_000_000
_BYTES_TOGETHER = 16_000_000  # in memory
_ROWS_AT_A_TIME = 2_000


@dataclass(frozen=True)
class Tier:
    """Merge neighbours smaller than `smaller_than` bytes once there are `at_least` of them."""

    smaller_than: int
    at_least: int


# A first sync writes some forty files, each a tenth larger than the one before, up to a megabyte or
# two: fewer than make a run here, for merging them would cost as much as writing them did.
TIERS = (Tier(32_000, 16), Tier(256_000, 32), Tier(1_000_000, 48), Tier(16_000_000, 64))


def needs_compacting(lake: Lake, table: str) -> bool:
    """Return whether there is something to merge, judging by the sizes of the files."""
    batches = lake.batches(table)
    return any(_runs(batches, tier) for tier in TIERS)


def compact(lake: Lake, table: str, work: int = WORK) -> int:
    """Merge the runs that are due, up to `work` bytes; return how many bytes were merged.

    The caller holds the lake's lock, and knows that only the last batch's cursor is needed. A full
    disk leaves everything as it was.

    Raises:
        TornBatchError: a batch is damaged.
    """
    done = 0
    for tier in TIERS:
        for run in _runs(lake.batches(table), tier):
            for part in _parts(run):
                size = sum(_size(batch) for batch in part)
                if done and done + size > work:
                    return done
                if not _merge(lake, part):
                    return done
                done += size
    return done


def clear_replaced(lake: Lake, table: str) -> None:
    """Remove the replaced files of merges that are older than GRACE_SECONDS."""
    for batch in lake.merged(table):
        replaced = batch.replaces()
        if replaced and time.time() - batch.path.stat().st_mtime < GRACE_SECONDS:
            continue
        for number in replaced:
            older = Batch(table, number, batch.path.with_name(f"{number:010d}.parquet"))
            older.path.unlink(missing_ok=True)
            _mark(older).unlink(missing_ok=True)
        _mark(batch).unlink(missing_ok=True)


def _runs(batches: Sequence[Batch], tier: Tier) -> list[list[Batch]]:
    by_size = groupby(batches, key=lambda batch: _size(batch) < tier.smaller_than)
    runs = [list(run) for is_small, run in by_size if is_small]
    return [run for run in runs if len(run) >= tier.at_least]


def _parts(run: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Split a run into parts of up to LARGEST bytes; a single file at the end is left out."""
    part: list[Batch] = []
    for batch in run:
        if part and sum(_size(each) for each in part) + _size(batch) > LARGEST:
            yield part
            part = []
        part.append(batch)
    if len(part) > 1:
        yield part


def _merge(lake: Lake, batches: Sequence[Batch]) -> bool:
    last = batches[-1]
    with last.open() as file:
        cursor = (file.metadata.metadata or {}).get(CURSOR_KEY, b"{}")
    metadata = {CURSOR_KEY: cursor, FIRST_KEY: str(batches[0].first()).encode()}
    # The mark is only a hint where to look: without the merged file it has no effect.
    _mark(last).touch()
    try:
        schema = _schema_of(batches)
        with (
            replacing(last.path) as target,
            pq.ParquetWriter(
                target, placed_schema(schema).with_metadata(metadata), **WRITING
            ) as writer,
        ):
            begin = 0
            for rows in tables_of(batches, schema):
                marked = placed(rows, last.sequence, begin).replace_schema_metadata(metadata)
                writer.write_table(marked, row_group_size=rows_together(rows))
                begin += rows.num_rows
    except (OSError, pa.ArrowException) as error:
        logger.warning("The small batches of %s stay as they are: %s", last.table, error)
        return False
    lake.checked.add([last.path])
    return True


def _schema_of(batches: Sequence[Batch]) -> pa.Schema:
    """Return the union of all batches' columns but the places: older versions wrote fewer."""
    schemas = []
    for batch in reversed(batches):
        with batch.open() as file:
            schemas.append(unplaced(file.schema_arrow.remove_metadata().empty_table()).schema)
    return pa.unify_schemas(schemas)


def tables_of(batches: Sequence[Batch], schema: pa.Schema | None = None) -> Iterator[pa.Table]:
    """Yield all rows of batches in their order, without places, in tables that fit into memory.

    With a `schema`, a column that a batch lacks is null.
    """
    gathered: list[pa.Table] = [schema.empty_table()] if schema else []
    for batch in batches:
        for rows in _read(batch):
            gathered.append(rows)
            if sum(each.nbytes for each in gathered) >= _BYTES_TOGETHER:
                yield _together(gathered)
                gathered = [schema.empty_table()] if schema else []
    if gathered:
        yield _together(gathered)


def _together(gathered: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(gathered, promote_options="default").unify_dictionaries()


def _read(batch: Batch) -> Iterator[pa.Table]:
    with batch.open() as file:
        for rows in file.iter_batches(_ROWS_AT_A_TIME):
            yield unplaced(pa.Table.from_batches([rows]))


def _size(batch: Batch) -> int:
    return batch.path.stat().st_size


def _mark(batch: Batch) -> Path:
    return batch.path.with_name(f".{batch.path.stem}.merged")
