"""Reads the rows that a tool has loaded."""

from pathlib import Path

import duckdb

from benchmarks.peers.catalogue import Tables
from benchmarks.truth import RESOURCES, Rows


def read_rows(folder: Path, tables: Tables) -> Rows:
    """What stands in the folder of a tool that has ended.

    Raises:
        duckdb.Error: the file, a table or a column isn't there.
    """
    file = str(folder / tables.file) if tables.file else ":memory:"
    with duckdb.connect(file, read_only=bool(tables.file)) as warehouse:
        warehouse.execute("set file_search_path = ?", [str(folder)])
        return Rows(
            ids={
                name: [row[0] for row in warehouse.execute(tables.ids.format(name=name)).fetchall()]
                for name in RESOURCES
            },
            totals=dict(warehouse.execute(tables.totals).fetchall()),
            lines=dict(warehouse.execute(tables.lines).fetchall()),
        )
