"""People on static lists, who get no message of a campaign that excludes the lists."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from stripe_pipeline.errors import UsageError
from stripe_pipeline.segments.lists import ListError, StaticList, read_list


def list_excluded(connection: duckdb.DuckDBPyConnection, paths: Iterable[Path]) -> None:
    """Load the entries of lists as the table `excluded_entries` (key, entry).

    Raises:
        UsageError: a list isn't there any more, or can't be read.
    """
    rows = [entry for path in paths for entry in _entries(path)]
    entries = pa.table(  # noqa: F841 (DuckDB finds it by its name)
        {
            "key": pa.array([key for key, _ in rows], pa.string()),
            "entry": pa.array([entry for _, entry in rows], pa.string()),
        }
    )
    connection.execute("create or replace temp table excluded_entries as from entries")


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each entry of a list with its column; an address is in lower case."""
    try:
        found: StaticList = read_list(path.parents[1], path.name)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                entry = (row[found.key] or "").strip()
                yield found.key, entry.lower() if found.key == "email" else entry
    except (ListError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"The list {path}, which a campaign excludes, can't be read ({error}); mend it."
        ) from None
