"""Reads the rows that a tool has loaded."""

from pathlib import Path

import duckdb

from benchmarks.peers.catalogue import Tables
from benchmarks.truth import RESOURCES, Rows


def read_rows(file: Path, tables: Tables) -> Rows:
    """What stands in a tool's DuckDB file.

    Raises:
        duckdb.Error: the file, a table or a column isn't there.
    """
    with duckdb.connect(str(file), read_only=True) as warehouse:
        return Rows(
            ids={
                name: [row[0] for row in warehouse.execute(tables.ids.format(name=name)).fetchall()]
                for name in RESOURCES
            },
            totals=dict(warehouse.execute(tables.totals).fetchall()),
            lines=dict(warehouse.execute(tables.lines).fetchall()),
        )
