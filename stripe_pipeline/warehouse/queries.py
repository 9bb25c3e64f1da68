"""Marts that are published as the query that makes them, and how that query is run.

Such a mart is read for one customer at a time, and would be larger than all tables together. Its
query is published in the same set as the tables that it reads, so it fits them.
"""

from pathlib import Path

import duckdb

from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.durable import sync_file
from stripe_pipeline.files.patterns import exactly

SCHEMA = "marts"
QUERIES = ("profile_origins",)


def query_path(folder: Path, mart: str) -> Path:
    """Return the path of a mart's query in a published set."""
    return folder / f"{mart}.sql"


def write_query(warehouse: duckdb.DuckDBPyConnection, mart: str, folder: Path) -> None:
    """Write the query of a mart that is a view, as a statement that creates this view."""
    found = warehouse.execute(
        "select sql from duckdb_views() where schema_name = ? and view_name = ?", [SCHEMA, mart]
    ).fetchone()
    if found is None:
        raise PipelineError(f"{SCHEMA}.{mart} isn't a view; run `stripe-pipeline run`.")
    path = query_path(folder, mart)
    path.write_text(found[0], encoding="utf-8")
    sync_file(path)


def create_views(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, Path], query: Path
) -> None:
    """Create the view of a published query, and those of the tables that it may read.

    `tables` are Parquet files by their names in the warehouse, such as marts.orders.
    """
    for schema in sorted({name.partition(".")[0] for name in tables}):
        connection.execute(f"create schema if not exists {schema}")
    for name, path in tables.items():
        escaped = exactly(path).replace("'", "''")
        connection.execute(f"create view {name} as from read_parquet('{escaped}')")
    connection.execute(query.read_text(encoding="utf-8"))
