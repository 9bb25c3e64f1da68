"""Erase from the normalized contacts what the lake doesn't hold any more."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.erase import Change, rewrite
from stripe_pipeline.normalizing.gathering import gather, naming_damage, prepare
from stripe_pipeline.normalizing.step import PATIENCE_SECONDS, without_damage
from stripe_pipeline.normalizing.tables import COUNTRIES, EMAILS, LOCALES, NAMES, PHONES

# Which texts stand in each column that has them as Stripe does.
_GIVEN = (
    (COUNTRIES, {"raw": "select raw from raw_countries"}),
    (LOCALES, {"raw": "select raw from raw_locales"}),
    (NAMES, {each: f"select {each} from raw_names" for each in NAMES.key}),
    (EMAILS, {"raw": "select raw from raw_emails"}),
    (PHONES, {"raw": "select raw from raw_numbers"}),
)


def erase_ungiven(lake: Lake) -> int:
    """Drop the rows of texts that no object in the lake has; return how many files had such.

    The objects are already without what was erased. The caller holds the lake's lock. Idempotent.

    Raises:
        TornBatchError: a batch of Stripe's objects is damaged.
        PipelineError: another process is normalizing for too long, or the lake can't be written.
    """
    if not any(lake.files(table.name) for table, _ in _GIVEN):
        return 0
    with (
        lake.deriving(PATIENCE_SECONDS),
        naming_damage(lake),
        duckdb.connect() as memory,
    ):
        without_damage(lake)
        prepare(memory)
        gather(memory, lake)
        changed = 0
        for table, queries in _GIVEN:
            given = {column: _texts(memory, query) for column, query in queries.items()}
            if table is EMAILS:
                given["raw"] = _with_spellings(lake, given["raw"])
            changed += rewrite(lake, table.name, _keeping(given))
    return changed


def _texts(memory: duckdb.DuckDBPyConnection, query: str) -> pa.Array:
    found: pa.Table = memory.sql(f"select distinct * from ({query})").to_arrow_table()
    return pa.concat_arrays(found.column(0).cast(pa.string()).chunks or [pa.array([], pa.string())])


def _with_spellings(lake: Lake, given: pa.Array) -> pa.Array:
    """Return addresses and their normalized spellings, which have rows of their own."""
    parts = [given]
    for rows in lake.read(EMAILS.name, ["raw", "email"]):
        kept = rows.filter(pc.is_in(rows["raw"], value_set=given))
        parts += kept["email"].chunks
    return pa.concat_arrays(parts)


def _keeping(given: Mapping[str, pa.Array]) -> Change:
    """Return the change that drops a row with a text that isn't among those of its column."""

    def change(rows: pa.Table) -> pa.Table | None:
        kept = rows
        for column, texts in given.items():
            known = pc.is_in(kept[column], value_set=texts)
            kept = kept.filter(pc.or_(pc.is_null(kept[column]), known))
        return None if kept.num_rows == rows.num_rows else kept

    return change
