"""Refuse to publish an empty table that had rows, unless the settings accept it.

An account isn't emptied overnight; a run that read or computed nothing looks exactly like that.
"""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.values.words import counted

# Marts that never become empty again; segments, due amounts and missing rates may.
LASTING = ("customer_profiles", "orders", "subscriptions", "people", "loyalty_ledger")


def refuse_emptied(warehouse: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Compare the rows of the marts that are to be published with the published ones.

    Raises:
        PipelineError: a published mart with rows would become empty; the message says how to go on.
    """
    had = {mart: _published_rows(published / f"{mart}.parquet") for mart in LASTING}
    emptied = [mart for mart in LASTING if had[mart] and _is_empty(warehouse, mart)]
    if emptied:
        listed = ", ".join(f"{mart} (of {counted(had[mart], 'row')})" for mart in emptied)
        raise PipelineError(
            f"Not published, because nothing is left in {listed}; look whether the key still reads "
            "what it read, and run `stripe-pipeline sync --full`. If it is right that they are "
            "empty, run once with STRIPE_PIPELINE_ACCEPT_EMPTY=on."
        )


def _published_rows(path: Path) -> int:
    """Return the number of published rows; 0 where the file can't be read."""
    try:
        rows: int = pq.read_metadata(path).num_rows
        return rows
    except (OSError, pa.ArrowException):
        return 0


def _is_empty(warehouse: duckdb.DuckDBPyConnection, mart: str) -> bool:
    try:
        return not warehouse.execute(f"select 1 from marts.{mart} limit 1").fetchall()
    except duckdb.CatalogException:
        return False
